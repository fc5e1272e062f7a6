/* SPDX-License-Identifier: 0BSD */
/* Contract of family conv2d_f32: 2-D convolution of float NHWC tensors, any stride, dilation, padding, groups.
 *
 *   y[n,oy,ox,o] = sum + bias[o]     the sum in 8 interleaved lanes: tap (ky,kx,i) adds fma(x, w, lane[i % 8]) in the order
 *   ky, kx, i; taps outside the image are left out; lanes join as ((0+4)+(2+6)) + ((1+5)+(3+7))
 *
 * x [n,h,w,c]  w [oc,kh,kw,c/groups], or by packing nr16_kr1_f32 [groups][panel][kh,kw,c/groups][16], panels of 16 channels
 * of a group, the last one padded with zeros (64-byte aligned)  bias f32[oc] or null (then nothing is added)  y [n,oh,ow,oc]. No overlap. */
#ifndef QCC_CONV2D_F32_H
#define QCC_CONV2D_F32_H

#include "qcc/base.h"

struct qcc_conv2d_f32_params {
  int32_t n, h, w, c;
  int32_t oh, ow, oc;
  int32_t kh, kw, sh, sw, dh, dw;
  int32_t pad_top, pad_left;
  int32_t groups;
  int32_t has_bias;
};

typedef void qcc_conv2d_f32_fn(struct qcc_conv2d_f32_params p, const float *x, const float *w, const float *bias, float *y);

#endif
