/* SPDX-License-Identifier: 0BSD */
/* Cases of resize_linear_f32: any rows, columns and weights, some outside, against the formula of its contract. */
#ifndef QCC_CHECK_RESIZE_LINEAR_F32_H
#define QCC_CHECK_RESIZE_LINEAR_F32_H

#include "bench.h"
#include "check_elements.h"
#include "qcc/resize_linear_f32.h"

typedef struct qcc_resize_linear_f32_params check_resize_linear_f32_params;
struct check_resize_linear_f32_call {
  struct qcc_resize_linear_f32_data d;
  const float *x;
  const int32_t *row;
  const float *row_weight;
  const int32_t *col;
  const float *col_weight;
  float *y;
};
#define CHECK_CALL_resize_linear_f32(symbol, p, c) \
  symbol(p, (c)->d, (c)->x, (c)->row, (c)->row_weight, (c)->col, (c)->col_weight, (c)->y)
typedef void check_resize_linear_f32_run(check_resize_linear_f32_params p, const struct check_resize_linear_f32_call *c);

/* Pairs of places below `from`. */
static int32_t *check_pairs(int which, int32_t from, int32_t to, int some_outside) {
  int32_t *at = check_place(which, 8 * (size_t)to, 0, 4);
  for (int32_t i = 0; i < to; i++) {
    const int outside = some_outside && check_once_in(5);
    at[2 * i] = outside ? -1 : check_between(0, from - 1);
    at[2 * i + 1] = outside ? -1 : check_between(0, from - 1);
  }
  return at;
}

static void check_resize_linear_f32(struct check_kernel k, check_resize_linear_f32_run *run,
                                    int64_t (*scratch)(check_resize_linear_f32_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  const check_resize_linear_f32_params p = {check_between(1, 2),  check_between(1, 6), check_between(1, 6),
                                            check_between(1, 40), check_between(1, 7), check_between(1, 7)};
  const size_t x_count = (size_t)p.n * (size_t)p.h * (size_t)p.w * (size_t)p.c;
  const size_t y_count = (size_t)p.n * (size_t)p.oh * (size_t)p.ow * (size_t)p.c;
  const int some_outside = check_once_in(3);
  const int32_t *row = check_pairs(CHECK_W, p.h, p.oh, some_outside), *col = check_pairs(CHECK_BIAS, p.w, p.ow, some_outside);
  const struct check_resize_linear_f32_call c = {{3.25f},
                                                 check_floats(CHECK_X, x_count, k.slack, 1.0f),
                                                 row,
                                                 check_floats(CHECK_MULT, 2 * (size_t)p.oh, 0, 0.01f),
                                                 col,
                                                 check_floats(CHECK_TABLE, 2 * (size_t)p.ow, 0, 0.01f),
                                                 check_place(CHECK_Y, y_count * 4, 0, 4)};
  float *want = check_place(CHECK_WANT, y_count * 4, 0, 4);
  snprintf(check_now.text, sizeof check_now.text, "n %d h %d w %d c %d oh %d ow %d outside %d", p.n, p.h, p.w, p.c, p.oh, p.ow,
           some_outside);
  for (size_t at = 0; at < y_count; at++) {
    const int32_t i = (int32_t)(at / (size_t)(p.c * p.ow)) % p.oh, j = (int32_t)(at / (size_t)p.c) % p.ow;
    const size_t n = at / (size_t)(p.c * p.ow * p.oh);
    volatile float sum = 0.0f;
    if (row[2 * i] < 0 || col[2 * j] < 0) {
      want[at] = c.d.outside;
      continue;
    }
    for (int32_t t = 0; t < 4; t++) {
      const int32_t r = 2 * i + t / 2, s = 2 * j + t % 2;
      const size_t from = ((n * (size_t)p.h + (size_t)row[r]) * (size_t)p.w + (size_t)col[s]) * (size_t)p.c + at % (size_t)p.c;
      const volatile float weight = c.col_weight[s] * c.row_weight[r];
      const volatile float product = weight * c.x[from];
      sum = t == 0 ? product : sum + product;
    }
    want[at] = sum;
  }
  run(p, &c);
  check_same_words(1);
}

#define CHECK_SCALAR_resize_linear_f32 qcc_resize_linear_f32__1__scalar
#define BENCH_SHAPES_resize_linear_f32(B, symbol) \
  B(resize_linear_f32, symbol, n28x28x64_to_56x56, {1, 28, 28, 64, 56, 56}) \
  B(resize_linear_f32, symbol, n64x64x21_to_256x256, {1, 64, 64, 21, 256, 256})
static QCC_MAYBE_UNUSED void bench_resize_linear_f32(struct check_kernel k, const char *name, check_resize_linear_f32_params p,
                                                     check_resize_linear_f32_run *run, check_resize_linear_f32_run *scalar,
                                                     int64_t (*scratch)(check_resize_linear_f32_params)) {
  const size_t y_count = (size_t)p.n * (size_t)p.oh * (size_t)p.ow * (size_t)p.c;
  const size_t x_count = (size_t)p.n * (size_t)p.h * (size_t)p.w * (size_t)p.c;
  const struct check_resize_linear_f32_call c = {{0.0f},
                                                 check_floats(CHECK_X, x_count, k.slack, 1.0f),
                                                 check_pairs(CHECK_W, p.h, p.oh, 0),
                                                 check_floats(CHECK_MULT, 2 * (size_t)p.oh, 0, 0.01f),
                                                 check_pairs(CHECK_BIAS, p.w, p.ow, 0),
                                                 check_floats(CHECK_TABLE, 2 * (size_t)p.ow, 0, 0.01f),
                                                 check_place(CHECK_Y, y_count * 4, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)y_count, "element", run(p, &c), scalar(p, &c));
}

#endif
