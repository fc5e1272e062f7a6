/* SPDX-License-Identifier: 0BSD */
/* The fixed-point functions of TFLite (gemmlowp's) that run on the target; twin of src/quant/gemmlowp.ts, the same bits. A
 * raw number r with n integer bits means r * 2^(n - 31).
 *
 *   qcc_high_multiply(a, b)     nearest(a * b / 2^31), ties up: the product of raw numbers, integer bits add up. Not for
 *                               a = b = INT32_MIN.
 *   qcc_divide_power(v, e)      nearest(v / 2^e), ties away from zero, 0 <= e; 0 from e = 32 on
 *   qcc_fixed_reciprocal(a)     1 / (1 + a) for a in [0, 1], both with 0 integer bits */
#ifndef QCC_FIXED_POINT_H
#define QCC_FIXED_POINT_H

#include "qcc/base.h"

QCC_INLINE int32_t qcc_high_multiply(int32_t a, int32_t b) {
  return (int32_t)(((int64_t)a * b + (INT64_C(1) << 30)) >> 31);
}

QCC_INLINE int32_t qcc_divide_power(int32_t v, int32_t exponent) {
  const int64_t half = exponent > 0 ? INT64_C(1) << (exponent - 1) : 0;
  if (exponent > 31) return 0;
  return (int32_t)(((int64_t)v + half - (v < 0 && exponent > 0 ? 1 : 0)) >> exponent);
}

/* raw * 4, saturated. */
QCC_INLINE int32_t qcc_times_four(int32_t v) {
  return v > INT32_MAX / 4 ? INT32_MAX : v < INT32_MIN / 4 ? INT32_MIN : v * 4;
}

/* Newton and Raphson's x (2 - d x) for d = (1 + a) / 2, three times, in 2 integer bits, from 48/17 - 32/17 d. */
QCC_INLINE int32_t qcc_fixed_reciprocal(int32_t a) {
  const int32_t half = (int32_t)(((int64_t)a + INT32_MAX + 1) / 2), one = INT32_C(1) << 29;
  int32_t x = INT32_C(1515870810) + qcc_high_multiply(half, -INT32_C(1010580540));
  for (int32_t i = 0; i < 3; i++) x += qcc_times_four(qcc_high_multiply(x, one - qcc_high_multiply(half, x)));
  return x > INT32_MAX / 2 ? INT32_MAX : x * 2;
}

/* Zero bits above the highest one of v > 0. */
QCC_INLINE int32_t qcc_leading_zeros(uint32_t v) {
#if QCC_GNU
  return (int32_t)__builtin_clz(v);
#else
  int32_t zeros = 0;
  while (!(v & UINT32_C(0x80000000))) v <<= 1, zeros++;
  return zeros;
#endif
}

#endif
