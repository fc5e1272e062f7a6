/* SPDX-License-Identifier: 0BSD */
/* Cases of resize_linear_fixed_q8: any rows and columns, weights that add up to 1024, ties and weights below 0 among them. */
#ifndef QCC_CHECK_RESIZE_LINEAR_FIXED_Q8_H
#define QCC_CHECK_RESIZE_LINEAR_FIXED_Q8_H

#include "bench.h"
#include "check_elements.h"
#include "qcc/resize_linear_fixed_q8.h"

typedef struct qcc_resize_linear_fixed_q8_params check_resize_linear_fixed_q8_params;
struct check_resize_linear_fixed_q8_call {
  const uint8_t *x;
  const int32_t *row, *row_weight, *col, *col_weight;
  uint8_t *y;
};
#define CHECK_CALL_resize_linear_fixed_q8(symbol, p, c) \
  symbol(p, (c)->x, (c)->row, (c)->row_weight, (c)->col, (c)->col_weight, (c)->y)
typedef void check_resize_linear_fixed_q8_run(check_resize_linear_fixed_q8_params p,
                                              const struct check_resize_linear_fixed_q8_call *c);

/* Pairs of places below `from`. */
static int32_t *check_fixed_places(int which, int32_t from, int32_t to) {
  int32_t *at = check_place(which, 8 * (size_t)to, 0, 4);
  for (int32_t i = 0; i < 2 * to; i++) at[i] = check_between(0, from - 1);
  return at;
}

static int32_t *check_fixed_weights(int which, int32_t to) {
  int32_t *weight = check_place(which, 8 * (size_t)to, 0, 4);
  for (int32_t i = 0; i < to; i++) {
    weight[2 * i] = check_once_in(3) ? CHECK_PICK(0, 256, 512, 1024, 1536, -512) : check_between(-512, 1536);
    weight[2 * i + 1] = 1024 - weight[2 * i];
  }
  return weight;
}

static struct check_resize_linear_fixed_q8_call check_resize_fixed_call(struct check_kernel k, check_resize_linear_fixed_q8_params p) {
  const struct check_resize_linear_fixed_q8_call c = {check_place(CHECK_X, (size_t)p.n * (size_t)p.h * (size_t)p.w * (size_t)p.c, k.slack, 1),
                                                      check_fixed_places(CHECK_W, p.h, p.oh),
                                                      check_fixed_weights(CHECK_MULT, p.oh),
                                                      check_fixed_places(CHECK_BIAS, p.w, p.ow),
                                                      check_fixed_weights(CHECK_TABLE, p.ow),
                                                      0};
  return c;
}

static void check_resize_linear_fixed_q8(struct check_kernel k, check_resize_linear_fixed_q8_run *run,
                                         int64_t (*scratch)(check_resize_linear_fixed_q8_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  const check_resize_linear_fixed_q8_params p = {check_between(1, 2), check_between(1, 6), check_between(1, 6),  check_between(1, 70),
                                                 check_between(1, 7), check_between(1, 7), check_between(0, 1)};
  const size_t y_count = (size_t)p.n * (size_t)p.oh * (size_t)p.ow * (size_t)p.c;
  struct check_resize_linear_fixed_q8_call c = check_resize_fixed_call(k, p);
  c.y = check_place(CHECK_WANT, y_count, 0, 1);
  snprintf(check_now.text, sizeof check_now.text, "n %d h %d w %d c %d oh %d ow %d signed %d", p.n, p.h, p.w, p.c, p.oh, p.ow,
           p.x_signed);
  CHECK_CALL_resize_linear_fixed_q8(qcc_resize_linear_fixed_q8__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, y_count, 0, 1);
  run(p, &c);
  check_same_bytes();
}

#define CHECK_SCALAR_resize_linear_fixed_q8 qcc_resize_linear_fixed_q8__1__scalar
#define BENCH_SHAPES_resize_linear_fixed_q8(B, symbol)                                        \
  B(resize_linear_fixed_q8, symbol, n28x28x64_to_56x56, {1, 28, 28, 64, 56, 56, 1}) \
  B(resize_linear_fixed_q8, symbol, n33x33x21_to_257x257, {1, 33, 33, 21, 257, 257, 1})
static QCC_MAYBE_UNUSED void bench_resize_linear_fixed_q8(struct check_kernel k, const char *name,
                                                          check_resize_linear_fixed_q8_params p,
                                                          check_resize_linear_fixed_q8_run *run,
                                                          check_resize_linear_fixed_q8_run *scalar,
                                                          int64_t (*scratch)(check_resize_linear_fixed_q8_params)) {
  const size_t y_count = (size_t)p.n * (size_t)p.oh * (size_t)p.ow * (size_t)p.c;
  struct check_resize_linear_fixed_q8_call c = check_resize_fixed_call(k, p);
  c.y = check_place(CHECK_Y, y_count, 0, 64);
  (void)scratch;
  BENCH(k.symbol, name, (double)y_count, "element", run(p, &c), scalar(p, &c));
}

#endif
