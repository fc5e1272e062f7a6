/* SPDX-License-Identifier: 0BSD */
/* What follows the sum of a float convolution, in plain C: after(before(v) + residual). */
#ifndef QCC_SCALAR_FUSED_F32_H
#define QCC_SCALAR_FUSED_F32_H

#include "qcc/activation.h"
#include "qcc/conv2d_f32.h"

QCC_INLINE float qcc_fused_apply(int32_t fn, float x, float a, float b) {
  switch (fn) {
    case QCC_FUSED_NONE: return x;
    case QCC_FUSED_CLAMP: return x < a ? a : x > b ? b : x;
    case QCC_FUSED_LEAKY_RELU: return x >= 0.0f ? x : qcc_mulf(x, a);
    case QCC_FUSED_HARD_SWISH: return qcc_hard_swishf(x);
    case QCC_FUSED_SIGMOID: return qcc_sigmoidf(x);
    case QCC_FUSED_SILU: return qcc_siluf(x);
    default: return qcc_swishf(x, a);
  }
}

/* residual: at the element of v, or null. */
QCC_INLINE float qcc_fused_epilogue(struct qcc_conv2d_f32_params p, struct qcc_conv2d_f32_data d, float v, const float *residual) {
  v = qcc_fused_apply(p.before, v, d.before_a, d.before_b);
  if (p.has_add) v = v + *residual;
  return qcc_fused_apply(p.after, v, d.after_a, d.after_b);
}

#endif
