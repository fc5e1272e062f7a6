/* SPDX-License-Identifier: 0BSD */
/* qcc_fmaf: correctly rounded a * b + c on every target. */
#ifndef QCC_MATH_H
#define QCC_MATH_H

#include "qcc/base.h"

QCC_INLINE float qcc_fmaf(float a, float b, float c) {
#if QCC_GNU && (defined(__FMA__) || defined(__aarch64__))
  return __builtin_fmaf(a, b, c);
#else
  /* The product is exact in double; the sum is rounded to odd, so that the second rounding is the only one. */
  const double p = (double)a * (double)b;
  const double s = p + (double)c;
  const double bb = s - p;
  const double e = (p - (s - bb)) + ((double)c - bb);
  uint64_t bits = qcc_bits_of_f64(s);
  if (e == 0.0 || s - s != 0.0 || (bits & 1u)) return (float)s;
  bits = ((e > 0.0) == (s > 0.0)) ? bits + 1u : bits - 1u;
  return (float)qcc_f64_of_bits(bits);
#endif
}

#endif
