/* SPDX-License-Identifier: 0BSD */
/* Contract of family gather: slices of one dimension, picked by index.
 *
 *   y[o][k] = x[o][index[k]]     o < outer, k < count; x is [outer][dim], y [outer][count], entries of `run` bytes
 *
 * `index` holds int32_t or int64_t (index_bytes 4 or 8), at least as aligned. A negative index counts from the end; one
 * that is still outside 0..dim-1 is taken as the nearest that is not, so that no number of a caller reads foreign memory.
 * is_inside: every index is known to lie in 0..dim-1. x and y do not overlap. */
#ifndef QCC_GATHER_H
#define QCC_GATHER_H

#include "qcc/base.h"

struct qcc_gather_params {
  int32_t outer, dim, run, count;
  int32_t index_bytes;
  int32_t is_inside;
};

typedef void qcc_gather_fn(struct qcc_gather_params p, const void *x, const void *index, void *y);

#endif
