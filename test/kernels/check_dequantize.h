/* SPDX-License-Identifier: 0BSD */
/* Cases of dequantize: u8, s8, s32; both layouts. */
#ifndef QCC_CHECK_DEQUANTIZE_H
#define QCC_CHECK_DEQUANTIZE_H

#include "bench.h"
#include "check_elements.h"
#include "qcc/dequantize.h"

typedef struct qcc_dequantize_params check_dequantize_params;
struct check_dequantize_call {
  struct qcc_dequantize_data d;
  const void *x;
  float *y;
};
#define CHECK_CALL_dequantize(symbol, p, c) symbol(p, (c)->d, (c)->x, (c)->y)
typedef void check_dequantize_run(check_dequantize_params p, const struct check_dequantize_call *c);

static void check_dequantize(struct check_kernel k, check_dequantize_run *run, int64_t (*scratch)(check_dequantize_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  check_dequantize_params p;
  memset(&p, 0, sizeof p);
  p.outer = check_between(1, 3);
  const int transposed = check_random() & 1;
  p.columns = transposed && check_random() & 1 ? check_between(1, 5) : check_count();
  p.rows = transposed ? check_between(1, 70) : check_between(1, 4);
  p.x_row = transposed ? 1 : p.columns;
  p.x_column = transposed ? p.rows : 1;
  p.element = check_between(0, 2);
  struct check_dequantize_call c;
  c.d.scale = check_once_in(3) ? 0.25f : check_float(check_between(-126, 12));
  c.d.zero = p.element == 2 ? 0 : check_zero_point(p.element == 1);
  const size_t count = (size_t)p.outer * (size_t)p.rows * (size_t)p.columns, size = p.element == 2 ? 4 : 1;
  c.x = check_place(CHECK_X, count * size, k.slack, size);
  snprintf(check_now.text, sizeof check_now.text, "outer %d rows %d columns %d x_row %d x_column %d element %d | scale %a zero %d",
           p.outer, p.rows, p.columns, p.x_row, p.x_column, p.element, (double)c.d.scale, c.d.zero);
  c.y = check_place(CHECK_WANT, count * 4, 0, 4);
  CHECK_CALL_dequantize(qcc_dequantize__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, count * 4, 0, 4);
  run(p, &c);
  check_same_words(1);
}

#define CHECK_SCALAR_dequantize qcc_dequantize__1__scalar
#define BENCH_SHAPES_dequantize(B, symbol)                             \
  B(dequantize, symbol, plain_u8_50176, {1, 1, 50176, 50176, 1, 0})    \
  B(dequantize, symbol, hwc_to_chw_64x784, {1, 64, 784, 1, 64, 1})
static QCC_MAYBE_UNUSED void bench_dequantize(struct check_kernel k, const char *name, check_dequantize_params p,
                                              check_dequantize_run *run, check_dequantize_run *scalar,
                                              int64_t (*scratch)(check_dequantize_params)) {
  const size_t count = (size_t)p.rows * (size_t)p.columns;
  const struct check_dequantize_call c = {{0.0187f, 3}, check_place(CHECK_X, count * 4, k.slack, 64),
                                          check_place(CHECK_Y, count * 4, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)count, "element", run(p, &c), scalar(p, &c));
}

#endif
