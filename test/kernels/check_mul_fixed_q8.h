/* SPDX-License-Identifier: 0BSD */
/* Cases of mul_fixed_q8: every repetition of b, every mix of signs, shifts either way, products that tie, y in place of a or of b. */
#ifndef QCC_CHECK_MUL_FIXED_Q8_H
#define QCC_CHECK_MUL_FIXED_Q8_H

#include "bench.h"
#include "check_fixed.h"
#include "qcc/mul_fixed_q8.h"

typedef struct qcc_mul_fixed_q8_params check_mul_fixed_q8_params;
struct check_mul_fixed_q8_call {
  struct qcc_mul_fixed_q8_data d;
  const uint8_t *a, *b;
  uint8_t *y;
};
#define CHECK_CALL_mul_fixed_q8(symbol, p, c) symbol(p, (c)->d, (c)->a, (c)->b, (c)->y)
typedef void check_mul_fixed_q8_run(check_mul_fixed_q8_params p, const struct check_mul_fixed_q8_call *c);

static void check_mul_fixed_q8(struct check_kernel k, check_mul_fixed_q8_run *run, int64_t (*scratch)(check_mul_fixed_q8_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  check_mul_fixed_q8_params p;
  memset(&p, 0, sizeof p);
  p.rows = check_between(1, 4);
  p.columns = check_count();
  p.b_row = check_random() & 1 ? p.columns : 0;
  p.b_column = check_once_in(4) ? 0 : 1;
  p.a_signed = check_random() & 1;
  p.b_signed = check_random() & 1;
  const int32_t y_signed = check_random() & 1;
  struct check_mul_fixed_q8_call c;
  int32_t fixed[2];
  check_convolution_fixed(fixed, 65025, check_between(0, 7));
  c.d.multiplier = fixed[0];
  c.d.shift = fixed[1];
  c.d.a_zero = check_zero_point(p.a_signed);
  c.d.b_zero = check_zero_point(p.b_signed);
  c.d.y_zero = check_zero_point(y_signed);
  (void)check_range(y_signed, &c.d.y_min, &c.d.y_max);
  const size_t count = (size_t)p.rows * (size_t)p.columns;
  const size_t b_count = check_repeated(p.rows, p.columns, p.b_row, p.b_column);
  c.a = check_place(CHECK_X, count, k.slack, 1);
  c.b = check_place(CHECK_X2, b_count, k.slack, 1);
  snprintf(check_now.text, sizeof check_now.text,
           "rows %d columns %d b_row %d b_column %d signs %d %d | zeros %d %d %d multiplier %d shift %d range %d..%d", p.rows, p.columns,
           p.b_row, p.b_column, p.a_signed, p.b_signed, c.d.a_zero, c.d.b_zero, c.d.y_zero, c.d.multiplier, c.d.shift, c.d.y_min,
           c.d.y_max);
  c.y = check_place(CHECK_WANT, count, 0, 1);
  CHECK_CALL_mul_fixed_q8(qcc_mul_fixed_q8__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, count, 0, 1);
  const int same = check_in_place(c.y, c.a, count, c.b, b_count);
  if (same == 1) c.a = c.y;
  if (same == 2) c.b = c.y;
  run(p, &c);
  check_same_bytes();
}

#define CHECK_SCALAR_mul_fixed_q8 qcc_mul_fixed_q8__1__scalar
#define BENCH_SHAPES_mul_fixed_q8(B, symbol)                   \
  B(mul_fixed_q8, symbol, whole_18816, {1, 18816, 0, 1, 1, 1}) \
  B(mul_fixed_q8, symbol, row_784x72, {784, 72, 0, 1, 1, 1})   \
  B(mul_fixed_q8, symbol, row_49x960, {49, 960, 0, 1, 1, 1})
static QCC_MAYBE_UNUSED void bench_mul_fixed_q8(struct check_kernel k, const char *name, check_mul_fixed_q8_params p,
                                                check_mul_fixed_q8_run *run, check_mul_fixed_q8_run *scalar,
                                                int64_t (*scratch)(check_mul_fixed_q8_params)) {
  const size_t count = (size_t)p.rows * (size_t)p.columns;
  const struct check_mul_fixed_q8_call c = {{-128, -128, -128, 1402433620, -7, -128, 127},
                                            check_place(CHECK_X, count, k.slack, 64),
                                            check_place(CHECK_X2, count, k.slack, 64),
                                            check_place(CHECK_Y, count, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)count, "element", run(p, &c), scalar(p, &c));
}

#endif
