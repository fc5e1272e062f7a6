/* SPDX-License-Identifier: 0BSD */
/* Arithmetic, comparisons, choice and conversion on any element in plain C; formulas in the contract header. */
#ifndef QCC_SCALAR_ELEMENTWISE_H
#define QCC_SCALAR_ELEMENTWISE_H

#include "qcc/elementwise.h"

/* a^n for n >= 0, low 64 bits. */
QCC_INLINE uint64_t qcc_integer_power(uint64_t a, uint64_t n) {
  uint64_t p = 1;
  for (; n != 0; n >>= 1, a *= a)
    if (n & 1u) p *= a;
  return p;
}

/* Of 64-bit patterns: signed unless `is_u64`, which is what all narrower elements are once loaded. */
QCC_INLINE int64_t qcc_integer_apply(int32_t fn, int is_u64, int64_t a, int64_t b) {
  const uint64_t ua = (uint64_t)a, ub = (uint64_t)b;
  const int a_below_b = is_u64 ? ua < ub : a < b;
  switch (fn) {
    case QCC_ARITHMETIC_ADD: return (int64_t)(ua + ub);
    case QCC_ARITHMETIC_SUB: return (int64_t)(ua - ub);
    case QCC_ARITHMETIC_MUL: return (int64_t)(ua * ub);
    case QCC_ARITHMETIC_DIV: return b == 0 ? 0 : is_u64 ? (int64_t)(ua / ub) : b == -1 ? (int64_t)(0u - ua) : a / b;
    case QCC_ARITHMETIC_MIN: return a_below_b ? a : b;
    case QCC_ARITHMETIC_MAX: return a_below_b ? b : a;
    case QCC_ARITHMETIC_POW:
      if (is_u64 || b >= 0) return (int64_t)qcc_integer_power(ua, ub);
      return a == 1 ? 1 : a == -1 ? ((b & 1) != 0 ? -1 : 1) : 0;
    case QCC_ARITHMETIC_PRELU: return is_u64 || a >= 0 ? a : (int64_t)(ua * ub);
    case QCC_ARITHMETIC_FMOD: return b == 0 ? 0 : is_u64 ? (int64_t)(ua % ub) : b == -1 ? 0 : a % b;
    case QCC_ARITHMETIC_MOD: {
      const int64_t rest = b == 0 ? 0 : is_u64 ? (int64_t)(ua % ub) : b == -1 ? 0 : a % b;
      return !is_u64 && rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
    }
    case QCC_ARITHMETIC_AND: return a & b;
    case QCC_ARITHMETIC_OR: return a | b;
    case QCC_ARITHMETIC_XOR: return a ^ b;
    case QCC_ARITHMETIC_SHIFT_LEFT: return ub < 64u ? (int64_t)(ua << ub) : 0;
    default: return ub < 64u ? (int64_t)(ua >> ub) : 0; /* unsigned elements only */
  }
}

QCC_INLINE double qcc_double_apply(int32_t fn, double a, double b) {
  switch (fn) {
    case QCC_ARITHMETIC_ADD: return a + b;
    case QCC_ARITHMETIC_SUB: return a - b;
    case QCC_ARITHMETIC_MUL: return qcc_mul(a, b);
    case QCC_ARITHMETIC_DIV: return a / b;
    case QCC_ARITHMETIC_MIN: return a != a ? a : b != b ? b : a < b ? a : b;
    case QCC_ARITHMETIC_MAX: return a != a ? a : b != b ? b : a > b ? a : b;
    default: return qcc_fmod(a, b);
  }
}

QCC_INLINE int qcc_number_compare(int32_t fn, double a, double b) {
  return fn == QCC_COMPARE_EQUAL ? a == b : fn == QCC_COMPARE_LESS ? a < b : a <= b;
}

QCC_INLINE int qcc_integer_compare(int32_t fn, int is_u64, int64_t a, int64_t b) {
  if (fn == QCC_COMPARE_EQUAL || a == b) return a == b && fn != QCC_COMPARE_LESS;
  return is_u64 ? (uint64_t)a < (uint64_t)b : a < b;
}

/* The outer loops of a broadcast: offsets of a and b where the innermost one starts. */
#define QCC_BROADCAST_LOOPS(p, ai, bi)                                                                            \
  for (int32_t i0 = 0; i0 < (p).d0; i0++)                                                                         \
    for (int32_t i1 = 0; i1 < (p).d1; i1++)                                                                       \
      for (int32_t i2 = 0; i2 < (p).d2; i2++)                                                                     \
        for (int32_t i3 = 0; i3 < (p).d3; i3++)                                                                   \
          for (int32_t i4 = 0, ai = i0 * (p).a0 + i1 * (p).a1 + i2 * (p).a2 + i3 * (p).a3,                        \
                       bi = i0 * (p).b0 + i1 * (p).b1 + i2 * (p).b2 + i3 * (p).b3;                                \
               i4 < (p).d4; i4++, ai += (p).a4, bi += (p).b4)

QCC_INLINE void qcc_binary__1__scalar(struct qcc_binary_params p, const void *a, const void *b, void *y) {
  const int is_u64 = p.element == QCC_ELEMENT_U64;
  size_t at = 0;
  QCC_BROADCAST_LOOPS(p, ai, bi) for (int32_t i = 0; i < p.d5; i++, at++) {
    const size_t ia = (size_t)(ai + i * p.a5), ib = (size_t)(bi + i * p.b5);
    if (p.element == QCC_ELEMENT_F64)
      ((double *)y)[at] = qcc_double_apply(p.fn, ((const double *)a)[ia], ((const double *)b)[ib]);
    else
      qcc_store_s64(y, p.element, at,
                    qcc_integer_apply(p.fn, is_u64, qcc_load_s64(a, p.element, ia), qcc_load_s64(b, p.element, ib)));
  }
}

QCC_INLINE void qcc_compare__1__scalar(struct qcc_binary_params p, const void *a, const void *b, uint8_t *y) {
  const int is_u64 = p.element == QCC_ELEMENT_U64;
  QCC_BROADCAST_LOOPS(p, ai, bi) for (int32_t i = 0; i < p.d5; i++) {
    const size_t ia = (size_t)(ai + i * p.a5), ib = (size_t)(bi + i * p.b5);
    const int answer =
        qcc_is_float(p.element)
            ? qcc_number_compare(p.fn, qcc_load_f64(a, p.element, ia), qcc_load_f64(b, p.element, ib))
            : qcc_integer_compare(p.fn, is_u64, qcc_load_s64(a, p.element, ia), qcc_load_s64(b, p.element, ib));
    *y++ = (uint8_t)answer;
  }
}

#define QCC_WHERE(type)                                                                                   \
  QCC_BROADCAST_LOOPS(p, ai, bi) {                                                                        \
    const uint8_t *ci = c + i0 * p.c0 + i1 * p.c1 + i2 * p.c2 + i3 * p.c3 + i4 * p.c4;                    \
    for (int32_t i = 0; i < p.d5; i++, at++)                                                              \
      ((type *)y)[at] = ci[i * p.c5] != 0 ? ((const type *)a)[ai + i * p.a5] : ((const type *)b)[bi + i * p.b5]; \
  }

QCC_INLINE void qcc_where__1__scalar(struct qcc_where_params p, const uint8_t *c, const void *a, const void *b, void *y) {
  size_t at = 0;
  if (p.size == 1) {
    QCC_WHERE(uint8_t)
  } else if (p.size == 2) {
    QCC_WHERE(uint16_t)
  } else if (p.size == 4) {
    QCC_WHERE(uint32_t)
  } else {
    QCC_WHERE(uint64_t)
  }
}

/* v towards zero, before the low bits are kept. What does not fit gives what x86 gives. */
QCC_INLINE int64_t qcc_truncate(double v, int32_t element) {
  if (element == QCC_ELEMENT_U64 && v >= 0x1p63) return v < 0x1p64 ? (int64_t)(uint64_t)v : 0;
  if (element == QCC_ELEMENT_U32 || element == QCC_ELEMENT_S64 || element == QCC_ELEMENT_U64)
    return v >= -0x1p63 && v < 0x1p63 ? (int64_t)v : INT64_MIN;
  return v > -2147483649.0 && v < 2147483648.0 ? (int32_t)v : INT32_MIN;
}

QCC_INLINE void qcc_cast__1__scalar(struct qcc_cast_params p, const void *x, void *y) {
  const int is_u64 = p.from == QCC_ELEMENT_U64;
  if (p.from == QCC_ELEMENT_F16_BITS) {
    for (size_t i = 0; i < (size_t)p.count; i++) ((float *)y)[i] = qcc_float_of_half(((const uint16_t *)x)[i]);
    return;
  }
  if (p.to == QCC_ELEMENT_F16_BITS) {
    for (size_t i = 0; i < (size_t)p.count; i++) ((uint16_t *)y)[i] = (uint16_t)qcc_half_of_float(((const float *)x)[i]);
    return;
  }
  for (size_t i = 0; i < (size_t)p.count; i++) {
    if (qcc_is_float(p.from)) {
      const double v = qcc_load_f64(x, p.from, i);
      if (p.to == QCC_ELEMENT_F64)
        ((double *)y)[i] = v;
      else if (qcc_is_float(p.to))
        ((float *)y)[i] = qcc_narrow(v, p.to);
      else if (p.to == QCC_ELEMENT_BOOL)
        ((uint8_t *)y)[i] = (uint8_t)(v != 0.0);
      else
        qcc_store_s64(y, p.to, i, qcc_truncate(v, p.to));
    } else {
      const int64_t v = qcc_load_s64(x, p.from, i);
      const double wide = is_u64 ? (double)(uint64_t)v : (double)v;
      if (p.to == QCC_ELEMENT_F64)
        ((double *)y)[i] = wide;
      else if (p.to == QCC_ELEMENT_F32) /* rounded once, not by way of a double */
        ((float *)y)[i] = is_u64 ? (float)(uint64_t)v : (float)v;
      else if (qcc_is_float(p.to))
        ((float *)y)[i] = qcc_narrow(wide, p.to);
      else
        qcc_store_s64(y, p.to, i, v);
    }
  }
}

#endif
