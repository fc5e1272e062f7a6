/* SPDX-License-Identifier: 0BSD */
/* Cases of reduce_f32: every function over rows, over columns and over three dimensions, hostile floats. */
#ifndef QCC_CHECK_REDUCE_F32_H
#define QCC_CHECK_REDUCE_F32_H

#include "bench.h"
#include "check_elements.h"
#include "qcc/reduce.h"

typedef struct qcc_reduce_params check_reduce_f32_params;
struct check_reduce_f32_call {
  const float *x;
  float *y;
};
#define CHECK_CALL_reduce_f32(symbol, p, c) symbol(p, (c)->x, (c)->y)
typedef void check_reduce_f32_run(check_reduce_f32_params p, const struct check_reduce_f32_call *c);

static void check_reduce_f32(struct check_kernel k, check_reduce_f32_run *run, int64_t (*scratch)(check_reduce_f32_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  /* Dimensions k0 k1 k2 r0 r1 r2 laid out in one of four orders, the last of which lies side by side. */
  static const uint8_t orders[4][6] = {{0, 1, 2, 3, 4, 5}, {0, 1, 3, 4, 5, 2}, {3, 0, 4, 1, 5, 2}, {0, 3, 1, 4, 2, 5}};
  const uint8_t *order = orders[check_between(0, 3)];
  int32_t d[6], stride[6], count = check_once_in(6) ? 2 : 1;
  for (int32_t i = 0; i < 6; i++) d[i] = check_random() & 1 ? 1 : check_between(1, 4);
  if (check_random() & 1) d[5] = check_count();
  if (check_random() & 1) d[2] = check_between(1, 40);
  if (check_random() & 1) d[3] = d[4] = 1;
  for (int32_t i = 5; i >= 0; i--) {
    stride[order[i]] = count;
    count *= d[order[i]];
  }
  const check_reduce_f32_params p = {check_between(QCC_REDUCE_SUM, QCC_REDUCE_LOG_SUM_EXP), d[0], d[1], d[2], stride[0], stride[1],
                                     stride[2], d[3], d[4], d[5], stride[3], stride[4], stride[5]};
  struct check_reduce_f32_call c = {check_floats(CHECK_X, (size_t)count, k.slack, 1.0f), 0};
  snprintf(check_now.text, sizeof check_now.text, "fn %d k %d %d %d by %d %d %d r %d %d %d by %d %d %d", p.fn, p.k0, p.k1, p.k2,
           p.ks0, p.ks1, p.ks2, p.r0, p.r1, p.r2, p.rs0, p.rs1, p.rs2);
  const size_t bytes = (size_t)p.k0 * (size_t)p.k1 * (size_t)p.k2 * 4;
  c.y = check_place(CHECK_WANT, bytes, 0, 4);
  CHECK_CALL_reduce_f32(qcc_reduce_f32__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, bytes, 0, 4);
  run(p, &c);
  check_same_words(1);
}

#define CHECK_SCALAR_reduce_f32 qcc_reduce_f32__1__scalar
#define BENCH_SHAPES_reduce_f32(B, symbol)                                                            \
  B(reduce_f32, symbol, mean_128x256, {QCC_REDUCE_MEAN, 1, 1, 128, 0, 0, 256, 1, 1, 256, 0, 0, 1})    \
  B(reduce_f32, symbol, mean_49x512_columns, {QCC_REDUCE_MEAN, 1, 1, 512, 0, 0, 1, 1, 1, 49, 0, 0, 512})
static QCC_MAYBE_UNUSED void bench_reduce_f32(struct check_kernel k, const char *name, check_reduce_f32_params p,
                                              check_reduce_f32_run *run, check_reduce_f32_run *scalar,
                                              int64_t (*scratch)(check_reduce_f32_params)) {
  const size_t count = (size_t)p.k2 * (size_t)p.r2;
  const struct check_reduce_f32_call c = {check_floats(CHECK_X, count, k.slack, 1.0f), check_place(CHECK_Y, (size_t)p.k2 * 4, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)count, "element", run(p, &c), scalar(p, &c));
}

#endif
