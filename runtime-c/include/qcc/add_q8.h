/* SPDX-License-Identifier: 0BSD */
/* Contract of family add_q8: sum of two 8-bit tensors.
 *
 *   y = clamp(rne(fma(f32(a), scale_a, fma(f32(b), scale_b, fixed))), y_min, y_max)
 *
 * (swapped: the roles of the scales change, fma(f32(b), scale_a, fma(f32(a), scale_b, fixed)): for a graph whose first
 * operand is the one that repeats.) a, b are stored values; scale_a = Sa/Sy, scale_b = Sb/Sy, fixed = Zy - fma(scale_a, Za, scale_b*Zb), all f32. Unlike a
 * requantization the zero point is inside the rounding: this is ONNX Runtime's x86 formula. b repeats: element i of
 * row r is b[r * b_row + i * b_column], with b_row 0 or `columns`, b_column 0 or 1. y may alias a or b exactly. */
#ifndef QCC_ADD_Q8_H
#define QCC_ADD_Q8_H

#include "qcc/base.h"

struct qcc_add_q8_params {
  int32_t rows, columns;
  int32_t b_row, b_column;
  int32_t a_signed, b_signed, y_signed;
  int32_t full_range; /* 1: y_min..y_max is the whole of s8 (u8) */
  int32_t swapped;
};

struct qcc_add_q8_data {
  float scale_a, scale_b, fixed;
  int32_t y_min, y_max;
};

typedef void qcc_add_q8_fn(struct qcc_add_q8_params p, struct qcc_add_q8_data d, const uint8_t *a, const uint8_t *b,
                           uint8_t *y);

#endif
