/* SPDX-License-Identifier: 0BSD */
/* Contracts of the families that put the values of a slice in order.
 *
 * top_k_f32, top_k_q8, top_k_s32, top_k_s64: y[o,p,i] = the p-th greatest (least) of x[o,j,i] over j < dim, p < k; index[o,p,i] = its j.
 *   Each value goes in front of those before it that it is greater (less) than, counted from the last of the best k so far: of
 *   equal ones the first comes first, and nothing passes a NaN. x_signed: of top_k_q8.
 * cumulative_f32, _s32, _s64: y[o,j,i] = the sum of x[o,t,i] over t <= j (exclusive: t < j), in the order of t;
 *   reverse: over t >= j (t > j), from the last t down. Integers are summed modulo 2^32 (2^64).
 *
 * No overlap. */
#ifndef QCC_TOP_K_H
#define QCC_TOP_K_H

#include "qcc/base.h"

struct qcc_top_k_params {
  int32_t outer, dim, inner, k;
  int32_t least; /* 1: the least, 0: the greatest */
  int32_t x_signed;
};
typedef void qcc_top_k_f32_fn(struct qcc_top_k_params p, const float *x, float *y, int64_t *index);
typedef void qcc_top_k_q8_fn(struct qcc_top_k_params p, const uint8_t *x, uint8_t *y, int64_t *index);
typedef void qcc_top_k_s32_fn(struct qcc_top_k_params p, const int32_t *x, int32_t *y, int64_t *index);
typedef void qcc_top_k_s64_fn(struct qcc_top_k_params p, const int64_t *x, int64_t *y, int64_t *index);

struct qcc_cumulative_params {
  int32_t outer, dim, inner;
  int32_t exclusive, reverse;
};
typedef void qcc_cumulative_f32_fn(struct qcc_cumulative_params p, const float *x, float *y);
typedef void qcc_cumulative_s32_fn(struct qcc_cumulative_params p, const int32_t *x, int32_t *y);
typedef void qcc_cumulative_s64_fn(struct qcc_cumulative_params p, const int64_t *x, int64_t *y);

#endif
