/* SPDX-License-Identifier: 0BSD */
/* Contract of family matmul_f32: batched product of float matrices.
 *
 *   for every g0, g1, g2, m, n:   y = sum over k of a[g*ga + m*a_m + k*a_k] * b[g*gb + k*b_k + n*b_n]
 *
 * g*ga = g0*ga0 + g1*ga1 + g2*ga2; strides in elements, 0 where an operand repeats. Product k joins lane k % 8 by fma; the
 * lanes join as in lanes.h. y [g0,g1,g2,m,n] is contiguous. No overlap; scratch is 64-byte aligned. */
#ifndef QCC_MATMUL_F32_H
#define QCC_MATMUL_F32_H

#include "qcc/base.h"

struct qcc_matmul_f32_params {
  int32_t g0, g1, g2, ga0, ga1, ga2, gb0, gb1, gb2;
  int32_t m, n, k;
  int32_t a_m, a_k, b_k, b_n;
};

typedef void qcc_matmul_f32_fn(struct qcc_matmul_f32_params p, const float *a, const float *b, float *y, void *scratch);

#endif
