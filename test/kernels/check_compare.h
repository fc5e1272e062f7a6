/* SPDX-License-Identifier: 0BSD */
/* Cases of compare: every comparison of every element, NaN and extremes. */
#ifndef QCC_CHECK_COMPARE_H
#define QCC_CHECK_COMPARE_H

#include "bench.h"
#include "check_elements.h"
#include "qcc/elementwise.h"

typedef struct qcc_binary_params check_compare_params;
struct check_compare_call {
  const void *a, *b;
  uint8_t *y;
};
#define CHECK_CALL_compare(symbol, p, c) symbol(p, (c)->a, (c)->b, (c)->y)
typedef void check_compare_run(check_compare_params p, const struct check_compare_call *c);

static void check_compare(struct check_kernel k, check_compare_run *run, int64_t (*scratch)(check_compare_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  int32_t d[6], a[6], b[6];
  const size_t count = check_dims(d);
  const size_t a_count = check_broadcast(d, a, check_once_in(3)), b_count = check_broadcast(d, b, check_random() & 1);
  const int32_t element = check_between(QCC_ELEMENT_F32, QCC_ELEMENT_BOOL);
  const int32_t fn = check_between(QCC_COMPARE_EQUAL, QCC_COMPARE_LESS_EQUAL);
  const size_t size = 1;
  const check_compare_params p = {fn,   element, d[0], d[1], d[2], d[3], d[4], d[5], a[0], a[1],
                              a[2], a[3],    a[4], a[5], b[0], b[1], b[2], b[3], b[4], b[5]};
  struct check_compare_call c = {check_numbers(CHECK_X, element, a_count, k.slack),
                             check_numbers(CHECK_X2, element, b_count, k.slack), 0};
  snprintf(check_now.text, sizeof check_now.text, "fn %d element %d dims %d %d %d %d", fn, element, d[2], d[3], d[4], d[5]);
  c.y = check_place(CHECK_WANT, count * size, 0, size);
  CHECK_CALL_compare(qcc_compare__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, count * size, 0, size);
  run(p, &c);
  check_same_bytes();
}

#define CHECK_SCALAR_compare qcc_compare__1__scalar
#define BENCH_SHAPES_compare(B, symbol) \
  B(compare, symbol, s32_4096, {0, QCC_ELEMENT_S32, 1, 1, 1, 1, 1, 4096, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1})
static QCC_MAYBE_UNUSED void bench_compare(struct check_kernel k, const char *name, check_compare_params p, check_compare_run *run,
                                          check_compare_run *scalar, int64_t (*scratch)(check_compare_params)) {
  const size_t count = (size_t)p.d5;
  const struct check_compare_call c = {check_numbers(CHECK_X, p.element, count, k.slack),
                                   check_numbers(CHECK_X2, p.element, count, k.slack),
                                   check_place(CHECK_Y, count * 8, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)count, "element", run(p, &c), scalar(p, &c));
}

#endif
