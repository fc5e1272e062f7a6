/* SPDX-License-Identifier: 0BSD */
/* Cases of softmax_q8: rows around vectors and batches, exponentials of several scales, steps of y that leave its range, ties
 * (rows of equal values), y in place of x. */
#ifndef QCC_CHECK_SOFTMAX_Q8_H
#define QCC_CHECK_SOFTMAX_Q8_H

#include "bench.h"
#include "check_elements.h"
#include "qcc/math.h"
#include "qcc/softmax_q8.h"

typedef struct qcc_softmax_q8_params check_softmax_q8_params;
struct check_softmax_q8_call {
  struct qcc_softmax_q8_data d;
  const uint8_t *x;
  const float *table;
  uint8_t *y;
};
#define CHECK_CALL_softmax_q8(symbol, p, c) symbol(p, (c)->d, (c)->x, (c)->table, (c)->y)
typedef void check_softmax_q8_run(check_softmax_q8_params p, const struct check_softmax_q8_call *c);

/* The compiler's table: exponentials of steps of `scale`, as large as `dim` of them allow. */
static const float *check_softmax_q8_table(double scale, int32_t dim) {
  float *table = check_place(CHECK_TABLE, 256 * 4, 0, 4);
  const double top = (double)qcc_logf(3.4028234663852886e38f / (float)dim) - 5.0;
  for (int32_t i = 0; i < 256; i++) table[i] = (float)qcc_exp((i - 255) * scale + top);
  return table;
}

static void check_softmax_q8(struct check_kernel k, check_softmax_q8_run *run, int64_t (*scratch)(check_softmax_q8_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  const check_softmax_q8_params p = {check_between(1, 9), check_count(), check_once_in(4) ? check_between(2, 5) : 1,
                                     check_random() & 1 ? 1 : 0};
  const size_t count = (size_t)p.outer * (size_t)p.dim * (size_t)p.inner;
  struct check_softmax_q8_call c;
  c.d.steps = (float)CHECK_PICK(255, 256, 256, 128, 1, 100000);
  c.d.y_zero = check_zero_point(check_random() & 1);
  check_range(c.d.y_zero < 0, &c.d.y_min, &c.d.y_max);
  const double scale = 1.0 / (double)check_between(1, 400);
  uint8_t *x = check_place(CHECK_X, count, k.slack, 1);
  const int32_t width = check_between(1, 255), low = check_between(0, 255 - width);
  for (size_t i = 0; i < count; i++) x[i] = (uint8_t)((check_once_in(8) ? low + width : check_between(low, low + width)) ^ (p.x_signed ? 128 : 0));
  if (check_once_in(5)) memset(x, check_between(0, 255), count);
  c.x = x;
  c.table = check_softmax_q8_table(scale, p.dim);
  snprintf(check_now.text, sizeof check_now.text, "outer %d dim %d inner %d signed %d steps %g zero %d range %d..%d scale %g",
           p.outer, p.dim, p.inner, p.x_signed, (double)c.d.steps, c.d.y_zero, c.d.y_min, c.d.y_max, scale);
  c.y = check_place(CHECK_WANT, count, 0, 1);
  CHECK_CALL_softmax_q8(qcc_softmax_q8__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, count, 0, 1);
  if (check_once_in(3)) {
    memcpy(c.y, c.x, count);
    c.x = c.y;
  }
  run(p, &c);
  check_same_bytes();
}

#define CHECK_SCALAR_softmax_q8 qcc_softmax_q8__1__scalar
#define BENCH_SHAPES_softmax_q8(B, symbol) B(softmax_q8, symbol, attention_512x128, {512, 128, 1, 0})
static QCC_MAYBE_UNUSED void bench_softmax_q8(struct check_kernel k, const char *name, check_softmax_q8_params p,
                                              check_softmax_q8_run *run, check_softmax_q8_run *scalar,
                                              int64_t (*scratch)(check_softmax_q8_params)) {
  const size_t count = (size_t)p.outer * (size_t)p.dim;
  uint8_t *x = check_place(CHECK_X, count, k.slack, 64);
  for (size_t i = 0; i < count; i++) x[i] = (uint8_t)check_between(0, 255);
  const struct check_softmax_q8_call c = {{256.0f, 0, 0, 255}, x, check_softmax_q8_table(0.02, p.dim), check_place(CHECK_Y, count, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)count, "element", run(p, &c), scalar(p, &c));
}

#endif
