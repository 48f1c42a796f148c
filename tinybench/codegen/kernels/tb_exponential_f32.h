/* e^x as glibc's expf has it, without a library: for exp, logistic, softmax.
 *
 * x = (k + r) ln 2 / 32 with |r| <= 1/2: the result is 2^(k / 32) from a table times a polynomial of
 * r, in 64-bit fixed point; see tb_fixed.h. */
#ifndef TB_EXPONENTIAL_F32_H
#define TB_EXPONENTIAL_F32_H

#include "tb_fixed.h"

/* 2^(i / 32) */
static const int64_t tb_powers_of_two[32] = {
    INT64_C(0x4000000000000000), INT64_C(0x4166c34c5615d000), INT64_C(0x42d561b3e6243c00),
    INT64_C(0x444c0740496d4400), INT64_C(0x45cae0f1f545ec00), INT64_C(0x47521cc5a2e6a800),
    INT64_C(0x48e1e9b9d588e000), INT64_C(0x4a7a77d47f7b8400), INT64_C(0x4c1bf828c6dc5400),
    INT64_C(0x4dc69cdceaa72c00), INT64_C(0x4f7a993048d08800), INT64_C(0x513821818624b400),
    INT64_C(0x52ff6b54d8a89c00), INT64_C(0x54d0ad5a753e0800), INT64_C(0x56ac1f752150a400),
    INT64_C(0x5891fac0e9561400), INT64_C(0x5a827999fcef3400), INT64_C(0x5c7dd7a3b17dd000),
    INT64_C(0x5e8451cfac061c00), INT64_C(0x6096266533384c00), INT64_C(0x62b39508aa836c00),
    INT64_C(0x64dcdec337179400), INT64_C(0x6712460a8fc24000), INT64_C(0x69540ec8f8957400),
    INT64_C(0x6ba27e656b4eb400), INT64_C(0x6dfddbcbed791c00), INT64_C(0x70666f76154a7000),
    INT64_C(0x72dc8373be41a400), INT64_C(0x75606373ee921c00), INT64_C(0x77f25ccdee6d7c00),
    INT64_C(0x7a92be8a92436800), INT64_C(0x7d41d96db9150000)};

static inline float tb_exponential_f32(float x) {
  if (x != x) {
    return x;
  }
  /* Beyond, the result is infinite or zero, as it is at these ends. */
  x = x > 89 ? 89 : x < -104 ? -104 : x;
  const uint32_t bits = tb_float_bits(x);
  const uint32_t mantissa = (bits & 0x7fffffu) | 0x800000u;
  const uint32_t shift = 137 - (bits >> 23 & 0xff);
  /* 32 / ln 2 is 0xb8aa3b295c17f000 / 2^58; 47 places are left of the product. */
  const uint64_t product = ((uint64_t)mantissa * 0xb8aa3b29u << 8) +
                           ((uint64_t)mantissa * 0x5c17f000u >> 24);
  const int64_t size = shift > 63 ? 0 : (int64_t)(product >> shift);
  const int64_t scaled = x < 0 ? -size : size;
  const int64_t k = (scaled + ((int64_t)1 << 46)) >> 47;
  const int64_t r = (scaled - k * ((int64_t)1 << 47)) * ((int32_t)1 << 15);
  int64_t y = INT64_C(0x3d7f9ca1f589e) + ((r >> 32) * 0x71abe12e >> 18);
  y = INT64_C(0x162e42ff0c52d60) + tb_fixed_multiply(r, y);
  y = TB_FIXED_ONE + tb_fixed_multiply(r, y);
  return tb_fixed_to_float(tb_fixed_multiply(y, tb_powers_of_two[k & 31]), (int32_t)(62 - (k >> 5)));
}

#endif
