/* SPDX-License-Identifier: 0BSD */
/* Cases of mean_fixed_q8: channels around a register, counts around 256, sums that are all least or all largest. */
#ifndef QCC_CHECK_MEAN_FIXED_Q8_H
#define QCC_CHECK_MEAN_FIXED_Q8_H

#include "bench.h"
#include "check_elements.h"
#include "qcc/mean_fixed_q8.h"

typedef struct qcc_mean_fixed_q8_params check_mean_fixed_q8_params;
struct check_mean_fixed_q8_call {
  struct qcc_mean_fixed_q8_data d;
  const int8_t *x;
  int8_t *y;
};
#define CHECK_CALL_mean_fixed_q8(symbol, p, c) symbol(p, (c)->d, (c)->x, (c)->y)
typedef void check_mean_fixed_q8_run(check_mean_fixed_q8_params p, const struct check_mean_fixed_q8_call *c);

static void check_mean_fixed_q8(struct check_kernel k, check_mean_fixed_q8_run *run,
                                int64_t (*scratch)(check_mean_fixed_q8_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  const check_mean_fixed_q8_params p = {check_between(1, 3), CHECK_PICK(1, 7, 49, 255, 256, 257, 512, 600), check_between(1, 70)};
  const size_t x_count = (size_t)p.outer * (size_t)p.count * (size_t)p.inner, y_count = (size_t)p.outer * (size_t)p.inner;
  struct check_mean_fixed_q8_call c;
  c.d.x_zero = check_zero_point(1);
  c.d.y_zero = check_zero_point(1);
  c.d.multiplier = check_once_in(3) ? 1 << CHECK_PICK(29, 30) : check_between(1 << 28, INT32_MAX);
  c.d.shift = CHECK_PICK(1, 0, -1, -3, -6, -8, -10, -31);
  check_range(1, &c.d.y_min, &c.d.y_max);
  c.x = check_place(CHECK_X, x_count, k.slack, 1);
  snprintf(check_now.text, sizeof check_now.text, "outer %d count %d inner %d | x_zero %d y_zero %d multiplier %d shift %d range %d..%d",
           p.outer, p.count, p.inner, c.d.x_zero, c.d.y_zero, c.d.multiplier, c.d.shift, c.d.y_min, c.d.y_max);
  c.y = check_place(CHECK_WANT, y_count, 0, 1);
  CHECK_CALL_mean_fixed_q8(qcc_mean_fixed_q8__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, y_count, 0, 1);
  run(p, &c);
  check_same_bytes();
}

#define CHECK_SCALAR_mean_fixed_q8 qcc_mean_fixed_q8__1__scalar
#define BENCH_SHAPES_mean_fixed_q8(B, symbol)              \
  B(mean_fixed_q8, symbol, mean_7x7x1280, {1, 49, 1280}) \
  B(mean_fixed_q8, symbol, mean_28x28x72, {1, 784, 72})
static QCC_MAYBE_UNUSED void bench_mean_fixed_q8(struct check_kernel k, const char *name, check_mean_fixed_q8_params p,
                                                 check_mean_fixed_q8_run *run, check_mean_fixed_q8_run *scalar,
                                                 int64_t (*scratch)(check_mean_fixed_q8_params)) {
  const size_t count = (size_t)p.outer * (size_t)p.count * (size_t)p.inner;
  const struct check_mean_fixed_q8_call c = {{-128, -128, 1402433620, -5, -128, 127},
                                             check_place(CHECK_X, count, k.slack, 64),
                                             check_place(CHECK_Y, (size_t)p.outer * (size_t)p.inner, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)count, "element", run(p, &c), scalar(p, &c));
}

#endif
