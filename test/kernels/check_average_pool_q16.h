/* SPDX-License-Identifier: 0BSD */
/* Cases of average_pool_q16: windows at borders, sums that tie, results of 8 and 16 bits. */
#ifndef QCC_CHECK_AVERAGE_POOL_Q16_H
#define QCC_CHECK_AVERAGE_POOL_Q16_H

#include "bench.h"
#include "check_pools.h"
#include "check_q16.h"

typedef struct qcc_average_pool_q16_params check_average_pool_q16_params;
struct check_average_pool_q16_call {
  struct qcc_average_pool_q16_data d;
  const int16_t *x;
  const float *mult;
  void *y;
};
#define CHECK_CALL_average_pool_q16(symbol, p, c) symbol(p, (c)->d, (c)->x, (c)->mult, (c)->y)
typedef void check_average_pool_q16_run(check_average_pool_q16_params p, const struct check_average_pool_q16_call *c);

static const float *check_mult_q16(int32_t taps, int ties, float ratio) {
  float *mult = check_place(CHECK_MULT, ((size_t)taps + 1) * 4, 0, 64);
  mult[0] = 0.0f;
  for (int32_t i = 1; i <= taps; i++) mult[i] = ties ? (float)CHECK_PICK(1, 2, 4) / 8.0f : ratio / (float)i;
  return mult;
}

static void check_average_pool_q16(struct check_kernel k, check_average_pool_q16_run *run,
                                   int64_t (*scratch)(check_average_pool_q16_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  const struct qcc_pool_f32_params s = check_pool_shape(k);
  const check_average_pool_q16_params p = {s.n,  s.h,  s.w,  s.c,  s.oh,      s.ow,       s.kh,                s.kw,
                                           s.sh, s.sw, s.dh, s.dw, s.pad_top, s.pad_left, s.count_include_pad,
                                           CHECK_PICK(QCC_ELEMENT_S16, QCC_ELEMENT_S16, QCC_ELEMENT_S8, QCC_ELEMENT_U8)};
  struct check_average_pool_q16_call c;
  check_q16_range(p.y_element, &c.d.y_min, &c.d.y_max);
  c.d.y_zero = p.y_element == QCC_ELEMENT_S16 ? 0 : check_between(check_q16_low(p.y_element), check_q16_high(p.y_element));
  c.x = check_q16_values(CHECK_X, QCC_ELEMENT_S16, check_pool_x(s), k.slack);
  const float ratio = check_once_in(3) ? 1.0f : check_float(check_between(-10, 8));
  c.mult = check_mult_q16(p.kh * p.kw, check_once_in(4), ratio);
  const int at = check_describe_pool(s);
  snprintf(check_now.text + at, sizeof check_now.text - (size_t)at, " element %d zero %d range %d..%d ratio %a", p.y_element,
           c.d.y_zero, c.d.y_min, c.d.y_max, (double)ratio);
  const size_t size = check_element_size(p.y_element);
  c.y = check_place(CHECK_WANT, check_pool_y(s) * size, 0, size);
  CHECK_CALL_average_pool_q16(qcc_average_pool_q16__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, check_pool_y(s) * size, 0, size);
  run(p, &c);
  check_same_bytes();
}

#define CHECK_SCALAR_average_pool_q16 qcc_average_pool_q16__1__scalar
#define BENCH_SHAPES_average_pool_q16(B, symbol) \
  B(average_pool_q16, symbol, global_7x256, {1, 7, 7, 256, 1, 1, 7, 7, 1, 1, 1, 1, 0, 0, 0, QCC_ELEMENT_S16})
static QCC_MAYBE_UNUSED void bench_average_pool_q16(struct check_kernel k, const char *name, check_average_pool_q16_params p,
                                                    check_average_pool_q16_run *run, check_average_pool_q16_run *scalar,
                                                    int64_t (*scratch)(check_average_pool_q16_params)) {
  const size_t count = (size_t)p.n * (size_t)p.oh * (size_t)p.ow * (size_t)p.c;
  const struct check_average_pool_q16_call c = {{0, -32768, 32767},
                                                check_place(CHECK_X, (size_t)p.n * (size_t)p.h * (size_t)p.w * (size_t)p.c * 2, k.slack, 64),
                                                check_mult_q16(p.kh * p.kw, 0, 0.9f),
                                                check_place(CHECK_Y, count * 2, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)count * p.kh * p.kw, "tap", run(p, &c), scalar(p, &c));
}

#endif
