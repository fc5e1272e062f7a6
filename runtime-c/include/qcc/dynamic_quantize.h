/* SPDX-License-Identifier: 0BSD */
/* Contract of family dynamic_quantize: floats to u8, each row by its own range.
 *
 *   low = min(x, 0), high = max(x, 0), comparisons with NaN being false     scale = (high - low) / 255, 1 if they are equal
 *   zero = clamp(rne(0 - low / scale), 0, 255)     y = clamp(rne(x / scale) + zero, 0, 255)
 *
 * x and y are [rows,count]; scale and zero hold a number for each row. No overlap. */
#ifndef QCC_DYNAMIC_QUANTIZE_H
#define QCC_DYNAMIC_QUANTIZE_H

#include "qcc/requantize.h"

struct qcc_dynamic_quantize_params {
  int32_t rows, count;
};

typedef void qcc_dynamic_quantize_fn(struct qcc_dynamic_quantize_params p, const float *x, uint8_t *y, float *scale, uint8_t *zero);

#endif
