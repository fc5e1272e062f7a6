/* SPDX-License-Identifier: 0BSD */
/* Cases of average_pool_fixed_s16: windows at borders, sums that tie, of both signs. */
#ifndef QCC_CHECK_AVERAGE_POOL_FIXED_S16_H
#define QCC_CHECK_AVERAGE_POOL_FIXED_S16_H

#include "bench.h"
#include "check_pools.h"
#include "check_q16.h"
#include "qcc/fixed_s16.h"

typedef struct qcc_pool_q8_params check_average_pool_fixed_s16_params;
struct check_average_pool_fixed_s16_call {
  struct qcc_pool_q8_data d;
  const int16_t *x;
  int16_t *y;
};
#define CHECK_CALL_average_pool_fixed_s16(symbol, p, c) symbol(p, (c)->d, (c)->x, (c)->y)
typedef void check_average_pool_fixed_s16_run(check_average_pool_fixed_s16_params p, const struct check_average_pool_fixed_s16_call *c);

static void check_average_pool_fixed_s16(struct check_kernel k, check_average_pool_fixed_s16_run *run, int64_t (*scratch)(check_average_pool_fixed_s16_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  const struct qcc_pool_f32_params shape = check_pool_shape(k);
  const check_average_pool_fixed_s16_params p = check_pool_q8_params(shape);
  struct check_average_pool_fixed_s16_call c;
  memset(&c, 0, sizeof c);
  check_q16_range(QCC_ELEMENT_S16, &c.d.y_min, &c.d.y_max);
  c.x = check_q16_values(CHECK_X, QCC_ELEMENT_S16, check_pool_x(shape), k.slack);
  const int at = check_describe_pool(shape);
  snprintf(check_now.text + at, sizeof check_now.text - (size_t)at, " range %d..%d", c.d.y_min, c.d.y_max);
  c.y = check_place(CHECK_WANT, check_pool_y(shape) * 2, 0, 2);
  CHECK_CALL_average_pool_fixed_s16(qcc_average_pool_fixed_s16__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, check_pool_y(shape) * 2, 0, 2);
  run(p, &c);
  check_same_bytes();
}

#define CHECK_SCALAR_average_pool_fixed_s16 qcc_average_pool_fixed_s16__1__scalar
#define BENCH_SHAPES_average_pool_fixed_s16(B, symbol)                                 \
  B(average_pool_fixed_s16, symbol, k3s2_56x64, BENCH_POOL_Q8(56, 64, 28, 3, 2, 1)) \
  B(average_pool_fixed_s16, symbol, global_7x256, BENCH_POOL_Q8(7, 256, 1, 7, 1, 0))
static QCC_MAYBE_UNUSED void bench_average_pool_fixed_s16(struct check_kernel k, const char *name, check_average_pool_fixed_s16_params p,
                                               check_average_pool_fixed_s16_run *run, check_average_pool_fixed_s16_run *scalar,
                                               int64_t (*scratch)(check_average_pool_fixed_s16_params)) {
  const struct qcc_pool_f32_params shape = check_pool_f32_params(p);
  const struct check_average_pool_fixed_s16_call c = {{.y_min = -32768, .y_max = 32767},
                                           check_place(CHECK_X, check_pool_x(shape) * 2, k.slack, 64),
                                           check_place(CHECK_Y, check_pool_y(shape) * 2, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)check_pool_y(shape) * p.kh * p.kw, "tap", run(p, &c), scalar(p, &c));
}

#endif
