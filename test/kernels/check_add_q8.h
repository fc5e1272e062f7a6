/* SPDX-License-Identifier: 0BSD */
/* Cases of add_q8: every repetition of b, every mix of signs, sums that tie, y in place of a or of b. */
#ifndef QCC_CHECK_ADD_Q8_H
#define QCC_CHECK_ADD_Q8_H

#include "bench.h"
#include "check_elements.h"
#include "qcc/add_q8.h"

typedef struct qcc_add_q8_params check_add_q8_params;
struct check_add_q8_call {
  struct qcc_add_q8_data d;
  const uint8_t *a, *b;
  uint8_t *y;
};
#define CHECK_CALL_add_q8(symbol, p, c) symbol(p, (c)->d, (c)->a, (c)->b, (c)->y)
typedef void check_add_q8_run(check_add_q8_params p, const struct check_add_q8_call *c);

static void check_add_q8(struct check_kernel k, check_add_q8_run *run, int64_t (*scratch)(check_add_q8_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  check_add_q8_params p;
  memset(&p, 0, sizeof p);
  p.rows = check_between(1, 4);
  p.columns = check_count();
  p.b_row = check_random() & 1 ? p.columns : 0;
  p.b_column = check_once_in(4) ? 0 : 1;
  p.a_signed = check_random() & 1;
  p.b_signed = check_random() & 1;
  p.y_signed = check_random() & 1;
  p.swapped = check_random() & 1;
  struct check_add_q8_call c;
  c.d.scale_a = check_once_in(3) ? 0.5f : check_float(check_between(-4, 3));
  c.d.scale_b = check_once_in(3) ? 0.5f : check_float(check_between(-4, 3));
  c.d.fixed = check_once_in(3) ? (float)check_zero_point(p.y_signed) : check_float(check_between(-3, 8));
  if (check_once_in(8)) c.d.scale_a = check_float(check_between(18, 60));
  if (check_once_in(4)) c.d.fixed = -c.d.fixed;
  p.full_range = check_range(p.y_signed, &c.d.y_min, &c.d.y_max);
  const size_t count = (size_t)p.rows * (size_t)p.columns;
  const size_t b_count = check_repeated(p.rows, p.columns, p.b_row, p.b_column);
  c.a = check_place(CHECK_X, count, k.slack, 1);
  c.b = check_place(CHECK_X2, b_count, k.slack, 1);
  snprintf(check_now.text, sizeof check_now.text,
           "rows %d columns %d b_row %d b_column %d signs %d %d %d full %d swapped %d | %a %a %a %d..%d", p.rows, p.columns,
           p.b_row, p.b_column, p.a_signed, p.b_signed, p.y_signed, p.full_range, p.swapped, (double)c.d.scale_a,
           (double)c.d.scale_b, (double)c.d.fixed, c.d.y_min, c.d.y_max);
  c.y = check_place(CHECK_WANT, count, 0, 1);
  CHECK_CALL_add_q8(qcc_add_q8__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, count, 0, 1);
  const int same = check_in_place(c.y, c.a, count, c.b, b_count);
  if (same == 1) c.a = c.y;
  if (same == 2) c.b = c.y;
  run(p, &c);
  check_same_bytes();
}

#define CHECK_SCALAR_add_q8 qcc_add_q8__1__scalar
#define BENCH_SHAPES_add_q8(B, symbol)                            \
  B(add_q8, symbol, whole_18816, {1, 18816, 0, 1, 0, 0, 0, 1, 0}) \
  B(add_q8, symbol, row_196x96, {196, 96, 0, 1, 1, 1, 1, 1, 0})
static QCC_MAYBE_UNUSED void bench_add_q8(struct check_kernel k, const char *name, check_add_q8_params p, check_add_q8_run *run,
                                          check_add_q8_run *scalar, int64_t (*scratch)(check_add_q8_params)) {
  const size_t count = (size_t)p.rows * (size_t)p.columns;
  const struct check_add_q8_call c = {{0.7f, 0.6f, 30.0f, p.y_signed ? -128 : 0, p.y_signed ? 127 : 255},
                                      check_place(CHECK_X, count, k.slack, 64),
                                      check_place(CHECK_X2, count, k.slack, 64),
                                      check_place(CHECK_Y, count, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)count, "element", run(p, &c), scalar(p, &c));
}

#endif
