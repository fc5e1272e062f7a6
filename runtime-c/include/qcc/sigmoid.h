/* SPDX-License-Identifier: 0BSD */
/* 1 / (1 + e^-x), and the e^x of a softmax, in float32 by fused operations in one order, which every ISA follows; twin of
 * src/quant/sigmoid.ts.
 *
 *   v = -x, at least -30;  k = rne(v / ln 2);  r = v - k ln 2, ln 2 in two parts;  e^r = 1 + p, p a polynomial of degree 6
 *   t = 2^k;  1 + t (1 + p) = max(t, 1) + (t p + min(t, 1));  the result is its reciprocal
 *
 * Error below 2 units in the last place, never falling as x grows, 1/2 at 0, 0 where the result would be no normal float; NaN
 * stays NaN. test/kernels/every_float.c looks at every float.
 *
 *   e^x, x <= 0: t (1 + p) of v = x, 0 where x < -87; error below 1.5 units */
#ifndef QCC_SIGMOID_H
#define QCC_SIGMOID_H

#include "qcc/math.h"

#define QCC_SIGMOID_LEAST -30.0f   /* of v: there 1 + e^v is 1 */
#define QCC_SIGMOID_MOST 87.33654f /* of v: beyond, 1 / (1 + e^v) < 2^-126 */
#define QCC_SOFTMAX_LEAST -87.0f   /* of x: above, e^x is a normal float */
#define QCC_SIGMOID_LOG2E 1.44269502f
#define QCC_SIGMOID_LN2_HIGH 0.693147182f
#define QCC_SIGMOID_LN2_LOW -1.90465421e-9f
/* Adding it leaves a whole number in the low bits. */
#define QCC_SIGMOID_SHIFT 12582912.0f
/* (e^r - 1 - r) / r^2 */
static const float qcc_sigmoid_series[5] QCC_MAYBE_UNUSED = {0.49999994f, 0.166665211f, 0.0416682698f, 0.00836867746f,
                                                             0.00138204114f};

/* a b + c, fused or rounded to double and to float: in the steps below no float tells which. */
QCC_INLINE float qcc_sigmoid__step(int32_t is_fused, float a, float b, float c) {
  return is_fused ? qcc_fmaf(a, b, c) : (float)((double)a * (double)b + (double)c);
}

/* e^v = t (1 + p) */
struct qcc_exp_parts {
  float t, p;
};
QCC_INLINE struct qcc_exp_parts qcc_sigmoid__exp(int32_t is_fused, float v) {
  const float shifted = qcc_sigmoid__step(is_fused, v, QCC_SIGMOID_LOG2E, QCC_SIGMOID_SHIFT);
  const float k = shifted - QCC_SIGMOID_SHIFT;
  const float high = qcc_sigmoid__step(is_fused, -k, QCC_SIGMOID_LN2_HIGH, v);
  const float r = qcc_sigmoid__step(is_fused, -k, QCC_SIGMOID_LN2_LOW, high);
  float p = qcc_sigmoid_series[4];
  for (int32_t i = 3; i >= 0; i--) p = qcc_sigmoid__step(is_fused, p, r, qcc_sigmoid_series[i]);
  p = qcc_sigmoid__step(is_fused, r * r, p, r);
  return (struct qcc_exp_parts){qcc_f32_of_bits((qcc_bits_of_f32(shifted) + 127u) << 23), p};
}

QCC_INLINE float qcc_sigmoid__by(int32_t is_fused, float x) {
  const float v = x > -QCC_SIGMOID_LEAST ? QCC_SIGMOID_LEAST : -x;
  if (v > QCC_SIGMOID_MOST) return 0.0f;
  {
    const struct qcc_exp_parts e = qcc_sigmoid__exp(is_fused, v);
    const float larger = e.t > 1.0f ? e.t : 1.0f, smaller = e.t > 1.0f ? 1.0f : e.t;
    return 1.0f / (larger + qcc_sigmoid__step(is_fused, e.t, e.p, smaller));
  }
}

QCC_INLINE float qcc_softmax_exp__by(int32_t is_fused, float x) {
  if (x < QCC_SOFTMAX_LEAST) return 0.0f;
  {
    const struct qcc_exp_parts e = qcc_sigmoid__exp(is_fused, x);
    return qcc_mulf(e.t, 1.0f + e.p);
  }
}

QCC_INLINE float qcc_sigmoidf(float x) { return qcc_sigmoid__by(QCC_HAS_FMAF, x); }
/* x <= 0 */
QCC_INLINE float qcc_softmax_expf(float x) { return qcc_softmax_exp__by(QCC_HAS_FMAF, x); }

#endif
