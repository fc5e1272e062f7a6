/* SPDX-License-Identifier: 0BSD */
/* Contract of family softmax_q8: softmax of an 8-bit tensor along `dim` elements `inner` apart.
 *
 *   e = table[255 - (max - x)]     s = float32 sum of e in index order
 *   y = clamp(rne(f64(e) * steps / f64(s)) + y_zero, y_min, y_max)     product and quotient in double: the product is exact
 *
 * table: 256 exponentials made by the compiler, so large that no sum overflows or vanishes. steps: whole steps of y in 1.
 * This is ONNX Runtime's x86 formula. y may alias x exactly. */
#ifndef QCC_SOFTMAX_Q8_H
#define QCC_SOFTMAX_Q8_H

#include "qcc/base.h"

struct qcc_softmax_q8_params {
  int32_t outer, dim, inner;
  int32_t x_signed;
};

struct qcc_softmax_q8_data {
  float steps;
  int32_t y_zero, y_min, y_max;
};

typedef void qcc_softmax_q8_fn(struct qcc_softmax_q8_params p, struct qcc_softmax_q8_data d, const uint8_t *x,
                               const float *table, uint8_t *y);

#endif
