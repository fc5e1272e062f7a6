/* SPDX-License-Identifier: 0BSD */
/* Contract of the pooling families over 8-bit NHWC tensors.
 *
 * max_pool_q8:     y = max over the window's pixels inside the image                      (a window has at least one)
 * average_pool_q8: s = sum over the window's pixels inside the image of (x - x_zero), exact, k = their number, or kh*kw if
 *                  count_include_pad; y = clamp(rne(f32(s) * mult_k) + y_zero, y_min, y_max): `mult` has one f32 for
 *                  each k = 0..kh*kw (entry k). The compiler asks for it where the window is the whole image.
 * window_mean_q8:  s = float32 sum of f32(x - x_zero) * x_scale over the same pixels in the order ky, kx;
 *                  y = clamp(rne(s / f32(k) / y_scale + f32(y_zero)), y_min, y_max), the zero point inside the rounding; an s8
 *                  result is rounded as the u8 one: y_zero, the bounds and y are 128 higher until it is stored.
 * average_pool_fixed_q8: s = sum of x over the same pixels; y = clamp(s / k to nearest, ties away from zero, y_min, y_max). */
#ifndef QCC_POOL_Q8_H
#define QCC_POOL_Q8_H

#include "qcc/base.h"

struct qcc_pool_q8_params {
  int32_t n, h, w, c;
  int32_t oh, ow;
  int32_t kh, kw, sh, sw, dh, dw;
  int32_t pad_top, pad_left;
  int32_t count_include_pad;
  int32_t x_signed, y_signed;
};

struct qcc_pool_q8_data {
  int32_t x_zero, y_zero, y_min, y_max;
  float x_scale, y_scale; /* window_mean_q8 */
};

typedef void qcc_max_pool_q8_fn(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, const uint8_t *x, uint8_t *y);
typedef void qcc_average_pool_q8_fn(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, const uint8_t *x,
                                    const float *mult, uint8_t *y);
typedef void qcc_average_pool_fixed_q8_fn(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, const uint8_t *x,
                                          uint8_t *y);
typedef void qcc_window_mean_q8_fn(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, const uint8_t *x, uint8_t *y);

#endif
