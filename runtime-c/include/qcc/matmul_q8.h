/* SPDX-License-Identifier: 0BSD */
/* Contract of family matmul_q8: batched product of two 8-bit matrices known at run time only.
 *
 *   acc = sum over k of (A[g*ga + m*a_m + k*a_k] - a_zero) * (B[g*gb + k*b_k + n*b_n] - b_zero)     exact in int32: proved
 *   y   = epilogue(acc) of channel n                                                               (epilogue.h)
 *
 * Layout members as in matmul_f32.h; A and B read stored values (signed if a_signed, b_signed). b_zero_per_column: b_zeros
 * s32[n] holds the zero point of each column of b, else it is null and d.b_zero is that of all. mult f32[n], null for
 * QCC_OUT_S32. With row and column sums, acc = sum A*B - b_zero * sum A - a_zero * sum B + k * a_zero * b_zero, where only the
 * whole is known to fit: add modulo 2^32. y must not overlap a or b. scratch: 64-byte aligned, or null if the kernel needs none. */
#ifndef QCC_MATMUL_Q8_H
#define QCC_MATMUL_Q8_H

#include "qcc/epilogue.h"

struct qcc_matmul_q8_params {
  int32_t g0, g1, g2, ga0, ga1, ga2, gb0, gb1, gb2;
  int32_t m, n, k;
  int32_t a_m, a_k, b_k, b_n;
  int32_t a_signed, b_signed;
  int32_t b_zero_per_column;
  struct qcc_epilogue_kind kind;
};

struct qcc_matmul_q8_data {
  int32_t a_zero, b_zero;
  struct qcc_epilogue_data e;
};

typedef void qcc_matmul_q8_fn(struct qcc_matmul_q8_params p, struct qcc_matmul_q8_data d, const uint8_t *a, const uint8_t *b,
                              const int32_t *b_zeros, const float *mult, void *y, void *scratch);

#endif
