/* SPDX-License-Identifier: 0BSD */
/* Cases of max_pool_f32. */
#ifndef QCC_CHECK_MAX_POOL_F32_H
#define QCC_CHECK_MAX_POOL_F32_H

#include "check_pools_f32.h"

typedef check_pool_params_f32 check_max_pool_f32_params;
#define check_max_pool_f32_call check_pool_f32_call
#define CHECK_CALL_max_pool_f32 CHECK_CALL_POOL_F32

static void check_max_pool_f32(struct check_kernel k, check_pool_f32_run *run, int64_t (*scratch)(check_pool_params_f32)) {
  (void)scratch;
  check_pool_f32(k, run, qcc_max_pool_f32__1__scalar);
}

#define CHECK_SCALAR_max_pool_f32 qcc_max_pool_f32__1__scalar
#define BENCH_SHAPES_max_pool_f32(B, symbol)                               \
  B(max_pool_f32, symbol, k3s2_56x64, BENCH_POOL_F32(56, 64, 28, 3, 2, 1)) \
  B(max_pool_f32, symbol, global_7x1280, BENCH_POOL_F32(7, 1280, 1, 7, 1, 0))
static QCC_MAYBE_UNUSED void bench_max_pool_f32(struct check_kernel k, const char *name, check_pool_params_f32 p,
                                               check_pool_f32_run *run, check_pool_f32_run *scalar,
                                               int64_t (*scratch)(check_pool_params_f32)) {
  (void)scratch;
  bench_pool_f32(k, name, p, run, scalar);
}

#endif
