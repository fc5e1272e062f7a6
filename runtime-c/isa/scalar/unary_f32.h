/* SPDX-License-Identifier: 0BSD */
/* Functions of one float in plain C: y = f(x; alpha, beta). */
#ifndef QCC_SCALAR_UNARY_F32_H
#define QCC_SCALAR_UNARY_F32_H

#include "qcc/activation.h"
#include "qcc/elementwise_f32.h"
#include "qcc/trigonometry.h"

QCC_INLINE float qcc_unary_apply(int32_t fn, float x, float alpha, float beta) {
  switch (fn) {
    case QCC_UNARY_NEG: return -x;
    case QCC_UNARY_ABS: return qcc_absf(x);
    case QCC_UNARY_SIGN: return x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x == 0.0f ? 0.0f : x;
    case QCC_UNARY_SQRT: return qcc_sqrtf(x);
    case QCC_UNARY_RECIPROCAL: return 1.0f / x;
    case QCC_UNARY_FLOOR: return qcc_floorf(x);
    case QCC_UNARY_CEIL: return qcc_ceilf(x);
    case QCC_UNARY_ROUND: return qcc_rintf(x);
    case QCC_UNARY_EXP: return qcc_expf(x);
    case QCC_UNARY_LOG: return qcc_logf(x);
    case QCC_UNARY_ERF: return qcc_erff(x);
    case QCC_UNARY_TANH: return qcc_tanhf(x);
    case QCC_UNARY_SIGMOID: return qcc_sigmoidf(x);
    case QCC_UNARY_SOFTPLUS: return qcc_softplusf(x);
    case QCC_UNARY_SOFTSIGN: return qcc_softsignf(x);
    case QCC_UNARY_MISH: return qcc_mishf(x);
    case QCC_UNARY_GELU: return qcc_geluf(x);
    case QCC_UNARY_GELU_TANH: return qcc_gelu_tanhf(x);
    case QCC_UNARY_HARD_SWISH: return qcc_hard_swishf(x);
    case QCC_UNARY_SILU: return qcc_siluf(x);
    case QCC_UNARY_SIN: return qcc_sinf(x);
    case QCC_UNARY_COS: return qcc_cosf(x);
    case QCC_UNARY_TAN: return qcc_tanf(x);
    case QCC_UNARY_ATAN: return qcc_atanf(x);
    case QCC_UNARY_LEAKY_RELU: return x >= 0.0f ? x : qcc_mulf(x, alpha);
    case QCC_UNARY_THRESHOLDED_RELU: return x <= alpha ? 0.0f : x;
    case QCC_UNARY_ELU: return qcc_eluf(x, alpha);
    case QCC_UNARY_CELU: return qcc_celuf(x, alpha);
    case QCC_UNARY_SELU: return qcc_seluf(x, alpha, beta);
    case QCC_UNARY_HARD_SIGMOID: return qcc_hard_sigmoidf(x, alpha, beta);
    case QCC_UNARY_SWISH: return qcc_swishf(x, alpha);
    default: return x < -alpha ? x + beta : x > alpha ? x - beta : x == x ? 0.0f : x;
  }
}

QCC_INLINE void qcc_unary_f32__1__scalar(struct qcc_unary_f32_params p, struct qcc_unary_f32_data d, const float *x, float *y) {
  for (int32_t i = 0; i < p.count; i++) y[i] = qcc_unary_apply(p.fn, x[i], d.alpha, d.beta);
}

#endif
