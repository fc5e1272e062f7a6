/* SPDX-License-Identifier: 0BSD */
/* Bilinear interpolation in plain C, in the order of operations its contract fixes. */
#ifndef QCC_SCALAR_RESIZE_LINEAR_F32_H
#define QCC_SCALAR_RESIZE_LINEAR_F32_H

#include "qcc/resize_linear_f32.h"

QCC_INLINE void qcc_resize_linear_f32__1__scalar(struct qcc_resize_linear_f32_params p,
                                                 struct qcc_resize_linear_f32_data d, const float *x,
                                                 const int32_t *row, const float *row_weight, const int32_t *col,
                                                 const float *col_weight, float *y) {
  for (int32_t n = 0; n < p.n; n++) {
    const float *image = x + (size_t)n * (size_t)p.h * (size_t)p.w * (size_t)p.c;
    for (int32_t i = 0; i < p.oh; i++)
      for (int32_t j = 0; j < p.ow; j++, y += p.c) {
        const int32_t r0 = row[2 * i], r1 = row[2 * i + 1], c0 = col[2 * j], c1 = col[2 * j + 1];
        if (r0 < 0 || c0 < 0) {
          for (int32_t c = 0; c < p.c; c++) y[c] = d.outside;
        } else {
          const float *x00 = image + ((size_t)r0 * (size_t)p.w + (size_t)c0) * (size_t)p.c;
          const float *x01 = image + ((size_t)r0 * (size_t)p.w + (size_t)c1) * (size_t)p.c;
          const float *x10 = image + ((size_t)r1 * (size_t)p.w + (size_t)c0) * (size_t)p.c;
          const float *x11 = image + ((size_t)r1 * (size_t)p.w + (size_t)c1) * (size_t)p.c;
          const float w00 = qcc_mulf(col_weight[2 * j], row_weight[2 * i]);
          const float w01 = qcc_mulf(col_weight[2 * j + 1], row_weight[2 * i]);
          const float w10 = qcc_mulf(col_weight[2 * j], row_weight[2 * i + 1]);
          const float w11 = qcc_mulf(col_weight[2 * j + 1], row_weight[2 * i + 1]);
          for (int32_t c = 0; c < p.c; c++)
            y[c] = ((qcc_mulf(w00, x00[c]) + qcc_mulf(w01, x01[c])) + qcc_mulf(w10, x10[c])) + qcc_mulf(w11, x11[c]);
        }
      }
  }
}

#endif
