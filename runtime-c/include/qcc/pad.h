/* SPDX-License-Identifier: 0BSD */
/* Contract of family pad: a tensor surrounded with one value.
 *
 *   y[i0,...,i5] = x[i0 - before0, ..., i5 - before5]  where that is inside d0..d5, else the value
 *
 * y has before + d + after entries along each dimension, of `size` bytes (1, 2, 4 or 8). The value's bytes, least
 * significant first, are `low` and, for 8 bytes, `high`. x and y do not overlap. */
#ifndef QCC_PAD_H
#define QCC_PAD_H

#include "qcc/base.h"

struct qcc_pad_params {
  int32_t size;
  int32_t d0, d1, d2, d3, d4, d5;
  int32_t before0, before1, before2, before3, before4, before5;
  int32_t after0, after1, after2, after3, after4, after5;
};

struct qcc_pad_data {
  int32_t low, high;
};

typedef void qcc_pad_fn(struct qcc_pad_params p, struct qcc_pad_data d, const void *x, void *y);

#endif
