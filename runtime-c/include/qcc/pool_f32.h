/* SPDX-License-Identifier: 0BSD */
/* Contract of the pooling families over float NHWC tensors; windows as in pool_q8.h.
 *
 * max_pool_f32:     y = max over the window's pixels inside the image, NaN if one is
 * average_pool_f32: y = (sum in the order ky, kx) / k
 * max_pool_index_f32: the element number of the first maximum (a later NaN is greater) in the NCHW tensor, as for
 *                   max_pool_f32: ((n*c + channel)*h + iy)*w + ix, or ((n*c + channel)*w + ix)*h + iy if `columns` */
#ifndef QCC_POOL_F32_H
#define QCC_POOL_F32_H

#include "qcc/base.h"

struct qcc_pool_f32_params {
  int32_t n, h, w, c;
  int32_t oh, ow;
  int32_t kh, kw, sh, sw, dh, dw;
  int32_t pad_top, pad_left;
  int32_t count_include_pad;
};

typedef void qcc_max_pool_f32_fn(struct qcc_pool_f32_params p, const float *x, float *y);
typedef void qcc_average_pool_f32_fn(struct qcc_pool_f32_params p, const float *x, float *y);

struct qcc_max_pool_index_params {
  int32_t n, h, w, c;
  int32_t oh, ow;
  int32_t kh, kw, sh, sw, dh, dw;
  int32_t pad_top, pad_left;
  int32_t columns;
};

typedef void qcc_max_pool_index_f32_fn(struct qcc_max_pool_index_params p, const float *x, int64_t *y);

#endif
