/* SPDX-License-Identifier: 0BSD */
/* Cases of normalize_f32: slices side by side of lengths around vectors, scale and bias for each element or each slice, all
 * forms, y in place of x, hostile floats. */
#ifndef QCC_CHECK_NORMALIZE_F32_H
#define QCC_CHECK_NORMALIZE_F32_H

#include "bench.h"
#include "check_elements.h"
#include "qcc/normalize_f32.h"

typedef struct qcc_normalize_f32_params check_normalize_f32_params;
struct check_normalize_f32_call {
  struct qcc_normalize_f32_data d;
  const float *x, *scale, *bias;
  float *y;
};
#define CHECK_CALL_normalize_f32(symbol, p, c) symbol(p, (c)->d, (c)->x, (c)->scale, (c)->bias, (c)->y)
typedef void check_normalize_f32_run(check_normalize_f32_params p, const struct check_normalize_f32_call *c);

static void check_normalize_f32(struct check_kernel k, check_normalize_f32_run *run,
                                int64_t (*scratch)(check_normalize_f32_params)) {
  static const char *const words[] = {"CONTIGUOUS", 0};
  check_knows(k, words);
  (void)scratch;
  const int32_t row = check_count(), k0 = check_between(1, 3), k1 = check_between(1, 3), k2 = check_between(1, 4);
  /* Dimensions k0 k1 k2 row; scale and bias leave some of them out. */
  const int32_t stride[3] = {k1 * k2 * row, k2 * row, row};
  int32_t of[2][4];
  size_t held[2];
  for (int32_t i = 0; i < 2; i++) {
    const int32_t whole = check_once_in(4), each = check_once_in(3) ? 0 : 1;
    for (int32_t j = 0; j < 3; j++) of[i][j] = whole ? (each ? stride[j] : stride[j] / row) : 0;
    of[i][3] = each;
    held[i] = (whole ? (size_t)(k0 * k1 * k2) : 1) * (size_t)(each ? row : 1);
  }
  const int32_t gap = check_once_in(3) ? check_between(1, 5) : 0;
  const check_normalize_f32_params p = {k0,       k1,       k2,       k1 * k2 * (row + gap), k2 * (row + gap), row + gap, of[0][0],
                                        of[0][1], of[0][2], of[1][0], of[1][1],              of[1][2],         1,         1,
                                        row,      0,        0,        1,                     0,                0,         of[0][3],
                                        0,        0,        of[1][3], check_once_in(3) ? 0 : 1, check_random() & 1, check_random() & 1};
  const size_t count = (size_t)(k0 * k1 * k2) * (size_t)(row + gap);
  struct check_normalize_f32_call c = {{check_once_in(4) ? 0.0f : 1e-5f},
                                       check_floats(CHECK_X, count, k.slack, 1.0f),
                                       check_floats(CHECK_W, held[0], k.slack, 1.0f),
                                       check_floats(CHECK_BIAS, held[1], k.slack, 1.0f),
                                       0};
  snprintf(check_now.text, sizeof check_now.text, "rows %d %d %d of %d, gap %d, scale %d %d bias %d %d centred %d bias %d spelled %d",
           k0, k1, k2, row, gap, of[0][2], of[0][3], of[1][2], of[1][3], p.centred, p.has_bias, p.spelled);
  float *want = check_place(CHECK_WANT, count * 4, 0, 4), *y = check_place(CHECK_Y, count * 4, 0, 4);
  memset(want, 0, count * 4);
  memset(y, 0, count * 4);
  c.y = want;
  CHECK_CALL_normalize_f32(qcc_normalize_f32__1__scalar, p, &c);
  c.y = y;
  if (check_once_in(3)) {
    memcpy(y, c.x, count * 4);
    c.x = y;
    for (size_t i = 0; i < count; i++)
      if (i % (size_t)(row + gap) >= (size_t)row) want[i] = y[i];
  }
  run(p, &c);
  check_same_words(1);
}

#define CHECK_SCALAR_normalize_f32 qcc_normalize_f32__1__scalar
#define BENCH_ROWS_NORMALIZE_F32(spelled) \
  {1, 1, 128, 0, 0, 256, 0, 0, 0, 0, 0, 0, 1, 1, 256, 0, 0, 1, 0, 0, 1, 0, 0, 1, 1, 1, spelled}
#define BENCH_SHAPES_normalize_f32(B, symbol)                                        \
  B(normalize_f32, symbol, layer_128x256, BENCH_ROWS_NORMALIZE_F32(0))               \
  B(normalize_f32, symbol, spelled_layer_128x256, BENCH_ROWS_NORMALIZE_F32(1))
static QCC_MAYBE_UNUSED void bench_normalize_f32(struct check_kernel k, const char *name, check_normalize_f32_params p,
                                                 check_normalize_f32_run *run, check_normalize_f32_run *scalar,
                                                 int64_t (*scratch)(check_normalize_f32_params)) {
  const size_t count = (size_t)p.k2 * (size_t)p.r2;
  const struct check_normalize_f32_call c = {{1e-5f},
                                             check_floats(CHECK_X, count, k.slack, 1.0f),
                                             check_floats(CHECK_W, (size_t)p.r2, k.slack, 1.0f),
                                             check_floats(CHECK_BIAS, (size_t)p.r2, k.slack, 1.0f),
                                             check_place(CHECK_Y, count * 4, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)count, "element", run(p, &c), scalar(p, &c));
}

#endif
