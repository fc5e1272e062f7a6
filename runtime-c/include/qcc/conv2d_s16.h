/* SPDX-License-Identifier: 0BSD */
/* Contract of the families conv2d_s16 and dwconv2d_s16: TFLite's 16x8 convolutions of NHWC tensors.
 *
 * conv2d_s16    acc[n,oy,ox,o] = bias[o] + sum over ky,kx,i of x[n, oy*sh - pad_top + ky*dh, ox*sw - pad_left + kx*dw, g*cg + i]
 *                                                            * w[o,ky,kx,i]          cg = c/groups, g = o / (oc/groups)
 * dwconv2d_s16  acc[n,oy,ox,o] = bias[o] + sum over ky,kx of x[..., o/multiplier] * w[ky,kx,o]            oc = c * multiplier
 *               y = clamp(scaled(acc), y_min, y_max)                                                      (wide.h)
 *
 * Outside the image x is 0, as is every zero point. is_wide = 0: no partial sum leaves 32 bits (proved), bias is s32[oc];
 * is_wide = 1: none leaves 47 bits, bias is s64[oc], the rule is not QCC_WIDE_DOUBLE. bias and scale hold oc rounded up to the
 * tile's NR channels, the rest zero. w packed as the kernel's packing says; w, bias, scale, scratch are 64-byte aligned, x and y
 * as their elements are. Nothing overlaps. */
#ifndef QCC_CONV2D_S16_H
#define QCC_CONV2D_S16_H

#include "qcc/wide.h"

struct qcc_conv2d_s16_params {
  int32_t n, h, w, c;
  int32_t oh, ow, oc;
  int32_t kh, kw, sh, sw, dh, dw;
  int32_t pad_top, pad_left;
  int32_t groups;
  int32_t rounding, is_wide;
};

struct qcc_conv2d_s16_data {
  int32_t y_min, y_max;
};

struct qcc_dwconv2d_s16_params {
  int32_t n, h, w, c;
  int32_t oh, ow, multiplier;
  int32_t kh, kw, sh, sw, dh, dw;
  int32_t pad_top, pad_left;
  int32_t rounding, is_wide;
};

struct qcc_dwconv2d_s16_data {
  int32_t y_min, y_max;
};

typedef void qcc_conv2d_s16_fn(struct qcc_conv2d_s16_params p, struct qcc_conv2d_s16_data d, const int16_t *x, const int8_t *w,
                               const void *bias, const int32_t *scale, int16_t *y, void *scratch);
typedef void qcc_dwconv2d_s16_fn(struct qcc_dwconv2d_s16_params p, struct qcc_dwconv2d_s16_data d, const int16_t *x,
                                 const int8_t *w, const void *bias, const int32_t *scale, int16_t *y, void *scratch);

#endif
