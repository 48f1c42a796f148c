/* The natural logarithm as glibc's logf has it, without a library.
 *
 * x = 2^k z with z from 0.7 to 1.4: the logarithm of a number c near z is in a table, and that of
 * z / c is a polynomial of z / c - 1, in 64-bit fixed point; see tb_fixed.h. */
#ifndef TB_LOGARITHM_F32_H
#define TB_LOGARITHM_F32_H

#include "tb_fixed.h"

/* 1 / c and log c */
static const int64_t tb_logarithms[16][2] = {
    {INT64_C(0x5987b1e7e3cef800), -INT64_C(0x157bf7808caade00)},
    {INT64_C(0x55c7b52abe20f400), -INT64_C(0x12bef0a7c06ddb00)},
    {INT64_C(0x5254e7c3c042c000), -INT64_C(0x101eae7f513a6700)},
    {INT64_C(0x4f2656c2e00e1400), -INT64_C(0xd98ec5341127480)},
    {INT64_C(0x4c34643221929400), -INT64_C(0xb2ba785603bac00)},
    {INT64_C(0x497889ec2e3a8000), -INT64_C(0x8d515e3ce408000)},
    {INT64_C(0x46ed292868d0fc00), -INT64_C(0x6939db3a3039780)},
    {INT64_C(0x448d63c22b96e800), -INT64_C(0x465cf1698473300)},
    {INT64_C(0x4254fd0664029c00), -INT64_C(0x24a5e871c2183c0)},
    {INT64_C(0x4000000000000000), INT64_C(0x0)},
    {INT64_C(0x3cc119fb348f5800), INT64_C(0x354b54bbe4b3080)},
    {INT64_C(0x3949663e04d54000), INT64_C(0x71794ea8d8bad00)},
    {INT64_C(0x36406caed5f9cc00), INT64_C(0xa9372bb906d8400)},
    {INT64_C(0x3385a2c743545a00), INT64_C(0xde143069123b800)},
    {INT64_C(0x310dcc06f083da00), INT64_C(0x11058bc8a07ee100)},
    {INT64_C(0x2ecfb9eaa690c400), INT64_C(0x14043057b6ee0900)}};

static inline float tb_logarithm_f32(float x) {
  uint32_t bits = tb_float_bits(x);
  int32_t k = 0;
  if (bits << 1 == 0) {
    return tb_float_of_bits(0xff800000u); /* minus infinity */
  }
  if (x != x || bits == 0x7f800000u) {
    return x;
  }
  if (bits >> 31) {
    return tb_float_of_bits(0x7fc00000u); /* no number */
  }
  if (bits < 0x800000u) {
    bits = tb_float_bits(x * 8388608.0f);
    k = -23;
  }
  const uint32_t above = bits - 0x3f330000u;
  const int64_t *near = tb_logarithms[above >> 19 & 15];
  k += (int32_t)above >> 23;
  bits -= above & 0xff800000u;
  const int64_t z = (int64_t)((bits & 0x7fffffu) | 0x800000u)
                    << (bits >= 0x3f800000u ? 39 : 38); /* its exponent is 0 or -1 */
  const int64_t r = tb_fixed_multiply(z, near[0]) - TB_FIXED_ONE;
  const int64_t square = tb_fixed_multiply(r, r);
  int64_t y = tb_fixed_multiply(INT64_C(0x15575b0be00b6a00), r) - INT64_C(0x1ffffef20a412300);
  y += tb_fixed_multiply(square, -INT64_C(0x100ea348b8833400));
  y = tb_fixed_multiply(y, square) + r;
  if (k == 0) {
    return tb_fixed_to_float(near[1] + y, 62);
  }
  /* Seven bits less: 150 ln 2 is above 2. */
  return tb_fixed_to_float(k * INT64_C(0x58b90bfbe8e7bc) + ((near[1] + y) >> 7), 55);
}

#endif
