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

/* exp in double: reduction by ln 2 in two parts, Taylor polynomial of degree 12 on |r| <= 0.3466. Products are fenced, so
 * every compiler makes the same bits as src/quant/math.ts. */
QCC_INLINE double qcc_exp(double x) {
  static const double c[13] = {1.0, 1.0, 0.5, 0.16666666666666666, 0.041666666666666664, 0.008333333333333333, 0.001388888888888889, 0.0001984126984126984, 2.48015873015873e-05, 2.7557319223985893e-06, 2.755731922398589e-07, 2.505210838544172e-08, 2.08767569878681e-09};
  if (x != x) return x;
  if (x > 709.0) return (double)(1.0f / 0.0f);
  if (x < -708.0) return 0.0;
  {
    const double shifted = qcc_mul(x, 1.4426950408889634) + 6755399441055744.0;
    const double k = shifted - 6755399441055744.0;
    const double r = (x - qcc_mul(k, 0.6931471803691238)) - qcc_mul(k, 1.9082149292705877e-10);
    double p = c[12];
    for (int i = 11; i >= 0; i--) p = qcc_mul(p, r) + c[i];
    return qcc_mul(p, qcc_f64_of_bits((uint64_t)((int64_t)k + 1023) << 52));
  }
}

QCC_INLINE float qcc_expf(float x) { return (float)qcc_exp((double)x); }

#endif
