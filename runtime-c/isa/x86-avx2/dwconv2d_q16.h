/* SPDX-License-Identifier: 0BSD */
/* dwconv2d_q16 on AVX2: dwconv2d_q8's kernels, whose rings hold int16 anyway (dwconv2d_rows.h). */
#ifndef QCC_X86_AVX2_DWCONV2D_Q16_H
#define QCC_X86_AVX2_DWCONV2D_Q16_H

#include "dwconv2d_q8.h"
#include "qcc/conv2d_q16.h"

#define QCC_AVX2_DWCONV2D_Q16(name, window)                                                                                 \
  QCC_INLINE void qcc_dwconv2d_q16__##name##__x86_avx2(                                                                     \
      struct qcc_dwconv2d_q16_params p, struct qcc_dwconv2d_q16_data d, const int16_t *x, const void *w,                    \
      const int32_t *bias, const void *scale, const uint8_t *residual, const uint8_t *table, void *y, void *scratch) {      \
    qcc_avx2_dwconv2d(window, 0, 2, qcc_dwconv2d_q16_shape(p), (struct qcc_dwconv2d_q8_data){0, d.e}, (const uint8_t *)x, w, \
                      bias, (const qcc_avx2_word *)scale, residual, table, y, scratch);                                     \
  }

QCC_AVX2_DWCONV2D_Q16(3x3s1, 1)
QCC_AVX2_DWCONV2D_Q16(3x3s2, 2)
QCC_AVX2_DWCONV2D_Q16(2x16, 0)

#endif
