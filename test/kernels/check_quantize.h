/* SPDX-License-Identifier: 0BSD */
/* Cases of quantize: both layouts; ties, infinities, NaN, subnormals; reduced ranges. */
#ifndef QCC_CHECK_QUANTIZE_H
#define QCC_CHECK_QUANTIZE_H

#include "bench.h"
#include "check_elements.h"
#include "qcc/quantize.h"

typedef struct qcc_quantize_params check_quantize_params;
struct check_quantize_call {
  struct qcc_quantize_data d;
  const float *x;
  uint8_t *y;
};
#define CHECK_CALL_quantize(symbol, p, c) symbol(p, (c)->d, (c)->x, (c)->y)
typedef void check_quantize_run(check_quantize_params p, const struct check_quantize_call *c);

static void check_quantize(struct check_kernel k, check_quantize_run *run, int64_t (*scratch)(check_quantize_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  check_quantize_params p;
  memset(&p, 0, sizeof p);
  p.outer = check_between(1, 3);
  const int transposed = check_random() & 1;
  p.columns = transposed && check_random() & 1 ? check_between(1, 5) : check_count();
  p.rows = transposed ? check_between(1, 70) : check_between(1, 4);
  p.x_row = transposed ? 1 : p.columns;
  p.x_column = transposed ? p.rows : 1;
  p.y_signed = check_random() & 1;
  struct check_quantize_call c;
  c.d.scale = check_once_in(3) ? 0.25f : check_float(check_between(-24, 12));
  c.d.zero = check_zero_point(p.y_signed);
  check_range(p.y_signed, &c.d.y_min, &c.d.y_max);
  const size_t count = (size_t)p.outer * (size_t)p.rows * (size_t)p.columns;
  c.x = check_floats(CHECK_X, count, k.slack, c.d.scale);
  snprintf(check_now.text, sizeof check_now.text, "outer %d rows %d columns %d x_row %d x_column %d | scale %a zero %d %d..%d",
           p.outer, p.rows, p.columns, p.x_row, p.x_column, (double)c.d.scale, c.d.zero, c.d.y_min, c.d.y_max);
  c.y = check_place(CHECK_WANT, count, 0, 1);
  CHECK_CALL_quantize(qcc_quantize__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, count, 0, 1);
  run(p, &c);
  check_same_bytes();
}

#define CHECK_SCALAR_quantize qcc_quantize__1__scalar
#define BENCH_SHAPES_quantize(B, symbol)                               \
  B(quantize, symbol, plain_150528, {1, 1, 150528, 150528, 1, 0})      \
  B(quantize, symbol, chw_to_hwc_3x50176, {1, 50176, 3, 1, 50176, 0})  \
  B(quantize, symbol, chw_to_hwc_64x3136, {1, 3136, 64, 1, 3136, 1})
static QCC_MAYBE_UNUSED void bench_quantize(struct check_kernel k, const char *name, check_quantize_params p,
                                            check_quantize_run *run, check_quantize_run *scalar,
                                            int64_t (*scratch)(check_quantize_params)) {
  const size_t count = (size_t)p.rows * (size_t)p.columns;
  float *x = check_place(CHECK_X, count * 4, k.slack, 64);
  for (size_t i = 0; i < count; i++) x[i] = check_float(check_between(-3, 1)) * (check_random() & 1 ? 1.0f : -1.0f);
  const struct check_quantize_call c = {
      {0.0187f, p.y_signed ? 0 : 114, p.y_signed ? -128 : 0, p.y_signed ? 127 : 255}, x, check_place(CHECK_Y, count, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)count, "element", run(p, &c), scalar(p, &c));
}

#endif
