/* SPDX-License-Identifier: 0BSD */
/* Cases of average_pool_fixed_s16. */
#ifndef QCC_CHECK_AVERAGE_POOL_FIXED_S16_H
#define QCC_CHECK_AVERAGE_POOL_FIXED_S16_H

#include "check_pools_s16.h"

typedef check_pool_s16_params check_average_pool_fixed_s16_params;
#define check_average_pool_fixed_s16_call check_pool_s16_call
#define CHECK_CALL_average_pool_fixed_s16 CHECK_CALL_POOL_S16

static void check_average_pool_fixed_s16(struct check_kernel k, check_pool_s16_run *run, int64_t (*scratch)(check_pool_s16_params)) {
  (void)scratch;
  check_pool_s16(k, run, qcc_average_pool_fixed_s16__1__scalar);
}

#define CHECK_SCALAR_average_pool_fixed_s16 qcc_average_pool_fixed_s16__1__scalar
#define BENCH_SHAPES_average_pool_fixed_s16(B, symbol) \
  B(average_pool_fixed_s16, symbol, k3s2_56x64, BENCH_POOL_Q8(56, 64, 28, 3, 2, 1)) \
  B(average_pool_fixed_s16, symbol, global_7x256, BENCH_POOL_Q8(7, 256, 1, 7, 1, 0))
static QCC_MAYBE_UNUSED void bench_average_pool_fixed_s16(struct check_kernel k, const char *name, check_pool_s16_params p, check_pool_s16_run *run,
                                       check_pool_s16_run *scalar, int64_t (*scratch)(check_pool_s16_params)) {
  (void)scratch;
  bench_pool_s16(k, name, p, run, scalar);
}

#endif
