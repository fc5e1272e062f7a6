/* SPDX-License-Identifier: 0BSD */
/* matmul_f32 on AVX2, the contract's 8 lanes kept apart in registers:
 *
 *   3x4: columns of b are contiguous: lanes side by side, as a 1x1 convolution of this folder
 *   1x8: rows of b are contiguous: 8 columns side by side, lane l of all of them in register l; k goes round the registers */
#ifndef QCC_X86_AVX2_MATMUL_F32_H
#define QCC_X86_AVX2_MATMUL_F32_H

#include "conv2d_f32.h"
#include "isa/scalar/matmul.h"
#include "qcc/matmul_f32.h"

#define QCC_AVX2_BATCHES(p, MATRIX)                                                                              \
  for (int32_t g0 = 0; g0 < p.g0; g0++)                                                                          \
    for (int32_t g1 = 0; g1 < p.g1; g1++)                                                                        \
      for (int32_t g2 = 0; g2 < p.g2; g2++, y += (ptrdiff_t)p.m * p.n) {                                         \
        const float *const ag = a + (ptrdiff_t)g0 * p.ga0 + (ptrdiff_t)g1 * p.ga1 + (ptrdiff_t)g2 * p.ga2;       \
        const float *const bg = b + (ptrdiff_t)g0 * p.gb0 + (ptrdiff_t)g1 * p.gb1 + (ptrdiff_t)g2 * p.gb2;       \
        MATRIX;                                                                                                  \
      }

QCC_INLINE void qcc_matmul_f32__3x4__x86_avx2(struct qcc_matmul_f32_params p, const float *a, const float *b, float *y) {
  const struct qcc_conv2d_f32_params rows = {.n = 1, .h = 1, .w = p.m, .c = p.k, .oh = 1, .ow = p.m, .oc = p.n, .kh = 1,
                                             .kw = 1, .sh = 1, .sw = 1, .dh = 1, .dw = 1, .groups = 1};
  QCC_AVX2_BATCHES(p, qcc_avx2_f32_tiles(rows, qcc_conv2d_f32_plain(), ag, bg, NULL, NULL, y))
}

#define QCC_AVX2_LANE(l, at) \
  c##l = _mm256_fmadd_ps(_mm256_broadcast_ss(a + (at) * p.a_k), _mm256_loadu_ps(b + (at) * p.b_k), c##l);

/* 8 columns of a row; a and b point at their first k. */
QCC_INLINE void qcc_avx2_matmul_8(struct qcc_matmul_f32_params p, const float *a, const float *b, float *y) {
  __m256 c0 = _mm256_setzero_ps(), c1 = c0, c2 = c0, c3 = c0, c4 = c0, c5 = c0, c6 = c0, c7 = c0;
  const ptrdiff_t whole = p.k / 8 * 8;
  for (ptrdiff_t k = 0; k < whole; k += 8) {
    QCC_AVX2_LANE(0, k) QCC_AVX2_LANE(1, k + 1) QCC_AVX2_LANE(2, k + 2) QCC_AVX2_LANE(3, k + 3)
    QCC_AVX2_LANE(4, k + 4) QCC_AVX2_LANE(5, k + 5) QCC_AVX2_LANE(6, k + 6) QCC_AVX2_LANE(7, k + 7)
  }
  if (p.k - whole > 0) QCC_AVX2_LANE(0, whole)
  if (p.k - whole > 1) QCC_AVX2_LANE(1, whole + 1)
  if (p.k - whole > 2) QCC_AVX2_LANE(2, whole + 2)
  if (p.k - whole > 3) QCC_AVX2_LANE(3, whole + 3)
  if (p.k - whole > 4) QCC_AVX2_LANE(4, whole + 4)
  if (p.k - whole > 5) QCC_AVX2_LANE(5, whole + 5)
  if (p.k - whole > 6) QCC_AVX2_LANE(6, whole + 6)
  const __m256 even = _mm256_add_ps(_mm256_add_ps(c0, c4), _mm256_add_ps(c2, c6));
  const __m256 odd = _mm256_add_ps(_mm256_add_ps(c1, c5), _mm256_add_ps(c3, c7));
  _mm256_storeu_ps(y, _mm256_add_ps(even, odd));
}

QCC_INLINE void qcc_avx2_matmul_rows(struct qcc_matmul_f32_params p, const float *a, const float *b, float *y) {
  const int32_t whole = p.n / 8 * 8;
  /* A column block of b stays in the first cache for all rows of a. */
  for (int32_t n = 0; n < whole; n += 8)
    for (ptrdiff_t m = 0; m < p.m; m++) qcc_avx2_matmul_8(p, a + m * p.a_m, b + n, y + m * p.n + n);
  for (ptrdiff_t m = 0; m < p.m; m++)
    for (int32_t n = whole; n < p.n; n++) y[m * p.n + n] = qcc_dot_f32(a + m * p.a_m, b + n, p.k, p.a_k, p.b_k);
}

QCC_INLINE void qcc_matmul_f32__1x8__x86_avx2(struct qcc_matmul_f32_params p, const float *a, const float *b, float *y) {
  QCC_AVX2_BATCHES(p, qcc_avx2_matmul_rows(p, ag, bg, y))
}

#endif
