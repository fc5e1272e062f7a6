/* SPDX-License-Identifier: 0BSD */
/* Cases of binary: every function of every element but floats of 32 bits, extremes, y in place of a whole a. */
#ifndef QCC_CHECK_BINARY_H
#define QCC_CHECK_BINARY_H

#include "bench.h"
#include "check_elements.h"
#include "qcc/elementwise.h"

typedef struct qcc_binary_params check_binary_params;
struct check_binary_call {
  const void *a, *b;
  void *y;
};
#define CHECK_CALL_binary(symbol, p, c) symbol(p, (c)->a, (c)->b, (c)->y)
typedef void check_binary_run(check_binary_params p, const struct check_binary_call *c);

static void check_binary(struct check_kernel k, check_binary_run *run, int64_t (*scratch)(check_binary_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  int32_t d[6], a[6], b[6];
  const size_t count = check_dims(d);
  const size_t a_count = check_broadcast(d, a, check_once_in(3)), b_count = check_broadcast(d, b, check_random() & 1);
  const int32_t element = CHECK_PICK(QCC_ELEMENT_F64, QCC_ELEMENT_S8, QCC_ELEMENT_U8, QCC_ELEMENT_S16, QCC_ELEMENT_U16,
                                     QCC_ELEMENT_S32, QCC_ELEMENT_U32, QCC_ELEMENT_S64, QCC_ELEMENT_U64, QCC_ELEMENT_BOOL);
  const int is_unsigned = element == QCC_ELEMENT_U8 || element == QCC_ELEMENT_U16 || element == QCC_ELEMENT_U32 ||
                          element == QCC_ELEMENT_U64;
  const int32_t last = is_unsigned                  ? QCC_ARITHMETIC_SHIFT_RIGHT
                       : element == QCC_ELEMENT_F64 ? QCC_ARITHMETIC_MAX
                                                    : QCC_ARITHMETIC_XOR;
  const int32_t fn = check_between(element == QCC_ELEMENT_BOOL ? QCC_ARITHMETIC_AND : QCC_ARITHMETIC_ADD, last);
  const size_t size = check_element_size(element);
  const check_binary_params p = {fn,   element, d[0], d[1], d[2], d[3], d[4], d[5], a[0], a[1],
                              a[2], a[3],    a[4], a[5], b[0], b[1], b[2], b[3], b[4], b[5]};
  struct check_binary_call c = {check_numbers(CHECK_X, element, a_count, k.slack),
                             check_numbers(CHECK_X2, element, b_count, k.slack), 0};
  snprintf(check_now.text, sizeof check_now.text, "fn %d element %d dims %d %d %d %d", fn, element, d[2], d[3], d[4], d[5]);
  c.y = check_place(CHECK_WANT, count * size, 0, size);
  CHECK_CALL_binary(qcc_binary__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, count * size, 0, size);
  if (a_count == count && check_once_in(3)) {
    memcpy(c.y, c.a, count * size);
    c.a = c.y;
  }
  run(p, &c);
  check_same_bytes();
}

#define CHECK_SCALAR_binary qcc_binary__1__scalar
#define BENCH_SHAPES_binary(B, symbol) \
  B(binary, symbol, s32_4096, {0, QCC_ELEMENT_S32, 1, 1, 1, 1, 1, 4096, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1})
static QCC_MAYBE_UNUSED void bench_binary(struct check_kernel k, const char *name, check_binary_params p, check_binary_run *run,
                                          check_binary_run *scalar, int64_t (*scratch)(check_binary_params)) {
  const size_t count = (size_t)p.d5;
  const struct check_binary_call c = {check_numbers(CHECK_X, p.element, count, k.slack),
                                   check_numbers(CHECK_X2, p.element, count, k.slack),
                                   check_place(CHECK_Y, count * 8, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)count, "element", run(p, &c), scalar(p, &c));
}

#endif
