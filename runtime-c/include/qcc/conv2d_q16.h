/* SPDX-License-Identifier: 0BSD */
/* Contract of the families conv2d_q16 and dwconv2d_q16: conv2d_q8.h and dwconv2d_q8.h with int16 activations whose zero point
 * is 0, under the ONNX rule (TFLite's 16x8 layers are conv2d_s16.h's).
 *
 *   acc[n,oy,ox,o] = bias[o] + sum over the window of x * w     y = epilogue(acc)                               (epilogue.h)
 *
 * Outside the image x is 0. No partial sum leaves 32 bits, in any order: proved. Weights are s8 values, packed as the kernel's
 * packing says. Everything else as in those contracts; residual, if any, is bytes like y. */
#ifndef QCC_CONV2D_Q16_H
#define QCC_CONV2D_Q16_H

#include "qcc/conv2d_q8.h"
#include "qcc/dwconv2d_q8.h"

struct qcc_conv2d_q16_params {
  int32_t n, h, w, c;
  int32_t oh, ow, oc;
  int32_t kh, kw, sh, sw, dh, dw;
  int32_t pad_top, pad_left;
  int32_t groups;
  struct qcc_epilogue_kind kind;
};

struct qcc_conv2d_q16_data {
  struct qcc_epilogue_data e;
};

struct qcc_dwconv2d_q16_params {
  int32_t n, h, w, c;
  int32_t oh, ow, multiplier;
  int32_t kh, kw, sh, sw, dh, dw;
  int32_t pad_top, pad_left;
  struct qcc_epilogue_kind kind;
};

struct qcc_dwconv2d_q16_data {
  struct qcc_epilogue_data e;
};

typedef void qcc_conv2d_q16_fn(struct qcc_conv2d_q16_params p, struct qcc_conv2d_q16_data d, const int16_t *x, const void *w,
                               const int32_t *bias, const void *scale, const uint8_t *residual, const uint8_t *table, void *y,
                               void *scratch);
typedef void qcc_dwconv2d_q16_fn(struct qcc_dwconv2d_q16_params p, struct qcc_dwconv2d_q16_data d, const int16_t *x,
                                 const void *w, const int32_t *bias, const void *scale, const uint8_t *residual,
                                 const uint8_t *table, void *y, void *scratch);

/* The same convolution as one of bytes, `size` for a value: what gathers rows of bytes gathers rows of int16 under it. */
QCC_INLINE struct qcc_conv2d_q8_params qcc_conv2d_q16_bytes(struct qcc_conv2d_q16_params p, int32_t size) {
  return (struct qcc_conv2d_q8_params){p.n,  p.h,  p.w,  size * p.c, p.oh,      p.ow,       p.oc,     p.kh, p.kw,
                                       p.sh, p.sw, p.dh, p.dw,       p.pad_top, p.pad_left, p.groups, 1,    p.kind};
}

QCC_INLINE struct qcc_dwconv2d_q8_params qcc_dwconv2d_q16_shape(struct qcc_dwconv2d_q16_params p) {
  return (struct qcc_dwconv2d_q8_params){p.n,  p.h,  p.w,  p.c,  p.oh,      p.ow,       p.multiplier, p.kh,  p.kw,
                                         p.sh, p.sw, p.dh, p.dw, p.pad_top, p.pad_left, 1,            p.kind};
}

#endif
