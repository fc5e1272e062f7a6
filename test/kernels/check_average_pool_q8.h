/* SPDX-License-Identifier: 0BSD */
/* Cases of average_pool_q8: windows at borders, sums that tie, odd zero points. */
#ifndef QCC_CHECK_AVERAGE_POOL_Q8_H
#define QCC_CHECK_AVERAGE_POOL_Q8_H

#include "bench.h"
#include "check_pools.h"

typedef struct qcc_pool_q8_params check_average_pool_q8_params;
struct check_average_pool_q8_call {
  struct qcc_pool_q8_data d;
  const uint8_t *x;
  const float *mult;
  uint8_t *y;
};
#define CHECK_CALL_average_pool_q8(symbol, p, c) symbol(p, (c)->d, (c)->x, (c)->mult, (c)->y)
typedef void check_average_pool_q8_run(check_average_pool_q8_params p, const struct check_average_pool_q8_call *c);

static const float *check_average_mult(int32_t taps, int ties, float ratio) {
  float *mult = check_place(CHECK_MULT, ((size_t)taps + 1) * 4, 0, 64);
  mult[0] = 0.0f;
  for (int32_t i = 1; i <= taps; i++) mult[i] = ties ? (float)CHECK_PICK(1, 2, 4) / 8.0f : ratio / (float)i;
  return mult;
}

static void check_average_pool_q8(struct check_kernel k, check_average_pool_q8_run *run,
                                  int64_t (*scratch)(check_average_pool_q8_params)) {
  static const char *const words[] = {"UNIT_DILATION", "AT_MOST_256_TAPS", 0};
  check_knows(k, words);
  (void)scratch;
  const struct qcc_pool_f32_params shape = check_pool_shape(k);
  check_average_pool_q8_params p = check_pool_q8_params(shape);
  p.x_signed = check_random() & 1;
  p.y_signed = check_random() & 1;
  struct check_average_pool_q8_call c;
  memset(&c, 0, sizeof c);
  c.d.x_zero = check_zero_point(p.x_signed);
  c.d.y_zero = check_zero_point(p.y_signed);
  check_range(p.y_signed, &c.d.y_min, &c.d.y_max);
  c.x = check_place(CHECK_X, check_pool_x(shape), k.slack, 1);
  const int32_t fill = check_between(0, 4);
  if (fill == 0) memset(check_buffers[CHECK_X].data, p.x_signed ? 127 : 255, check_pool_x(shape));
  if (fill == 1) memset(check_buffers[CHECK_X].data, p.x_signed ? 128 : 0, check_pool_x(shape));
  const float ratio = check_once_in(3) ? 1.0f : check_float(check_between(-3, 30));
  c.mult = check_average_mult(p.kh * p.kw, check_once_in(4), ratio);
  const int at = check_describe_pool(shape);
  snprintf(check_now.text + at, sizeof check_now.text - (size_t)at, " signed %d %d zero %d %d range %d..%d ratio %a", p.x_signed,
           p.y_signed, c.d.x_zero, c.d.y_zero, c.d.y_min, c.d.y_max, (double)ratio);
  c.y = check_place(CHECK_WANT, check_pool_y(shape), 0, 1);
  CHECK_CALL_average_pool_q8(qcc_average_pool_q8__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, check_pool_y(shape), 0, 1);
  run(p, &c);
  check_same_bytes();
}

#define CHECK_SCALAR_average_pool_q8 qcc_average_pool_q8__1__scalar
#define BENCH_SHAPES_average_pool_q8(B, symbol)                                  \
  B(average_pool_q8, symbol, global_7x1280, BENCH_POOL_Q8(7, 1280, 1, 7, 1, 0))  \
  B(average_pool_q8, symbol, k3s1_28x192, BENCH_POOL_Q8(28, 192, 28, 3, 1, 1))
static QCC_MAYBE_UNUSED void bench_average_pool_q8(struct check_kernel k, const char *name, check_average_pool_q8_params p,
                                                   check_average_pool_q8_run *run, check_average_pool_q8_run *scalar,
                                                   int64_t (*scratch)(check_average_pool_q8_params)) {
  const struct qcc_pool_f32_params shape = check_pool_f32_params(p);
  const struct check_average_pool_q8_call c = {{.x_zero = 120, .y_zero = 128, .y_max = 255},
                                               check_place(CHECK_X, check_pool_x(shape), k.slack, 64),
                                               check_average_mult(p.kh * p.kw, 0, 0.9f),
                                               check_place(CHECK_Y, check_pool_y(shape), 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)check_pool_y(shape) * p.kh * p.kw, "tap", run(p, &c), scalar(p, &c));
}

#endif
