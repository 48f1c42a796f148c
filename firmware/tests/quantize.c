/* quantize.h at its edges; the exported tables hold the ordinary values. */
#include "quantize.h"

#include "board.h"
#include "text.h"

#define INFINITE (1e30f * 1e30f)

struct edge {
  float x, scale;
  int32_t zero_point, code;
};

/* All saturate to [-128, 127]. */
static const struct edge edges[] = {
    {0.0f, 0.5f, -3, -3},
    {-0.0f, 0.5f, -3, -3},
    {0.25f, 0.5f, 0, 1},
    {-0.25f, 0.5f, 0, -1},
    {0.75f, 0.5f, 10, 12},
    {-0.75f, 0.5f, 10, 8},
    {0x1.fffffep-2f, 1.0f, 0, 0},
    {-0x1.fffffep-2f, 1.0f, 0, 0},
    {0x1.000002p-1f, 1.0f, 0, 1},
    {127.49f, 1.0f, 0, 127},
    {127.5f, 1.0f, 0, 127},
    {-128.5f, 1.0f, 0, -128},
    {-1000.0f, 1.0f, 127, -128},
    {1000.0f, 1.0f, -128, 127},
    {1e38f, 1.0f, -128, 127},
    {-1e38f, 1.0f, 127, -128},
    {1e38f, 0x1p-20f, -128, 127},
    {16777215.0f, 1.0f, 0, 127},
    {16777216.0f, 1.0f, 0, 127},
    {1e-45f, 1.0f, 5, 5},
};

static int wrong(float x, float scale, int32_t zero_point, int32_t code) {
  return model_quantize(x, scale, zero_point, -128, 127) != code;
}

static int wrong_limits(void) {
  /* volatile: made when the program runs, so no compiler warns of the constants. */
  volatile float zero = 0.0f, infinite = INFINITE;
  return wrong(zero * infinite, 1.0f, -7, -7) + wrong(infinite, 1.0f, -7, 127) +
         wrong(-infinite, 1.0f, -7, -128) +
         (model_quantize(1e9f, 1.0f, 0, -32768, 32767) != 32767) +
         (model_quantize(-200.0f, 1.0f, 0, -32768, 32767) != -200) +
         (model_dequantize(-128, 0x1.8p-6f, 127) != -0x1.7e8p2f);
}

int main(void) {
  int errors = 0;
  board_init();
  for (uint32_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
    const struct edge *edge = &edges[i];
    if (!wrong(edge->x, edge->scale, edge->zero_point, edge->code)) continue;
    board_write("wrong code for edge ");
    write_number(i);
    board_write("\n");
    errors++;
  }
  errors += wrong_limits();
  return errors != 0;
}
