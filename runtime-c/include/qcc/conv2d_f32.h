/* SPDX-License-Identifier: 0BSD */
/* Contract of family conv2d_f32: 2-D convolution of float NHWC tensors, any stride, dilation, padding, groups.
 *
 *   y[n,oy,ox,o] = after(before(sum + bias[o]) + residual[n,oy,ox,o])     the sum in 8 interleaved lanes: tap (ky,kx,i) adds
 *   fma(x, w, lane[i % 8]) in the order ky, kx, i; taps outside the image are left out; lanes join as
 *   ((0+4)+(2+6)) + ((1+5)+(3+7)); `before` and `after` are functions QCC_FUSED_*, each step rounded
 *
 * x [n,h,w,c]  w [oc,kh,kw,c/groups], or by packing nr16_kr1_f32 [groups][panel][kh,kw,c/groups][16], panels of 16 channels
 * of a group, the last one padded with zeros (64-byte aligned)  bias f32[oc] or null (then nothing is added)
 * y and, where has_add says so, residual [n,oh,ow,oc]: y may be the residual; no other overlap. */
#ifndef QCC_CONV2D_F32_H
#define QCC_CONV2D_F32_H

#include "qcc/base.h"

/* The functions are those of clamp_f32 and unary_f32 (elementwise_f32.h); the order is that of src/ops/conv2d-fused/op.ts. */
enum {
  QCC_FUSED_NONE,
  QCC_FUSED_CLAMP,
  QCC_FUSED_LEAKY_RELU,
  QCC_FUSED_HARD_SWISH,
  QCC_FUSED_SIGMOID,
  QCC_FUSED_SILU,
  QCC_FUSED_SWISH
};

struct qcc_conv2d_f32_params {
  int32_t n, h, w, c;
  int32_t oh, ow, oc;
  int32_t kh, kw, sh, sw, dh, dw;
  int32_t pad_top, pad_left;
  int32_t groups;
  int32_t has_bias, before, has_add, after;
};
/* a, b: the limits of a clamp; alpha of LEAKY_RELU and SWISH. */
struct qcc_conv2d_f32_data {
  float before_a, before_b, after_a, after_b;
};

/* Where nothing follows the sums. */
QCC_INLINE struct qcc_conv2d_f32_data qcc_conv2d_f32_plain(void) {
  const struct qcc_conv2d_f32_data d = {0.0f, 0.0f, 0.0f, 0.0f};
  return d;
}

typedef void qcc_conv2d_f32_fn(struct qcc_conv2d_f32_params p, struct qcc_conv2d_f32_data d, const float *x, const float *w,
                               const float *bias, const float *residual, float *y);

#endif
