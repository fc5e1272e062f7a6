/* SPDX-License-Identifier: 0BSD */
/* Contracts of the element-wise float families.
 *
 * clamp_f32:   y = x < min ? min : x > max ? max : x            NaN stays
 * unary_f32:   y = f(x), f by QCC_UNARY_*; transcendental functions are those of math.h
 * binary_f32:  y = f(a, b), f by QCC_BINARY_*; operands broadcast: dimension d of y steps a by a_stride[d], b by b_stride[d]
 * softmax_f32: e = exp(x - max), y = e / sum(e) along `dim` elements `inner` apart, in index order; log: x - max - log(sum)
 *
 * y may alias an operand that has its size. */
#ifndef QCC_ELEMENTWISE_F32_H
#define QCC_ELEMENTWISE_F32_H

#include "qcc/base.h"

enum { QCC_BINARY_ADD, QCC_BINARY_SUB, QCC_BINARY_MUL, QCC_BINARY_DIV, QCC_BINARY_MIN, QCC_BINARY_MAX };

struct qcc_clamp_f32_params {
  int32_t count;
};
struct qcc_clamp_f32_data {
  float min, max;
};
typedef void qcc_clamp_f32_fn(struct qcc_clamp_f32_params p, struct qcc_clamp_f32_data d, const float *x, float *y);

struct qcc_binary_f32_params {
  int32_t fn;
  int32_t d0, d1, d2, d3, d4, d5; /* dimensions of y, leading ones first */
  int32_t a0, a1, a2, a3, a4, a5; /* strides of a in elements, 0 where it repeats */
  int32_t b0, b1, b2, b3, b4, b5;
};
typedef void qcc_binary_f32_fn(struct qcc_binary_f32_params p, const float *a, const float *b, float *y);

struct qcc_softmax_f32_params {
  int32_t outer, dim, inner;
};
typedef void qcc_softmax_f32_fn(struct qcc_softmax_f32_params p, const float *x, float *y);

#endif
