/* SPDX-License-Identifier: 0BSD */
/* Cases of max_pool_q8. */
#ifndef QCC_CHECK_MAX_POOL_Q8_H
#define QCC_CHECK_MAX_POOL_Q8_H

#include "bench.h"
#include "check_pools.h"

typedef struct qcc_pool_q8_params check_max_pool_q8_params;
struct check_max_pool_q8_call {
  struct qcc_pool_q8_data d;
  const uint8_t *x;
  uint8_t *y;
};
#define CHECK_CALL_max_pool_q8(symbol, p, c) symbol(p, (c)->d, (c)->x, (c)->y)
typedef void check_max_pool_q8_run(check_max_pool_q8_params p, const struct check_max_pool_q8_call *c);

static void check_max_pool_q8(struct check_kernel k, check_max_pool_q8_run *run,
                              int64_t (*scratch)(check_max_pool_q8_params)) {
  static const char *const words[] = {"UNIT_DILATION", 0};
  check_knows(k, words);
  (void)scratch;
  const struct qcc_pool_f32_params shape = check_pool_shape(k);
  check_max_pool_q8_params p = check_pool_q8_params(shape);
  p.x_signed = p.y_signed = check_random() & 1;
  struct check_max_pool_q8_call c = {{.y_min = p.x_signed ? -128 : 0, .y_max = p.x_signed ? 127 : 255},
                                     check_place(CHECK_X, check_pool_x(shape), k.slack, 1),
                                     check_place(CHECK_WANT, check_pool_y(shape), 0, 1)};
  const int at = check_describe_pool(shape);
  snprintf(check_now.text + at, sizeof check_now.text - (size_t)at, " signed %d", p.x_signed);
  CHECK_CALL_max_pool_q8(qcc_max_pool_q8__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, check_pool_y(shape), 0, 1);
  run(p, &c);
  check_same_bytes();
}

#define CHECK_SCALAR_max_pool_q8 qcc_max_pool_q8__1__scalar
#define BENCH_SHAPES_max_pool_q8(B, symbol)                                  \
  B(max_pool_q8, symbol, k3s2_112x64, BENCH_POOL_Q8(112, 64, 56, 3, 2, 1))   \
  B(max_pool_q8, symbol, k2s2_28x16, BENCH_POOL_Q8(28, 16, 14, 2, 2, 0))
static QCC_MAYBE_UNUSED void bench_max_pool_q8(struct check_kernel k, const char *name, check_max_pool_q8_params p,
                                               check_max_pool_q8_run *run, check_max_pool_q8_run *scalar,
                                               int64_t (*scratch)(check_max_pool_q8_params)) {
  const struct qcc_pool_f32_params shape = check_pool_f32_params(p);
  const struct check_max_pool_q8_call c = {{.y_max = 255},
                                           check_place(CHECK_X, check_pool_x(shape), k.slack, 64),
                                           check_place(CHECK_Y, check_pool_y(shape), 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)check_pool_y(shape) * p.kh * p.kw, "tap", run(p, &c), scalar(p, &c));
}

#endif
