/* SPDX-License-Identifier: 0BSD */
/* Contract of family copy:  y[i] = x[i] for `bytes` bytes; x and y do not overlap. */
#ifndef QCC_COPY_H
#define QCC_COPY_H

#include "qcc/base.h"

struct qcc_copy_params {
  int32_t bytes;
};

typedef void qcc_copy_fn(struct qcc_copy_params p, const void *x, void *y);

#endif
