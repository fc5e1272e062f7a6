/* SPDX-License-Identifier: 0BSD */
/* Contract of family dwconv2d_q8: depthwise 2-D convolution, each input channel feeds `multiplier` output channels.
 *
 *   acc[n,oy,ox,o] = bias[o] + sum over ky,kx of X[n, oy*sh - pad_top + ky*dh, ox*sw - pad_left + kx*dw, o/multiplier]
 *                                                * w[ky,kx,o]
 *   y = epilogue(acc)
 *
 * Everything else as in conv2d_q8.h: x_pad is the stored zero point, oc = c * multiplier. Weight packing hwc: [kh,kw,oc].
 * y may begin where x does if the kernel's line says SAME_SHAPE or ONE_COLUMN. */
#ifndef QCC_DWCONV2D_Q8_H
#define QCC_DWCONV2D_Q8_H

#include "qcc/epilogue.h"

struct qcc_dwconv2d_q8_params {
  int32_t n, h, w, c;
  int32_t oh, ow, multiplier;
  int32_t kh, kw, sh, sw, dh, dw;
  int32_t pad_top, pad_left;
  int32_t x_signed;
  struct qcc_epilogue_kind kind;
};

struct qcc_dwconv2d_q8_data {
  int32_t x_pad;
  struct qcc_epilogue_data e;
};

typedef void qcc_dwconv2d_q8_fn(struct qcc_dwconv2d_q8_params p, struct qcc_dwconv2d_q8_data d, const uint8_t *x,
                                const void *w, const int32_t *bias, const void *scale, const uint8_t *residual,
                                const uint8_t *table, void *y, void *scratch);

#endif
