/* SPDX-License-Identifier: 0BSD */
/* Cases of the float pools, which share parameters and contract: hostile floats, windows at borders. */
#ifndef QCC_CHECK_POOLS_F32_H
#define QCC_CHECK_POOLS_F32_H

#include "bench.h"
#include "check_pools.h"

typedef struct qcc_pool_f32_params check_pool_params_f32;
struct check_pool_f32_call {
  const float *x;
  float *y;
};
#define CHECK_CALL_POOL_F32(symbol, p, c) symbol(p, (c)->x, (c)->y)
typedef void check_pool_f32_run(check_pool_params_f32 p, const struct check_pool_f32_call *c);

static void check_pool_f32(struct check_kernel k, check_pool_f32_run *run, qcc_max_pool_f32_fn *scalar) {
  static const char *const words[] = {"UNIT_DILATION", 0};
  check_knows(k, words);
  const check_pool_params_f32 p = check_pool_shape(k);
  struct check_pool_f32_call c = {check_floats(CHECK_X, check_pool_x(p), k.slack, 1.0f), 0};
  check_describe_pool(p);
  c.y = check_place(CHECK_WANT, check_pool_y(p) * 4, 0, 4);
  CHECK_CALL_POOL_F32(scalar, p, &c);
  c.y = check_place(CHECK_Y, check_pool_y(p) * 4, 0, 4);
  run(p, &c);
  check_same_words(1);
}

static QCC_MAYBE_UNUSED void bench_pool_f32(struct check_kernel k, const char *name, check_pool_params_f32 p,
                                            check_pool_f32_run *run, check_pool_f32_run *scalar) {
  float *x = check_place(CHECK_X, check_pool_x(p) * 4, k.slack, 64);
  for (size_t i = 0; i < check_pool_x(p); i++) x[i] = check_float(check_between(-3, 1));
  const struct check_pool_f32_call c = {x, check_place(CHECK_Y, check_pool_y(p) * 4, 0, 64)};
  BENCH(k.symbol, name, (double)check_pool_y(p) * p.kh * p.kw, "tap", run(p, &c), scalar(p, &c));
}

#endif
