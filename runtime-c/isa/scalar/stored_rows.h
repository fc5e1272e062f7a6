/* SPDX-License-Identifier: 0BSD */
/* linear_stored and gather_stored in plain C; formulas in the contract header. */
#ifndef QCC_SCALAR_STORED_ROWS_H
#define QCC_SCALAR_STORED_ROWS_H

#include "qcc/lanes.h"
#include "qcc/math.h"
#include "qcc/stored_rows.h"

QCC_INLINE void qcc_linear_stored__1__scalar(struct qcc_linear_stored_params p, const float *x, const uint8_t *w,
                                             const float *scales, const int32_t *zeros, const float *bias, float *y) {
  const ptrdiff_t row = qcc_stored_row_bytes(p.k, p.bits), blocks = (p.k + p.block - 1) / p.block;
  for (ptrdiff_t r = 0; r < p.m; r++, x += p.k)
    for (ptrdiff_t n = 0; n < p.n; n++) {
      float lane[8] = {0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f};
      for (int32_t i = 0; i < p.k; i++) {
        const ptrdiff_t at = n * blocks + i / p.block;
        const int32_t q = qcc_stored_at(w + n * row, i, p.bits, p.is_signed) - (p.has_zero ? zeros[at] : 0);
        lane[i % 8] = qcc_fmaf(x[i], qcc_mulf((float)q, scales[at]), lane[i % 8]);
      }
      {
        const float sum = qcc_sum_lanes(lane);
        *y++ = p.has_bias ? sum + bias[n] : sum;
      }
    }
}

QCC_INLINE void qcc_gather_stored__1__scalar(struct qcc_gather_stored_params p, const uint8_t *w, const float *scales,
                                             const int32_t *zeros, const void *index, float *y) {
  const ptrdiff_t row = qcc_stored_row_bytes(p.k, p.bits), blocks = (p.k + p.block - 1) / p.block;
  for (ptrdiff_t r = 0; r < p.m; r++) {
    int64_t n = p.index_bytes == 8 ? ((const int64_t *)index)[r] : ((const int32_t *)index)[r];
    if (n < 0) n += p.n;
    n = n < 0 ? 0 : n > p.n - 1 ? p.n - 1 : n;
    for (int32_t i = 0; i < p.k; i++) {
      const ptrdiff_t at = (ptrdiff_t)n * blocks + i / p.block;
      const int32_t q = qcc_stored_at(w + (ptrdiff_t)n * row, i, p.bits, p.is_signed) - (p.has_zero ? zeros[at] : 0);
      *y++ = qcc_mulf((float)q, scales[at]);
    }
  }
}

#endif
