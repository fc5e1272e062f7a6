/* SPDX-License-Identifier: 0BSD */
/* Cases of add_q16: every mix of elements, every repetition of b, sums that tie, y in place of a. */
#ifndef QCC_CHECK_ADD_Q16_H
#define QCC_CHECK_ADD_Q16_H

#include "bench.h"
#include "check_q16.h"

typedef struct qcc_add_q16_params check_add_q16_params;
struct check_add_q16_call {
  struct qcc_add_q16_data d;
  const void *a, *b;
  void *y;
};
#define CHECK_CALL_add_q16(symbol, p, c) symbol(p, (c)->d, (c)->a, (c)->b, (c)->y)
typedef void check_add_q16_run(check_add_q16_params p, const struct check_add_q16_call *c);

static void check_add_q16(struct check_kernel k, check_add_q16_run *run, int64_t (*scratch)(check_add_q16_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  const struct check_q16_pair q = check_q16_pair();
  const check_add_q16_params p = {q.rows, q.columns, q.b_row, q.b_column, q.a_element, q.b_element, q.y_element, check_random() & 1};
  struct check_add_q16_call c;
  c.d.scale_a = check_once_in(3) ? 0.5f : check_float(check_between(-10, 3));
  c.d.scale_b = check_once_in(3) ? 0.5f : check_float(check_between(-10, 3));
  c.d.fixed = check_once_in(3) ? 0.0f : check_float(check_between(-3, 8));
  if (check_once_in(8)) c.d.scale_a = check_float(check_between(18, 60));
  check_q16_range(p.y_element, &c.d.y_min, &c.d.y_max);
  c.a = check_q16_values(CHECK_X, p.a_element, check_q16_count(q), k.slack);
  c.b = check_q16_values(CHECK_X2, p.b_element, check_q16_b_count(q), k.slack);
  snprintf(check_now.text, sizeof check_now.text,
           "rows %d columns %d b_row %d b_column %d elements %d %d %d swapped %d | %a %a %a %d..%d", p.rows, p.columns, p.b_row,
           p.b_column, p.a_element, p.b_element, p.y_element, p.swapped, (double)c.d.scale_a, (double)c.d.scale_b,
           (double)c.d.fixed, c.d.y_min, c.d.y_max);
  const size_t size = check_element_size(p.y_element);
  c.y = check_place(CHECK_WANT, check_q16_count(q) * size, 0, size);
  CHECK_CALL_add_q16(qcc_add_q16__1__scalar, p, &c);
  c.y = check_q16_y(q, &c.a);
  run(p, &c);
  check_same_bytes();
}

#define CHECK_SCALAR_add_q16 qcc_add_q16__1__scalar
#define BENCH_SHAPES_add_q16(B, symbol) \
  B(add_q16, symbol, whole_18816, {1, 18816, 0, 1, QCC_ELEMENT_S16, QCC_ELEMENT_S16, QCC_ELEMENT_S16, 0})
static QCC_MAYBE_UNUSED void bench_add_q16(struct check_kernel k, const char *name, check_add_q16_params p,
                                           check_add_q16_run *run, check_add_q16_run *scalar,
                                           int64_t (*scratch)(check_add_q16_params)) {
  const size_t count = (size_t)p.rows * (size_t)p.columns;
  const struct check_add_q16_call c = {{0.7f, 0.6f, 0.0f, -32768, 32767},
                                       check_place(CHECK_X, count * 2, k.slack, 64),
                                       check_place(CHECK_X2, count * 2, k.slack, 64),
                                       check_place(CHECK_Y, count * 2, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)count, "element", run(p, &c), scalar(p, &c));
}

#endif
