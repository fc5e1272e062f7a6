/* SPDX-License-Identifier: 0BSD */
/* Cases of where: elements of every size, every operand repeating. */
#ifndef QCC_CHECK_WHERE_H
#define QCC_CHECK_WHERE_H

#include "bench.h"
#include "check_elements.h"
#include "qcc/elementwise.h"

typedef struct qcc_where_params check_where_params;
struct check_where_call {
  const uint8_t *c;
  const void *a, *b;
  void *y;
};
#define CHECK_CALL_where(symbol, p, call) symbol(p, (call)->c, (call)->a, (call)->b, (call)->y)
typedef void check_where_run(check_where_params p, const struct check_where_call *c);

static void check_where(struct check_kernel k, check_where_run *run, int64_t (*scratch)(check_where_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  int32_t d[6], s[6], a[6], b[6];
  const size_t count = check_dims(d);
  const size_t a_count = check_broadcast(d, a, check_once_in(3)), s_count = check_broadcast(d, s, check_once_in(3)),
               b_count = check_broadcast(d, b, check_random() & 1);
  const int32_t element = CHECK_PICK(QCC_ELEMENT_U8, QCC_ELEMENT_U16, QCC_ELEMENT_U32, QCC_ELEMENT_U64);
  const size_t size = check_element_size(element);
  const check_where_params p = {(int32_t)size, d[0], d[1], d[2], d[3], d[4], d[5], s[0], s[1], s[2], s[3], s[4], s[5],
                                a[0], a[1], a[2], a[3], a[4], a[5], b[0], b[1], b[2], b[3], b[4], b[5]};
  struct check_where_call c = {check_numbers(CHECK_W, QCC_ELEMENT_BOOL, s_count, k.slack),
                               check_numbers(CHECK_X, element, a_count, k.slack),
                               check_numbers(CHECK_X2, element, b_count, k.slack), 0};
  snprintf(check_now.text, sizeof check_now.text, "size %d dims %d %d %d %d", p.size, d[2], d[3], d[4], d[5]);
  c.y = check_place(CHECK_WANT, count * size, 0, size);
  CHECK_CALL_where(qcc_where__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, count * size, 0, size);
  run(p, &c);
  check_same_bytes();
}

#define CHECK_SCALAR_where qcc_where__1__scalar
#define BENCH_SHAPES_where(B, symbol) \
  B(where, symbol, n4096, {4, 1, 1, 1, 1, 1, 4096, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1})
static QCC_MAYBE_UNUSED void bench_where(struct check_kernel k, const char *name, check_where_params p, check_where_run *run,
                                         check_where_run *scalar, int64_t (*scratch)(check_where_params)) {
  const size_t count = (size_t)p.d5;
  const struct check_where_call c = {check_numbers(CHECK_W, QCC_ELEMENT_BOOL, count, k.slack),
                                     check_numbers(CHECK_X, QCC_ELEMENT_U32, count, k.slack),
                                     check_numbers(CHECK_X2, QCC_ELEMENT_U32, count, k.slack),
                                     check_place(CHECK_Y, count * 4, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)count, "element", run(p, &c), scalar(p, &c));
}

#endif
