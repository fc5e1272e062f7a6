/* SPDX-License-Identifier: 0BSD */
/* Contract of family conv2d_q8: 2-D convolution of an 8-bit NHWC tensor, any stride, dilation, padding, groups.
 *
 *   acc[n,oy,ox,o] = bias[o] + sum over ky,kx,i of X[n, oy*sh - pad_top + ky*dh, ox*sw - pad_left + kx*dw, g*cg + i]
 *                                                  * w[o,ky,kx,i]          cg = c/groups, g = o / (oc/groups)
 *   y = epilogue(acc)                                                      (epilogue.h)
 *
 * X reads the stored value (signed if x_signed); outside the image it reads x_pad. The compiler has folded the
 * activation's zero point into bias (bias - x_zero * sum w), so x_pad is the zero point. No int32 sum can overflow: proved.
 * Kernels whose packing ends in _xs8 read u8 activations as x - 128; their bias has 128 * sum w added, modulo 2^32.
 *
 * x  [n,h,w,c] bytes   w packed as the kernel's packing says   bias s32[oc]
 * scale: per channel, as kind.rounding says (epilogue.h); null for QCC_OUT_S32
 * y  [n,oh,ow,oc]: bytes, int32_t or float   residual: bytes like y, or null   table: 256 bytes or null
 * scratch: scratch_bytes(kernel) bytes, 64-byte aligned, or null if the kernel needs none
 * Reads past the end of x and w: at most the kernel's slack. bias and scale hold oc rounded up to the tile's NR channels,
 * the rest zero; where the packing is narrow, nr<N>n, oc. y may alias residual exactly; nothing else may overlap. w, bias, scale and scratch are 64-byte aligned. */
#ifndef QCC_CONV2D_Q8_H
#define QCC_CONV2D_Q8_H

#include "qcc/epilogue.h"

struct qcc_conv2d_q8_params {
  int32_t n, h, w, c;
  int32_t oh, ow, oc;
  int32_t kh, kw, sh, sw, dh, dw;
  int32_t pad_top, pad_left;
  int32_t groups;
  int32_t x_signed;
  struct qcc_epilogue_kind kind;
};

struct qcc_conv2d_q8_data {
  int32_t x_pad;
  struct qcc_epilogue_data e;
};

typedef void qcc_conv2d_q8_fn(struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x,
                              const void *w, const int32_t *bias, const void *scale, const uint8_t *residual,
                              const uint8_t *table, void *y, void *scratch);

#endif
