/* SPDX-License-Identifier: 0BSD */
/* Contracts of the element-wise float families.
 *
 * clamp_f32:   y = x < min ? min : x > max ? max : x            NaN stays
 * unary_f32:   y = f(x; alpha, beta), f by QCC_UNARY_*; functions are those of math.h, erf.h, activation.h and trigonometry.h
 * binary_f32:  y = f(a, b), f by QCC_BINARY_*; operands broadcast: dimension d of y steps a by a_stride[d], b by b_stride[d]
 * softmax_f32: along `dim` elements `inner` apart, with e = exp(x - max) and their sum in 8 lanes (lanes.h):
 *              SOFTMAX y = e / sum   LOG_SOFTMAX y = (x - max) - log(sum)   HARDMAX y = 1 at the first maximum, else 0
 *
 * y may alias an operand that has its size. */
#ifndef QCC_ELEMENTWISE_F32_H
#define QCC_ELEMENTWISE_F32_H

#include "qcc/base.h"

/* The order is that of the float functions in src/ops/binary/op.ts. PRELU: a for a >= 0, else a * b. FMOD: the remainder of C. */
enum {
  QCC_BINARY_ADD,
  QCC_BINARY_SUB,
  QCC_BINARY_MUL,
  QCC_BINARY_DIV,
  QCC_BINARY_MIN,
  QCC_BINARY_MAX,
  QCC_BINARY_POW,
  QCC_BINARY_PRELU,
  QCC_BINARY_FMOD
};

/* The order is that of the functions in src/ops/unary/op.ts, then src/ops/activation/op.ts. */
enum {
  QCC_UNARY_NEG,
  QCC_UNARY_ABS,
  QCC_UNARY_SIGN, /* -1, 0, 1; NaN stays */
  QCC_UNARY_SQRT,
  QCC_UNARY_RECIPROCAL,
  QCC_UNARY_FLOOR,
  QCC_UNARY_CEIL,
  QCC_UNARY_ROUND, /* ties to even */
  QCC_UNARY_EXP,
  QCC_UNARY_LOG,
  QCC_UNARY_ERF,
  QCC_UNARY_TANH,
  QCC_UNARY_SIGMOID,
  QCC_UNARY_SOFTPLUS,
  QCC_UNARY_SOFTSIGN,
  QCC_UNARY_MISH,
  QCC_UNARY_GELU,
  QCC_UNARY_GELU_TANH,
  QCC_UNARY_HARD_SWISH,
  QCC_UNARY_SILU,
  QCC_UNARY_SIN,
  QCC_UNARY_COS,
  QCC_UNARY_TAN,
  QCC_UNARY_ATAN,
  QCC_UNARY_LEAKY_RELU,       /* x for x >= 0, else x * alpha */
  QCC_UNARY_THRESHOLDED_RELU, /* x for x > alpha, else 0; NaN stays */
  QCC_UNARY_ELU,
  QCC_UNARY_CELU,
  QCC_UNARY_SELU, /* beta is gamma */
  QCC_UNARY_HARD_SIGMOID,
  QCC_UNARY_SWISH,
  QCC_UNARY_SHRINK /* x + beta for x < -alpha, x - beta for x > alpha, else 0 */
};

struct qcc_clamp_f32_params {
  int32_t count;
};
struct qcc_clamp_f32_data {
  float min, max;
};
typedef void qcc_clamp_f32_fn(struct qcc_clamp_f32_params p, struct qcc_clamp_f32_data d, const float *x, float *y);

struct qcc_unary_f32_params {
  int32_t fn;
  int32_t count;
};
struct qcc_unary_f32_data {
  float alpha, beta; /* 0 for functions without */
};
typedef void qcc_unary_f32_fn(struct qcc_unary_f32_params p, struct qcc_unary_f32_data d, const float *x, float *y);

struct qcc_binary_f32_params {
  int32_t fn;
  int32_t d0, d1, d2, d3, d4, d5; /* dimensions of y, leading ones first */
  int32_t a0, a1, a2, a3, a4, a5; /* strides of a in elements, 0 where it repeats */
  int32_t b0, b1, b2, b3, b4, b5;
};
typedef void qcc_binary_f32_fn(struct qcc_binary_f32_params p, const float *a, const float *b, float *y);

enum { QCC_SOFTMAX, QCC_LOG_SOFTMAX, QCC_HARDMAX };

struct qcc_softmax_f32_params {
  int32_t fn;
  int32_t outer, dim, inner;
};
typedef void qcc_softmax_f32_fn(struct qcc_softmax_f32_params p, const float *x, float *y);

#endif
