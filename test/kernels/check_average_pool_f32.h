/* SPDX-License-Identifier: 0BSD */
/* Cases of average_pool_f32: hostile floats, windows at borders. */
#ifndef QCC_CHECK_AVERAGE_POOL_F32_H
#define QCC_CHECK_AVERAGE_POOL_F32_H

#include "bench.h"
#include "check_pools.h"

typedef struct qcc_pool_f32_params check_average_pool_f32_params;
struct check_average_pool_f32_call {
  const float *x;
  float *y;
};
#define CHECK_CALL_average_pool_f32(symbol, p, c) symbol(p, (c)->x, (c)->y)
typedef void check_average_pool_f32_run(check_average_pool_f32_params p, const struct check_average_pool_f32_call *c);

static void check_average_pool_f32(struct check_kernel k, check_average_pool_f32_run *run,
                              int64_t (*scratch)(check_average_pool_f32_params)) {
  static const char *const words[] = {"UNIT_DILATION", 0};
  check_knows(k, words);
  (void)scratch;
  const check_average_pool_f32_params p = check_pool_shape(k);
  struct check_average_pool_f32_call c = {check_floats(CHECK_X, check_pool_x(p), k.slack, 1.0f), 0};
  check_describe_pool(p);
  c.y = check_place(CHECK_WANT, check_pool_y(p) * 4, 0, 4);
  CHECK_CALL_average_pool_f32(qcc_average_pool_f32__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, check_pool_y(p) * 4, 0, 4);
  run(p, &c);
  check_same_words(1);
}

#define CHECK_SCALAR_average_pool_f32 qcc_average_pool_f32__1__scalar
#define BENCH_SHAPES_average_pool_f32(B, symbol)                                  \
  B(average_pool_f32, symbol, k3s2_56x64, BENCH_POOL_F32(56, 64, 28, 3, 2, 1))    \
  B(average_pool_f32, symbol, global_7x1280, BENCH_POOL_F32(7, 1280, 1, 7, 1, 0))
static QCC_MAYBE_UNUSED void bench_average_pool_f32(struct check_kernel k, const char *name, check_average_pool_f32_params p,
                                               check_average_pool_f32_run *run, check_average_pool_f32_run *scalar,
                                               int64_t (*scratch)(check_average_pool_f32_params)) {
  float *x = check_place(CHECK_X, check_pool_x(p) * 4, k.slack, 64);
  for (size_t i = 0; i < check_pool_x(p); i++) x[i] = check_float(check_between(-3, 1));
  const struct check_average_pool_f32_call c = {x, check_place(CHECK_Y, check_pool_y(p) * 4, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)check_pool_y(p) * p.kh * p.kw, "tap", run(p, &c), scalar(p, &c));
}

#endif
