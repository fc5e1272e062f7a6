/* SPDX-License-Identifier: 0BSD */
/* Activation functions of float32, each (but for silu: sigmoid.h) evaluated in double and rounded once; twin of src/quant/activation.ts.
 * Where a formula would give inf - inf or 0 * inf at an infinity, the limit is returned. */
#ifndef QCC_ACTIVATION_H
#define QCC_ACTIVATION_H

#include "qcc/erf.h"
#include "qcc/sigmoid.h"

/* x * sigmoid(alpha x): Swish, SiLU (alpha 1), QuickGelu (1.702). */
QCC_INLINE float qcc_swishf(float x, float alpha) {
  const double e = qcc_exp(-qcc_mul((double)alpha, (double)x));
  if (e == (double)QCC_INFINITY) return x < 0.0f ? -0.0f : 0.0f;
  return (float)((double)x / (1.0 + e));
}

/* x times the float sigmoid(x), rounded as two operators are: SiLU where an exporter spelled it. */
QCC_INLINE float qcc_siluf(float x) { return qcc_mulf(x, qcc_sigmoidf(x)); }

/* x / 2 * (1 + erf(x / sqrt 2)) */
QCC_INLINE float qcc_geluf(float x) {
  const double d = (double)x, half = qcc_mul(0.5, d), h = qcc_mul(d, 0.7071067811865476);
  if (!(qcc_absd(h) >= 0.5)) return (float)qcc_mul(half, 1.0 + qcc_erf_small(h));
  if (h > 6.0) return x;
  if (x < -14.5f) return -0.0f;
  {
    const double tail = qcc_erfc_large(qcc_absd(h), qcc_mul(0.5, qcc_mul(d, d)));
    return (float)(x < 0.0f ? qcc_mul(half, tail) : qcc_mul(d, 1.0 - qcc_mul(0.5, tail)));
  }
}

/* x / 2 * (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) = x * sigmoid(2 sqrt(2 / pi) (x + 0.044715 x^3)) */
QCC_INLINE float qcc_gelu_tanhf(float x) {
  const double d = (double)x, cube = qcc_mul(qcc_mul(d, d), d);
  if (x < -20.0f) return -0.0f;
  return (float)(d / (1.0 + qcc_exp(qcc_mul(-1.5957691216057308, d + qcc_mul(0.044715, cube)))));
}

/* log(1 + e^x) */
QCC_INLINE float qcc_softplusf(float x) {
  const double d = (double)x;
  return (float)(d > 0.0 ? d + qcc_log1p(qcc_exp(-d)) : qcc_log1p(qcc_exp(d)));
}

/* x * tanh(log(1 + e^x)) = x n / (n + 2) with n = e^x (e^x + 2) */
QCC_INLINE float qcc_mishf(float x) {
  if (x > 30.0f) return x;
  if (x < -120.0f) return -0.0f;
  {
    const double e = qcc_exp((double)x);
    const double n = qcc_mul(e, e + 2.0);
    return (float)(qcc_mul((double)x, n) / (n + 2.0));
  }
}

/* x for x >= 0, else alpha (e^x - 1) */
QCC_INLINE float qcc_eluf(float x, float alpha) {
  return x >= 0.0f ? x : (float)qcc_mul((double)alpha, qcc_expm1((double)x));
}

/* x for x >= 0, else alpha (e^(x / alpha) - 1) */
QCC_INLINE float qcc_celuf(float x, float alpha) {
  return x >= 0.0f ? x : (float)qcc_mul((double)alpha, qcc_expm1((double)x / (double)alpha));
}

/* gamma x for x > 0, else gamma alpha (e^x - 1) */
QCC_INLINE float qcc_seluf(float x, float alpha, float gamma) {
  const double g = (double)gamma, d = (double)x;
  return (float)(x > 0.0f ? qcc_mul(g, d) : qcc_mul(qcc_mul(g, (double)alpha), qcc_expm1(d)));
}

/* clamp(alpha x + beta, 0, 1) */
QCC_INLINE float qcc_hard_sigmoidf(float x, float alpha, float beta) {
  const double v = qcc_mul((double)alpha, (double)x) + (double)beta;
  return v < 0.0 ? 0.0f : v > 1.0 ? 1.0f : (float)v;
}

/* x * clamp(x / 6 + 1 / 2, 0, 1) */
QCC_INLINE float qcc_hard_swishf(float x) {
  const double d = (double)x;
  if (x <= -3.0f) return -0.0f;
  return x >= 3.0f ? x : (float)qcc_mul(d, d / 6.0 + 0.5);
}

/* x / (1 + |x|) */
QCC_INLINE float qcc_softsignf(float x) {
  if (qcc_absf(x) == QCC_INFINITY) return x < 0.0f ? -1.0f : 1.0f;
  return (float)((double)x / (1.0 + qcc_absd((double)x)));
}

#endif
