/* SPDX-License-Identifier: 0BSD */
/* Cases of linear_stored: 8 and 4 bits, with and without zero points, blocks, rows of every length; hostile floats. */
#ifndef QCC_CHECK_LINEAR_STORED_H
#define QCC_CHECK_LINEAR_STORED_H

#include "bench.h"
#include "check_elements.h"
#include "qcc/stored_rows.h"

typedef struct qcc_linear_stored_params check_linear_stored_params;
struct check_linear_stored_call {
  const float *x;
  const uint8_t *w;
  const float *scales;
  const int32_t *zeros;
  const float *bias;
  float *y;
};
#define CHECK_CALL_linear_stored(symbol, p, c) symbol(p, (c)->x, (c)->w, (c)->scales, (c)->zeros, (c)->bias, (c)->y)
typedef void check_linear_stored_run(check_linear_stored_params p, const struct check_linear_stored_call *c);

/* Everything but x and y. */
static QCC_MAYBE_UNUSED struct check_linear_stored_call check_linear_stored_weights(check_linear_stored_params p, size_t slack) {
  const size_t bytes = (size_t)p.n * (size_t)qcc_stored_row_bytes(p.k, p.bits);
  const size_t blocks = (size_t)p.n * (size_t)((p.k + p.block - 1) / p.block);
  uint8_t *w = check_place(CHECK_W, bytes, slack, 1);
  int32_t *zeros = p.has_zero ? check_place(CHECK_TABLE, blocks * 4, 0, 4) : 0;
  for (size_t i = 0; i < bytes; i++) w[i] = (uint8_t)check_random();
  for (size_t i = 0; p.has_zero && i < blocks; i++) zeros[i] = check_between(p.is_signed ? -8 : 0, p.bits == 8 ? 255 : 15);
  return (struct check_linear_stored_call){0, w, check_floats(CHECK_MULT, blocks, 0, 1e-3f), zeros,
                                           p.has_bias ? check_floats(CHECK_BIAS, (size_t)p.n, 0, 0.1f) : 0, 0};
}

static void check_linear_stored(struct check_kernel k, check_linear_stored_run *run,
                                int64_t (*scratch)(check_linear_stored_params)) {
  static const char *const words[] = {"BLOCK_OF_8", 0};
  check_knows(k, words);
  (void)scratch;
  check_linear_stored_params p;
  memset(&p, 0, sizeof p);
  p.m = check_between(1, 8), p.n = check_between(1, 14);
  p.k = check_random() & 1 ? check_between(1, 24) : check_between(1, 150);
  p.bits = check_random() & 1 ? 8 : 4;
  p.is_signed = check_random() & 1, p.has_zero = check_random() & 1, p.has_bias = check_random() & 1;
  p.block = check_random() & 1 ? p.k : check_needs(k, "BLOCK_OF_8") ? 8 * check_between(1, 6) : check_between(1, 40);
  struct check_linear_stored_call c = check_linear_stored_weights(p, k.slack);
  const size_t bytes = (size_t)p.m * (size_t)p.n * 4;
  c.x = check_floats(CHECK_X, (size_t)p.m * (size_t)p.k, k.slack, 0.1f);
  snprintf(check_now.text, sizeof check_now.text, "m %d n %d k %d block %d bits %d signed %d zero %d bias %d", p.m, p.n, p.k,
           p.block, p.bits, p.is_signed, p.has_zero, p.has_bias);
  c.y = check_place(CHECK_WANT, bytes, 0, 4);
  CHECK_CALL_linear_stored(qcc_linear_stored__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, bytes, 0, 4);
  run(p, &c);
  check_same_words(1);
}

#define CHECK_SCALAR_linear_stored qcc_linear_stored__1__scalar
#define BENCH_SHAPES_linear_stored(B, symbol)                                     \
  B(linear_stored, symbol, s8_1x512x512, {1, 512, 512, 512, 8, 1, 0, 1})          \
  B(linear_stored, symbol, s4_1x512x512, {1, 512, 512, 32, 4, 1, 0, 1})           \
  B(linear_stored, symbol, s8_64x256x256, {64, 256, 256, 256, 8, 1, 0, 1})
static QCC_MAYBE_UNUSED void bench_linear_stored(struct check_kernel k, const char *name, check_linear_stored_params p,
                                                 check_linear_stored_run *run, check_linear_stored_run *scalar,
                                                 int64_t (*scratch)(check_linear_stored_params)) {
  struct check_linear_stored_call c = check_linear_stored_weights(p, k.slack);
  (void)scratch;
  c.x = check_floats(CHECK_X, (size_t)p.m * (size_t)p.k, k.slack, 1e-3f);
  c.y = check_place(CHECK_Y, (size_t)p.m * (size_t)p.n * 4, 0, 64);
  BENCH(k.symbol, name, (double)p.m * p.n * p.k, "MAC", run(p, &c), scalar(p, &c));
}

#endif
