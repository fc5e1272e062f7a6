/* SPDX-License-Identifier: 0BSD */
/* Contract of family slide: moves bytes down within one buffer, as memmove does: y[i] = x[i], i < bytes.
 * y begins below x; the two may overlap. */
#ifndef QCC_SLIDE_H
#define QCC_SLIDE_H

#include "qcc/base.h"

struct qcc_slide_params {
  int32_t bytes;
};

typedef void qcc_slide_fn(struct qcc_slide_params p, const void *x, void *y);

#endif
