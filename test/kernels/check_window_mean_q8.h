/* SPDX-License-Identifier: 0BSD */
/* Cases of window_mean_q8: windows at borders, sums that tie, odd zero points. */
#ifndef QCC_CHECK_WINDOW_MEAN_Q8_H
#define QCC_CHECK_WINDOW_MEAN_Q8_H

#include "bench.h"
#include "check_pools.h"

typedef struct qcc_pool_q8_params check_window_mean_q8_params;
struct check_window_mean_q8_call {
  struct qcc_pool_q8_data d;
  const uint8_t *x;
  uint8_t *y;
};
#define CHECK_CALL_window_mean_q8(symbol, p, c) symbol(p, (c)->d, (c)->x, (c)->y)
typedef void check_window_mean_q8_run(check_window_mean_q8_params p, const struct check_window_mean_q8_call *c);

static void check_window_mean_q8(struct check_kernel k, check_window_mean_q8_run *run,
                                  int64_t (*scratch)(check_window_mean_q8_params)) {
  static const char *const words[] = {"UNIT_DILATION", 0};
  check_knows(k, words);
  (void)scratch;
  const struct qcc_pool_f32_params shape = check_pool_shape(k);
  check_window_mean_q8_params p = check_pool_q8_params(shape);
  p.x_signed = check_random() & 1;
  p.y_signed = check_random() & 1;
  struct check_window_mean_q8_call c;
  memset(&c, 0, sizeof c);
  c.d.x_zero = check_zero_point(p.x_signed);
  c.d.y_zero = check_zero_point(p.y_signed);
  check_range(p.y_signed, &c.d.y_min, &c.d.y_max);
  c.x = check_place(CHECK_X, check_pool_x(shape), k.slack, 1);
  const int32_t fill = check_between(0, 4);
  if (fill == 0) memset(check_buffers[CHECK_X].data, p.x_signed ? 127 : 255, check_pool_x(shape));
  if (fill == 1) memset(check_buffers[CHECK_X].data, p.x_signed ? 128 : 0, check_pool_x(shape));
  c.d.x_scale = check_once_in(3) ? 0.25f : check_float(check_between(-24, 12));
  c.d.y_scale = check_once_in(3) ? 0.5f : check_once_in(3) ? c.d.x_scale : check_float(check_between(-24, 12));
  const int at = check_describe_pool(shape);
  snprintf(check_now.text + at, sizeof check_now.text - (size_t)at, " signed %d %d zero %d %d range %d..%d scales %a %a", p.x_signed,
           p.y_signed, c.d.x_zero, c.d.y_zero, c.d.y_min, c.d.y_max, (double)c.d.x_scale,
           (double)c.d.y_scale);
  c.y = check_place(CHECK_WANT, check_pool_y(shape), 0, 1);
  CHECK_CALL_window_mean_q8(qcc_window_mean_q8__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, check_pool_y(shape), 0, 1);
  run(p, &c);
  check_same_bytes();
}

#define CHECK_SCALAR_window_mean_q8 qcc_window_mean_q8__1__scalar
#define BENCH_SHAPES_window_mean_q8(B, symbol)                                  \
  B(window_mean_q8, symbol, k2s2_28x128, BENCH_POOL_Q8(28, 128, 14, 2, 2, 0))  \
  B(window_mean_q8, symbol, k3s1_28x192, BENCH_POOL_Q8(28, 192, 28, 3, 1, 1))
static QCC_MAYBE_UNUSED void bench_window_mean_q8(struct check_kernel k, const char *name, check_window_mean_q8_params p,
                                                   check_window_mean_q8_run *run, check_window_mean_q8_run *scalar,
                                                   int64_t (*scratch)(check_window_mean_q8_params)) {
  const struct qcc_pool_f32_params shape = check_pool_f32_params(p);
  const struct check_window_mean_q8_call c = {{.x_zero = 120, .y_zero = 128, .y_max = 255, .x_scale = 0.02f, .y_scale = 0.02f},
                                               check_place(CHECK_X, check_pool_x(shape), k.slack, 64),
                                               check_place(CHECK_Y, check_pool_y(shape), 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)check_pool_y(shape) * p.kh * p.kw, "tap", run(p, &c), scalar(p, &c));
}

#endif
