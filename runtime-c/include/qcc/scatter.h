/* SPDX-License-Identifier: 0BSD */
/* Contracts of the families that write entries into a copy of a tensor, one after the other.
 *
 *   y = x;  for i < count: y[index[i]] = updates[i]              scatter: entries of `run` bytes
 *                          y[index[i]] = fn(y[..], updates[i])   scatter_f32, _s32, _s64: entries of `run` numbers, element-wise
 *
 * x and y have `dim` entries. A negative index counts from the end; one that is still outside 0..dim-1 is taken as the nearest
 * that is not, so that no number of a caller writes foreign memory. ADD and MUL of integers are modulo 2^32 (2^64); MAX (MIN):
 * the update where it is greater (less). y may be x, and overlaps nothing else. */
#ifndef QCC_SCATTER_H
#define QCC_SCATTER_H

#include "qcc/base.h"

enum { QCC_SCATTER_ADD, QCC_SCATTER_MUL, QCC_SCATTER_MAX, QCC_SCATTER_MIN };

struct qcc_scatter_params {
  int32_t dim, count, run;
};
typedef void qcc_scatter_fn(struct qcc_scatter_params p, const void *x, const int64_t *index, const void *updates, void *y);

struct qcc_scatter_join_params {
  int32_t dim, count, fn, run;
};
typedef void qcc_scatter_f32_fn(struct qcc_scatter_join_params p, const float *x, const int64_t *index, const float *updates,
                                float *y);
typedef void qcc_scatter_s32_fn(struct qcc_scatter_join_params p, const int32_t *x, const int64_t *index, const int32_t *updates,
                                int32_t *y);
typedef void qcc_scatter_s64_fn(struct qcc_scatter_join_params p, const int64_t *x, const int64_t *index, const int64_t *updates,
                                int64_t *y);

#endif
