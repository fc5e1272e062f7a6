/* SPDX-License-Identifier: 0BSD */
/* resize_linear_f32 on AVX2: 8 channels a register, the contract's operations in its order. The last registers of a pixel overlap
 * where its channels are no multiple of 8; fewer than 8 channels are plain C. */
#ifndef QCC_X86_AVX2_RESIZE_LINEAR_F32_H
#define QCC_X86_AVX2_RESIZE_LINEAR_F32_H

#include "isa/scalar/resize_linear_f32.h"
#include "simd.h"

/* The four pixels an output lies between, and their weights. */
struct qcc_avx2_resize_taps {
  const float *x00, *x01, *x10, *x11;
  __m256 w00, w01, w10, w11;
};

QCC_INLINE void qcc_avx2_resize_8(struct qcc_avx2_resize_taps t, int32_t c, float *y) {
  __m256 sum = _mm256_mul_ps(t.w00, _mm256_loadu_ps(t.x00 + c));
  sum = _mm256_add_ps(sum, _mm256_mul_ps(t.w01, _mm256_loadu_ps(t.x01 + c)));
  sum = _mm256_add_ps(sum, _mm256_mul_ps(t.w10, _mm256_loadu_ps(t.x10 + c)));
  _mm256_storeu_ps(y + c, _mm256_add_ps(sum, _mm256_mul_ps(t.w11, _mm256_loadu_ps(t.x11 + c))));
}

QCC_INLINE void qcc_avx2_resize_outside(int32_t count, float outside, float *y) {
  int32_t c = 0;
  for (; c + 8 <= count; c += 8) _mm256_storeu_ps(y + c, _mm256_set1_ps(outside));
  for (; c < count; c++) y[c] = outside;
}

QCC_INLINE void qcc_resize_linear_f32__8__x86_avx2(struct qcc_resize_linear_f32_params p, struct qcc_resize_linear_f32_data d,
                                                   const float *x, const int32_t *row, const float *row_weight,
                                                   const int32_t *col, const float *col_weight, float *y) {
  const ptrdiff_t line = (ptrdiff_t)p.w * p.c;
  if (p.c < 8) {
    qcc_resize_linear_f32__1__scalar(p, d, x, row, row_weight, col, col_weight, y);
    return;
  }
  for (int32_t n = 0; n < p.n; n++, x += p.h * line)
    for (int32_t i = 0; i < p.oh; i++) {
      const ptrdiff_t top = row[2 * i] * line, bottom = row[2 * i + 1] * line;
      const __m256 r0 = _mm256_set1_ps(row_weight[2 * i]), r1 = _mm256_set1_ps(row_weight[2 * i + 1]);
      for (int32_t j = 0; j < p.ow; j++, y += p.c) {
        if (row[2 * i] < 0 || col[2 * j] < 0) {
          qcc_avx2_resize_outside(p.c, d.outside, y);
          continue;
        }
        const ptrdiff_t left = (ptrdiff_t)col[2 * j] * p.c, right = (ptrdiff_t)col[2 * j + 1] * p.c;
        const __m256 c0 = _mm256_set1_ps(col_weight[2 * j]), c1 = _mm256_set1_ps(col_weight[2 * j + 1]);
        const struct qcc_avx2_resize_taps t = {x + top + left,        x + top + right,       x + bottom + left,
                                               x + bottom + right,    _mm256_mul_ps(c0, r0), _mm256_mul_ps(c1, r0),
                                               _mm256_mul_ps(c0, r1), _mm256_mul_ps(c1, r1)};
        for (int32_t c = 0; c + 8 <= p.c; c += 8) qcc_avx2_resize_8(t, c, y);
        if (p.c % 8 != 0) qcc_avx2_resize_8(t, p.c - 8, y);
      }
    }
}

#endif
