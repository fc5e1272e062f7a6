/* SPDX-License-Identifier: 0BSD */
/* Contract of the families that work on int16 tensors without zero points, and between those and 8 bits.
 *
 *   add_q16           y = clamp(rne(fma(f32(a), scale_a, fma(f32(b), scale_b, fixed))), y_min, y_max)                 (add_q8.h)
 *   mul_q16           y = clamp(rne(f32(f32(p) * scale) + f32(y_zero)), y_min, y_max)    p = (a - a_zero) * (b - b_zero)  (mul_q8.h)
 *   convert_q16       v = x of f32, else f32(x - x_zero) * x_scale;  y = v of f32, else clamp(rne(v / y_scale) + y_zero, y_min, y_max)
 *   average_pool_q16  y = clamp(rne(f32(s) * mult[k]) + y_zero, y_min, y_max)    s, k, mult: average_pool_q8's, for any window (pool_q8.h)
 *
 * Operands and results have the elements that the params name, QCC_ELEMENT_S8, _U8, _S16, convert_q16's also _F32, _U16, _S4, _U4,
 * its x also _S32 without a zero point. b of add_q16
 * and mul_q16 repeats as in add_q8.h; `swapped` is add_q8's; an s8 product is rounded 128 higher, as mul_q8's. |p| <= 2^30, and
 * the sum of a window fits 32 bits. y may alias a or b exactly where its element is no larger. */
#ifndef QCC_ELEMENTWISE_Q16_H
#define QCC_ELEMENTWISE_Q16_H

#include "qcc/element.h"

struct qcc_add_q16_params {
  int32_t rows, columns;
  int32_t b_row, b_column;
  int32_t a_element, b_element, y_element;
  int32_t swapped;
};

struct qcc_add_q16_data {
  float scale_a, scale_b, fixed;
  int32_t y_min, y_max;
};

struct qcc_mul_q16_params {
  int32_t rows, columns;
  int32_t b_row, b_column;
  int32_t a_element, b_element, y_element;
};

struct qcc_mul_q16_data {
  int32_t a_zero, b_zero;
  float scale;
  int32_t y_zero, y_min, y_max;
};

struct qcc_convert_q16_params {
  int32_t count;
  int32_t x_element, y_element;
};

struct qcc_convert_q16_data {
  float x_scale;
  int32_t x_zero;
  float y_scale;
  int32_t y_zero, y_min, y_max;
};

struct qcc_average_pool_q16_params {
  int32_t n, h, w, c;
  int32_t oh, ow;
  int32_t kh, kw, sh, sw, dh, dw;
  int32_t pad_top, pad_left;
  int32_t count_include_pad;
  int32_t y_element;
};

struct qcc_average_pool_q16_data {
  int32_t y_zero, y_min, y_max;
};

typedef void qcc_add_q16_fn(struct qcc_add_q16_params p, struct qcc_add_q16_data d, const void *a, const void *b, void *y);
typedef void qcc_mul_q16_fn(struct qcc_mul_q16_params p, struct qcc_mul_q16_data d, const void *a, const void *b, void *y);
typedef void qcc_convert_q16_fn(struct qcc_convert_q16_params p, struct qcc_convert_q16_data d, const void *x, void *y);
typedef void qcc_average_pool_q16_fn(struct qcc_average_pool_q16_params p, struct qcc_average_pool_q16_data d, const int16_t *x,
                                     const float *mult, void *y);

#endif
