/* SPDX-License-Identifier: 0BSD */
/* dynamic_matmul in plain C: each value by itself, the formula of qcc/dynamic_matmul.h. And what other instruction sets make of
 * a kernel of conv2d_q8: it leaves the sums where the results belong, a second loop makes floats of them. */
#ifndef QCC_SCALAR_DYNAMIC_MATMUL_H
#define QCC_SCALAR_DYNAMIC_MATMUL_H

#include "epilogue.h"
#include "qcc/dynamic_matmul.h"

#define QCC_SCALAR_DYNAMIC_MATMUL(name, type)                                                                              \
  QCC_INLINE void name(struct qcc_dynamic_matmul_params p, const uint8_t *x, const void *w, const int32_t *sums,           \
                       const float *scale, const float *x_scale, const uint8_t *zero, float *y, void *scratch) {           \
    (void)scratch;                                                                                                         \
    for (ptrdiff_t r = 0; r < p.rows; r++, x += p.k) {                                                                     \
      const struct qcc_dynamic_row row = qcc_dynamic_row_of(p, 0, x_scale, zero, r);                                       \
      const type *weights = (const type *)w;                                                                               \
      for (ptrdiff_t o = 0; o < p.n; o++, weights += p.k) {                                                                \
        int32_t acc = 0;                                                                                                   \
        for (int32_t i = 0; i < p.k; i++) acc += qcc_stored(x[i], p.x_signed) * (int32_t)weights[i];                       \
        *y++ = qcc_dynamic_value(p, row, acc, sums[o], scale + 2 * o);                                                     \
      }                                                                                                                    \
    }                                                                                                                      \
  }

QCC_SCALAR_DYNAMIC_MATMUL(qcc_dynamic_matmul__s8__scalar, int8_t)
QCC_SCALAR_DYNAMIC_MATMUL(qcc_dynamic_matmul__s16__scalar, int16_t)

/* y holds sums of X - shift. */
QCC_INLINE void qcc_dynamic_rows(struct qcc_dynamic_matmul_params p, int32_t shift, const int32_t *sums, const float *scale,
                                 const float *x_scale, const uint8_t *zero, float *y) {
  for (ptrdiff_t r = 0; r < p.rows; r++) {
    const struct qcc_dynamic_row row = qcc_dynamic_row_of(p, shift, x_scale, zero, r);
    for (ptrdiff_t o = 0; o < p.n; o++, y++) {
      int32_t acc;
      qcc_copy(&acc, y, sizeof acc);
      *y = qcc_dynamic_value(p, row, acc, sums[o], scale + 2 * o);
    }
  }
}

/* `conv` reads u8 as x - shift_of_u8, and s8 as it is. Scratch: biases of 0 for n rounded up to 16, then what conv needs. */
#define QCC_DYNAMIC_MATMUL_OVER(name, conv, shift_of_u8)                                                                   \
  QCC_INLINE void name(struct qcc_dynamic_matmul_params p, const uint8_t *x, const void *w, const int32_t *sums,           \
                       const float *scale, const float *x_scale, const uint8_t *zero, float *y, void *scratch) {           \
    const struct qcc_conv2d_q8_data d = {.x_pad = 0};                                                                      \
    const ptrdiff_t channels = ((ptrdiff_t)p.n + 15) / 16 * 16;                                                            \
    int32_t *const none = (int32_t *)scratch;                                                                              \
    for (ptrdiff_t o = 0; o < channels; o++) none[o] = 0;                                                                  \
    conv(qcc_dynamic_convolution(p), d, x, w, none, NULL, NULL, NULL, y, none + channels);                                 \
    qcc_dynamic_rows(p, p.x_signed ? 0 : (shift_of_u8), sums, scale, x_scale, zero, y);                                    \
  }

#endif
