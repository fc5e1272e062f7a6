/* SPDX-License-Identifier: 0BSD */
/* Contracts of the element-wise families on any element (element.h).
 *
 * binary:  y = f(a, b) on one element, f by QCC_ARITHMETIC_*. Integers wrap; a / 0, a mod 0 are 0; div truncates, mod has the
 *          sign of b, fmod that of a; a shift by the width or more is 0; a^-n is 1 / a^n truncated, 0 for a = 0.
 * compare: y = f(a, b), 0 or 1, f by QCC_COMPARE_*.
 * where:   y = c ? a : b on elements of `size` bytes, c being bytes.
 * cast:    y = x in another element: floats to nearest even; float to integer truncates, keeps the low bits, and is the
 *          smallest integer beyond 32 bits (64 for U32, S64, U64); integer to integer keeps the low bits; to bool x != 0.
 *          F16_BITS from and to F16 alone.
 *
 * Operands broadcast: dimension d of y steps a by a_d, b by b_d elements. y may alias an operand that has its size. */
#ifndef QCC_ELEMENTWISE_H
#define QCC_ELEMENTWISE_H

#include "qcc/element.h"

/* The order is that of the functions in src/ops/binary/op.ts. */
enum {
  QCC_ARITHMETIC_ADD,
  QCC_ARITHMETIC_SUB,
  QCC_ARITHMETIC_MUL,
  QCC_ARITHMETIC_DIV,
  QCC_ARITHMETIC_MIN,
  QCC_ARITHMETIC_MAX,
  QCC_ARITHMETIC_POW,   /* integers */
  QCC_ARITHMETIC_PRELU, /* integers */
  QCC_ARITHMETIC_FMOD,
  QCC_ARITHMETIC_MOD, /* this and what follows: integers */
  QCC_ARITHMETIC_AND,
  QCC_ARITHMETIC_OR,
  QCC_ARITHMETIC_XOR,
  QCC_ARITHMETIC_SHIFT_LEFT,
  QCC_ARITHMETIC_SHIFT_RIGHT
};

/* The order is that of the functions in src/ops/compare/op.ts. */
enum { QCC_COMPARE_EQUAL, QCC_COMPARE_LESS, QCC_COMPARE_LESS_EQUAL };

struct qcc_binary_params {
  int32_t fn, element;
  int32_t d0, d1, d2, d3, d4, d5; /* dimensions of y, leading ones first */
  int32_t a0, a1, a2, a3, a4, a5; /* strides of a in elements, 0 where it repeats */
  int32_t b0, b1, b2, b3, b4, b5;
};
typedef void qcc_binary_fn(struct qcc_binary_params p, const void *a, const void *b, void *y);
typedef void qcc_compare_fn(struct qcc_binary_params p, const void *a, const void *b, uint8_t *y);

struct qcc_where_params {
  int32_t size;
  int32_t d0, d1, d2, d3, d4, d5;
  int32_t c0, c1, c2, c3, c4, c5;
  int32_t a0, a1, a2, a3, a4, a5;
  int32_t b0, b1, b2, b3, b4, b5;
};
typedef void qcc_where_fn(struct qcc_where_params p, const uint8_t *c, const void *a, const void *b, void *y);

struct qcc_cast_params {
  int32_t from, to, count;
};
typedef void qcc_cast_fn(struct qcc_cast_params p, const void *x, void *y);

#endif
