/* SPDX-License-Identifier: 0BSD */
/* Contracts of the families that make one value of a slice.
 *
 * reduce_f32: y[k0,k1,k2] = fn over r0,r1,r2 of x[k0*ks0 + k1*ks1 + k2*ks2 + r0*rs0 + r1*rs1 + r2*rs2]; strides in elements.
 *   Element j of a slice, in the order r0, r1, r2, joins lane j % 8; the lanes join as in lanes.h, by the same operation:
 *     SUM  lane + x   MEAN the sum / f32(count)   PROD lane * x   L1 lane + |x|   SUM_SQUARE fma(x, x, lane)
 *     MAX  x > lane or x is NaN ? x : lane        MIN  x < lane or x is NaN ? x : lane
 *     LOG_SUM_EXP  log(s) + m: m = MAX, or 0 where that is infinite, and s the SUM of exp(x - m)
 * reduce_s32, reduce_s64: the same, but for LOG_SUM_EXP, modulo 2^32 (2^64); a MEAN divides the sum modulo 2^64, truncating.
 * arg_f32, arg_q8, arg_s32, arg_s64: y[o,i] = index j < dim of the greatest (least) x[o,j,i]; of equal ones the first (last). A NaN is never
 *   greater or less, so one is only found in place 0.
 *
 * No overlap. */
#ifndef QCC_REDUCE_H
#define QCC_REDUCE_H

#include "qcc/base.h"

enum {
  QCC_REDUCE_SUM,
  QCC_REDUCE_MEAN,
  QCC_REDUCE_MAX,
  QCC_REDUCE_MIN,
  QCC_REDUCE_PROD,
  QCC_REDUCE_L1,
  QCC_REDUCE_SUM_SQUARE,
  QCC_REDUCE_LOG_SUM_EXP
};

struct qcc_reduce_params {
  int32_t fn;
  int32_t k0, k1, k2, ks0, ks1, ks2;
  int32_t r0, r1, r2, rs0, rs1, rs2;
};
typedef void qcc_reduce_f32_fn(struct qcc_reduce_params p, const float *x, float *y);
typedef void qcc_reduce_s32_fn(struct qcc_reduce_params p, const int32_t *x, int32_t *y);
typedef void qcc_reduce_s64_fn(struct qcc_reduce_params p, const int64_t *x, int64_t *y);

struct qcc_arg_params {
  int32_t outer, dim, inner;
  int32_t least; /* 1: the least, 0: the greatest */
  int32_t last;  /* 1: of equal ones the last, 0: the first */
  int32_t x_signed; /* arg_q8 */
};
typedef void qcc_arg_f32_fn(struct qcc_arg_params p, const float *x, int64_t *y);
typedef void qcc_arg_q8_fn(struct qcc_arg_params p, const uint8_t *x, int64_t *y);
typedef void qcc_arg_s32_fn(struct qcc_arg_params p, const int32_t *x, int64_t *y);
typedef void qcc_arg_s64_fn(struct qcc_arg_params p, const int64_t *x, int64_t *y);

#endif
