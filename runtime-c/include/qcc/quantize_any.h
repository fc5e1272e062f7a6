/* SPDX-License-Identifier: 0BSD */
/* Contracts of families quantize_any and dequantize_any: floats to and from stored integers of any element, with one scale
 * for the tensor, one for each slice of an axis, or one for each block of slices.
 *
 *   quantize_any:   y[o,a,i] = clamp(rne(x[o,a,i] / scales[s]) + zeros[s], y_min, y_max)
 *   dequantize_any: y[o,a,i] = f32(x[o,a,i] - zeros[s]) * scales[s]
 *
 * o < outer, a < axis, i < inner, all row-major; s = a where block is 0, else (o * ceil(axis / block) + a / block) * inner + i.
 * One scale for the tensor: outer = axis = 1. `element` numbers the stored integers as element.h does. No overlap. */
#ifndef QCC_QUANTIZE_ANY_H
#define QCC_QUANTIZE_ANY_H

#include "qcc/element.h"
#include "qcc/requantize.h"

struct qcc_quantize_any_params {
  int32_t outer, axis, inner, block;
  int32_t element;
};

struct qcc_quantize_any_data {
  int32_t y_min, y_max;
};

typedef void qcc_quantize_any_fn(struct qcc_quantize_any_params p, struct qcc_quantize_any_data d, const float *x,
                                 const float *scales, const int32_t *zeros, void *y);
typedef void qcc_dequantize_any_fn(struct qcc_quantize_any_params p, const void *x, const float *scales,
                                   const int32_t *zeros, float *y);

#endif
