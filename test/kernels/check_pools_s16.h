/* SPDX-License-Identifier: 0BSD */
/* Cases of the pools of fixed_s16.h, which share parameters, data and contract: windows at borders, every range. */
#ifndef QCC_CHECK_POOLS_S16_H
#define QCC_CHECK_POOLS_S16_H

#include "bench.h"
#include "check_pools.h"
#include "check_q16.h"
#include "qcc/fixed_s16.h"

typedef struct qcc_pool_q8_params check_pool_s16_params;
struct check_pool_s16_call {
  struct qcc_pool_q8_data d;
  const int16_t *x;
  int16_t *y;
};
#define CHECK_CALL_POOL_S16(symbol, p, c) symbol(p, (c)->d, (c)->x, (c)->y)
typedef void check_pool_s16_run(check_pool_s16_params p, const struct check_pool_s16_call *c);

static void check_pool_s16(struct check_kernel k, check_pool_s16_run *run, qcc_max_pool_s16_fn *scalar) {
  static const char *const words[] = {0};
  check_knows(k, words);
  const struct qcc_pool_f32_params shape = check_pool_shape(k);
  const check_pool_s16_params p = check_pool_q8_params(shape);
  struct check_pool_s16_call c;
  memset(&c, 0, sizeof c);
  check_q16_range(QCC_ELEMENT_S16, &c.d.y_min, &c.d.y_max);
  c.x = check_q16_values(CHECK_X, QCC_ELEMENT_S16, check_pool_x(shape), k.slack);
  const int at = check_describe_pool(shape);
  snprintf(check_now.text + at, sizeof check_now.text - (size_t)at, " range %d..%d", c.d.y_min, c.d.y_max);
  c.y = check_place(CHECK_WANT, check_pool_y(shape) * 2, 0, 2);
  CHECK_CALL_POOL_S16(scalar, p, &c);
  c.y = check_place(CHECK_Y, check_pool_y(shape) * 2, 0, 2);
  run(p, &c);
  check_same_bytes();
}

static QCC_MAYBE_UNUSED void bench_pool_s16(struct check_kernel k, const char *name, check_pool_s16_params p, check_pool_s16_run *run,
                                            check_pool_s16_run *scalar) {
  const struct qcc_pool_f32_params shape = check_pool_f32_params(p);
  const struct check_pool_s16_call c = {{.y_min = -32768, .y_max = 32767},
                                        check_place(CHECK_X, check_pool_x(shape) * 2, k.slack, 64),
                                        check_place(CHECK_Y, check_pool_y(shape) * 2, 0, 64)};
  BENCH(k.symbol, name, (double)check_pool_y(shape) * p.kh * p.kw, "tap", run(p, &c), scalar(p, &c));
}

#endif
