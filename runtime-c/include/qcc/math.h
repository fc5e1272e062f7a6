/* SPDX-License-Identifier: 0BSD */
/* Float arithmetic whose bits do not depend on the machine: qcc_fmaf, qcc_sqrtf (both correctly rounded), rounding to
 * whole numbers, and exp, log, tanh, pow in double with + - * / only, in one fixed order; twin of src/quant/math.ts.
 * Products that feed a sum are fenced, so every compiler makes the same bits. Relative error of the double functions
 * below 2^-50; NaN results are NaNs, which one is not specified. */
#ifndef QCC_MATH_H
#define QCC_MATH_H

#include "qcc/base.h"
#include "qcc/requantize.h"

#if QCC_GNU && (defined(__FMA__) || defined(__aarch64__) || defined(__ARM_FEATURE_FMA))
#define QCC_HAS_FMAF 1
#else
#define QCC_HAS_FMAF 0
#endif

QCC_INLINE float qcc_fmaf(float a, float b, float c) {
#if QCC_HAS_FMAF
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

/* The correctly rounded square root, NaN below 0: one instruction where the core has one, never a call of libm. */
QCC_INLINE float qcc_sqrtf__portable(float x) {
  const uint32_t bits = qcc_bits_of_f32(x);
  uint32_t m = bits & UINT32_C(0x7fffff), root = 0;
  uint64_t square;
  int32_t e = (int32_t)(bits >> 23) - 127;
  if (!(x > 0.0f) || e == 128) return x == 0.0f || x > 0.0f ? x : qcc_f32_of_bits(UINT32_C(0x7fc00000));
  if (e != -127) m |= UINT32_C(0x800000);
  for (e = e == -127 ? -126 : e; !(m >> 23); e--) m <<= 1;
  /* x = m 2^(e-23); the root of m 2^23 or m 2^24, whichever leaves an even exponent, has 24 bits. */
  square = (uint64_t)m << (23 + (e & 1));
  for (uint32_t bit = UINT32_C(0x800000); bit != 0; bit >>= 1)
    if ((uint64_t)(root | bit) * (root | bit) <= square) root |= bit;
  if (square - (uint64_t)root * root > root) root++; /* above root + 1/2; a tie cannot occur */
  return qcc_f32_of_bits(root + ((uint32_t)((e >> 1) + 126) << 23));
}

QCC_INLINE float qcc_sqrtf(float x) {
#if defined(__SSE2__) || defined(_M_X64)
  return _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(x)));
#elif QCC_GNU && defined(__aarch64__)
  float y;
  __asm__("fsqrt %s0, %s1" : "=w"(y) : "w"(x));
  return y;
#elif QCC_GNU && defined(__arm__) && defined(__ARM_FP) && (__ARM_FP & 4) && !defined(__SOFTFP__)
  float y;
  __asm__("vsqrt.f32 %0, %1" : "=t"(y) : "t"(x));
  return y;
#elif QCC_GNU && defined(__riscv_flen)
  float y;
  __asm__("fsqrt.s %0, %1" : "=f"(y) : "f"(x));
  return y;
#else
  return qcc_sqrtf__portable(x);
#endif
}

QCC_INLINE float qcc_copysignf(float magnitude, float sign) {
  return qcc_f32_of_bits((qcc_bits_of_f32(magnitude) & UINT32_C(0x7fffffff)) |
                         (qcc_bits_of_f32(sign) & UINT32_C(0x80000000)));
}

QCC_INLINE float qcc_absf(float x) { return qcc_f32_of_bits(qcc_bits_of_f32(x) & UINT32_C(0x7fffffff)); }

/* Whole numbers: towards zero, down, up, to the nearest (ties to even). A zero keeps the sign of x. */
QCC_INLINE float qcc_truncf(float x) { return qcc_absf(x) < 8388608.0f ? qcc_copysignf((float)(int32_t)x, x) : x; }

QCC_INLINE float qcc_floorf(float x) {
  const float t = qcc_truncf(x);
  return t > x ? t - 1.0f : t;
}

QCC_INLINE float qcc_ceilf(float x) {
  const float t = qcc_truncf(x);
  return t < x ? t + 1.0f : t;
}

QCC_INLINE float qcc_rintf(float x) {
  return qcc_absf(x) < 8388608.0f ? qcc_copysignf((float)qcc_round_half_even(x), x) : x;
}

/* 1/n! and 1/(2n + 3) */
static const double qcc_factorials[14] QCC_MAYBE_UNUSED = {
    1.0, 1.0, 0.5, 0.16666666666666666, 0.041666666666666664, 0.008333333333333333, 0.001388888888888889,
    0.0001984126984126984, 2.48015873015873e-05, 2.7557319223985893e-06, 2.755731922398589e-07,
    2.505210838544172e-08, 2.08767569878681e-09, 1.6059043836821613e-10};
static const double qcc_odd_reciprocals[11] QCC_MAYBE_UNUSED = {
    0.3333333333333333, 0.2, 0.14285714285714285, 0.1111111111111111, 0.09090909090909091, 0.07692307692307693,
    0.06666666666666667, 0.058823529411764705, 0.05263157894736842, 0.047619047619047616, 0.043478260869565216};

#define QCC_INFINITY (1.0f / 0.0f)
#define QCC_NAN qcc_f32_of_bits(UINT32_C(0x7fc00000))

QCC_INLINE double qcc_absd(double x) { return qcc_f64_of_bits(qcc_bits_of_f64(x) & UINT64_C(0x7fffffffffffffff)); }

/* c[0] + c[1] x + ... by Horner's rule, from `degree` down. */
QCC_INLINE double qcc_horner(const double *c, int32_t degree, double x) {
  double p = c[degree];
  for (int32_t i = degree - 1; i >= 0; i--) p = qcc_mul(p, x) + c[i];
  return p;
}

/* exp: reduction by ln 2 in two parts, Taylor polynomial of degree 12 on |r| <= 0.3466. */
QCC_INLINE double qcc_exp(double x) {
  if (x != x) return x;
  if (x > 709.0) return (double)QCC_INFINITY;
  if (x < -708.0) return 0.0;
  {
    const double shifted = qcc_mul(x, 1.4426950408889634) + 6755399441055744.0;
    const double k = shifted - 6755399441055744.0;
    const double r = (x - qcc_mul(k, 0.6931471803691238)) - qcc_mul(k, 1.9082149292705877e-10);
    return qcc_mul(qcc_horner(qcc_factorials, 12, r), qcc_f64_of_bits((uint64_t)((int64_t)k + 1023) << 52));
  }
}

/* exp(x) - 1 without cancellation. */
QCC_INLINE double qcc_expm1(double x) {
  double p;
  if (!(qcc_absd(x) <= 0.35)) return qcc_exp(x) - 1.0;
  p = qcc_factorials[13];
  for (int32_t i = 12; i >= 1; i--) p = qcc_mul(p, x) + qcc_factorials[i];
  return qcc_mul(p, x);
}

/* log((1 + s) / (1 - s)) - 2 s, for |s| <= 0.172. */
QCC_INLINE double qcc_atanh_tail(double s) {
  const double z = qcc_mul(s, s);
  return qcc_mul(s + s, qcc_mul(z, qcc_horner(qcc_odd_reciprocals, 10, z)));
}

/* Natural logarithm of a double that is no subnormal: x = 2^k m with sqrt(1/2) < m <= sqrt(2), then log m by atanh. */
QCC_INLINE double qcc_log(double x) {
  uint64_t bits;
  int32_t exponent;
  double k, m, s;
  if (!(x > 0.0)) return x == 0.0 ? (double)-QCC_INFINITY : (double)QCC_NAN;
  if (x == (double)QCC_INFINITY) return x;
  bits = qcc_bits_of_f64(x);
  exponent = (int32_t)(bits >> 52) - 1023;
  m = qcc_f64_of_bits((bits & UINT64_C(0xfffffffffffff)) | UINT64_C(0x3ff0000000000000));
  if (m > 1.4142135623730951) {
    m = qcc_mul(m, 0.5);
    exponent++;
  }
  k = (double)exponent;
  s = (m - 1.0) / (m + 1.0);
  return qcc_mul(k, 0.6931471803691238) + ((s + s) + (qcc_atanh_tail(s) + qcc_mul(k, 1.9082149292705877e-10)));
}

/* log(1 + u) for 0 <= u <= 1, without cancellation. */
QCC_INLINE double qcc_log1p(double u) {
  if (u > 0.41) return qcc_log(1.0 + u);
  {
    const double s = u / (2.0 + u);
    return (s + s) + qcc_atanh_tail(s);
  }
}

/* (e^2x - 1) / (e^2x + 1) */
QCC_INLINE double qcc_tanh(double x) {
  if (x == 0.0 || x != x) return x;
  {
    const double a = qcc_absd(x);
    const double e = qcc_expm1(a + a);
    const double t = a > 20.0 ? 1.0 : e / (e + 2.0);
    return x < 0.0 ? -t : t;
  }
}

/* The exact remainder of a / b with the sign of a, as C's fmod: long division of the significands. */
QCC_INLINE double qcc_fmod(double a, double b) {
  double rest = qcc_absd(a), d = qcc_absd(b), step;
  if (!(rest < (double)QCC_INFINITY) || !(d > 0.0)) return (double)QCC_NAN;
  if (rest < d) return a;
  for (step = d; step <= rest * 0.5;) step += step;
  for (; step >= d; step *= 0.5)
    if (rest >= step) rest -= step;
  return a < 0.0 ? -rest : rest;
}

QCC_INLINE float qcc_expf(float x) { return (float)qcc_exp((double)x); }
QCC_INLINE float qcc_logf(float x) { return (float)qcc_log((double)x); }
QCC_INLINE float qcc_tanhf(float x) { return (float)qcc_tanh((double)x); }

/* powf with the special cases of C. Whole exponents up to 16 multiply (squares and cubes round correctly, ties
 * included), others are exp(y log x): error below 2^-44. */
QCC_INLINE float qcc_powf(float x, float y) {
  const float inf = QCC_INFINITY, a = qcc_absf(x), b = qcc_absf(y);
  const int is_whole = b >= 8388608.0f || qcc_truncf(y) == y;
  const int is_odd = b < 16777216.0f && is_whole && ((int32_t)b & 1) != 0;
  double r;
  if (y == 0.0f || x == 1.0f) return 1.0f;
  if (x != x || y != y) return QCC_NAN;
  if (b == inf) return a == 1.0f ? 1.0f : (a > 1.0f) == (y > 0.0f) ? inf : 0.0f;
  if (x < 0.0f && a != inf && !is_whole) return QCC_NAN;
  if (a == 0.0f || a == inf) {
    r = (a == 0.0f) == (y > 0.0f) ? 0.0 : (double)inf;
  } else if (is_whole && b <= 16.0f) {
    double square = (double)a;
    r = 1.0;
    for (int32_t left = (int32_t)b; left > 0;) {
      if ((left & 1) != 0) r = qcc_mul(r, square);
      left >>= 1;
      if (left > 0) square = qcc_mul(square, square);
    }
    if (y < 0.0f) r = 1.0 / r;
  } else {
    r = qcc_exp(qcc_mul((double)y, qcc_log((double)a)));
  }
  return (float)(is_odd && (qcc_bits_of_f32(x) >> 31) ? -r : r);
}

#endif
