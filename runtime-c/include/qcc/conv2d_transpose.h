/* SPDX-License-Identifier: 0BSD */
/* Contracts of the transposed convolutions of NHWC tensors, any stride, dilation, padding, groups.
 *
 *   sum[n,oy,ox,o] over ky, kx, i of X[n, (oy + pad_top - ky*dh) / sh, (ox + pad_left - kx*dw) / sw, g*cg + i] * w[o,ky,kx,i]
 *                                                                       cg = c/groups, g = o / (oc/groups)
 *   taps whose division is not exact, or whose pixel is outside the image, are left out
 *
 * conv2d_transpose_f32: y = sum + bias[o]: channel i of a tap joins lane i % 8 by fma, in the order of the pixels (ky and kx
 *   from the last down), then i: that of a convolution that reads them; the lanes join as in lanes.h. bias f32[oc] or null
 *   (then nothing is added).
 * conv2d_transpose_q8:  y = epilogue(bias[o] + sum), where X = stored value - x_zero (epilogue.h). No int32 sum can overflow:
 *   proved. w packed as the kernel's packing says, bias s32[oc], scale per channel as kind.rounding says, or null for
 *   QCC_OUT_S32.
 *
 * x [n,h,w,c]  w [oc,kh,kw,c/groups]  y [n,oh,ow,oc]. No overlap. */
#ifndef QCC_CONV2D_TRANSPOSE_H
#define QCC_CONV2D_TRANSPOSE_H

#include "qcc/epilogue.h"

struct qcc_conv2d_transpose_f32_params {
  int32_t n, h, w, c;
  int32_t oh, ow, oc;
  int32_t kh, kw, sh, sw, dh, dw;
  int32_t pad_top, pad_left;
  int32_t groups;
  int32_t has_bias;
};
typedef void qcc_conv2d_transpose_f32_fn(struct qcc_conv2d_transpose_f32_params p, const float *x, const float *w,
                                         const float *bias, float *y);

struct qcc_conv2d_transpose_q8_params {
  int32_t n, h, w, c;
  int32_t oh, ow, oc;
  int32_t kh, kw, sh, sw, dh, dw;
  int32_t pad_top, pad_left;
  int32_t groups;
  int32_t x_signed;
  struct qcc_epilogue_kind kind;
};
struct qcc_conv2d_transpose_q8_data {
  int32_t x_zero;
  struct qcc_epilogue_data e;
};
typedef void qcc_conv2d_transpose_q8_fn(struct qcc_conv2d_transpose_q8_params p, struct qcc_conv2d_transpose_q8_data d,
                                        const uint8_t *x, const void *w, const int32_t *bias, const void *scale, void *y);

#endif
