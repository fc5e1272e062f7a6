/* SPDX-License-Identifier: 0BSD */
/* linear_stored on AVX2: the contract's 8 lanes are the 8 floats of a register, 8 stored weights become one in registers.
 *
 * Tile: 1 or 3 rows of x by 4 rows of w. Registers: 12 accumulators cRO (row R, output O), 3 of x, 1 of weights. Blocks are
 * multiples of 8 or whole rows, so 8 neighbours share a scale. The last weights of a row come masked: x is +0 there and w is
 * -0, and adding the product, -0, changes no number. 4 bits: one word is 8 weights; every lane shifts its own to the top. */
#ifndef QCC_X86_AVX2_LINEAR_STORED_H
#define QCC_X86_AVX2_LINEAR_STORED_H

#include "conv2d_f32.h"
#include "qcc/stored_rows.h"

/* Weights i..i+7 of a row as floats. */
QCC_INLINE __m256 qcc_avx2_stored_8(struct qcc_linear_stored_params p, const uint8_t *row, int32_t i, float scale, int32_t zero) {
  __m256i q;
  if (p.bits == 8) {
    q = qcc_avx2_widen_s32(_mm_loadl_epi64((const __m128i *)(const void *)(row + i)), p.is_signed);
  } else {
    q = _mm256_sllv_epi32(qcc_avx2_broadcast_word(row + i / 2), _mm256_setr_epi32(28, 24, 20, 16, 12, 8, 4, 0));
    q = p.is_signed ? _mm256_srai_epi32(q, 28) : _mm256_srli_epi32(q, 28);
  }
  if (p.has_zero) q = _mm256_sub_epi32(q, _mm256_set1_epi32(zero));
  return _mm256_mul_ps(_mm256_cvtepi32_ps(q), _mm256_set1_ps(scale));
}

#define QCC_AVX2_STORED_ROW(o)                                                                                          \
  {                                                                                                                     \
    const ptrdiff_t at = s##o + b;                                                                                      \
    __m256 v = qcc_avx2_stored_8(p, w##o, i, scales[at], p.has_zero ? zeros[at] : 0);                                    \
    if (!whole) v = _mm256_blendv_ps(_mm256_set1_ps(-0.0f), v, _mm256_castsi256_ps(mask));                              \
    c0##o = _mm256_fmadd_ps(x0, v, c0##o);                                                                              \
    if (rows > 1) {                                                                                                     \
      c1##o = _mm256_fmadd_ps(x1, v, c1##o);                                                                            \
      c2##o = _mm256_fmadd_ps(x2, v, c2##o);                                                                            \
    }                                                                                                                   \
  }

/* Products i..i+7 of block b. */
#define QCC_AVX2_STORED_STEP(is_whole)                                                \
  {                                                                                   \
    const int32_t whole = is_whole;                                                   \
    const __m256 x0 = qcc_avx2_f32_x(x + i, mask, whole);                             \
    const __m256 x1 = rows > 1 ? qcc_avx2_f32_x(x + p.k + i, mask, whole) : x0;       \
    const __m256 x2 = rows > 1 ? qcc_avx2_f32_x(x + 2 * (ptrdiff_t)p.k + i, mask, whole) : x0; \
    QCC_AVX2_STORED_ROW(0)                                                            \
    QCC_AVX2_STORED_ROW(1)                                                            \
    QCC_AVX2_STORED_ROW(2)                                                            \
    QCC_AVX2_STORED_ROW(3)                                                            \
  }

/* `rows` (1 or 3, a literal) rows of x by outputs n..n+3, of which f.valid exist. */
QCC_INLINE void qcc_avx2_stored_tile(int32_t rows, struct qcc_linear_stored_params p, struct qcc_avx2_f32_block f, const float *x,
                                     const uint8_t *w, const float *scales, const int32_t *zeros, ptrdiff_t n) {
  const ptrdiff_t row = qcc_stored_row_bytes(p.k, p.bits), blocks = (p.k + p.block - 1) / p.block;
  const ptrdiff_t n1 = f.valid > 1 ? n + 1 : n, n2 = f.valid > 2 ? n + 2 : n, n3 = f.valid > 3 ? n + 3 : n;
  const uint8_t *const w0 = w + n * row, *const w1 = w + n1 * row, *const w2 = w + n2 * row, *const w3 = w + n3 * row;
  const ptrdiff_t s0 = n * blocks, s1 = n1 * blocks, s2 = n2 * blocks, s3 = n3 * blocks;
  const __m256i mask = qcc_avx2_f32_mask(p.k % 8);
  __m256 c00 = _mm256_setzero_ps(), c01 = c00, c02 = c00, c03 = c00, c10 = c00, c11 = c00, c12 = c00, c13 = c00;
  __m256 c20 = c00, c21 = c00, c22 = c00, c23 = c00;
  int32_t i = 0;
  for (ptrdiff_t b = 0; b < blocks; b++) {
    const int32_t end = p.k - i < p.block ? p.k : i + p.block;
    for (; i + 8 <= end; i += 8) QCC_AVX2_STORED_STEP(1)
    if (i < end) QCC_AVX2_STORED_STEP(0)
  }
  qcc_avx2_f32_finish(f, c00, c01, c02, c03, 0, NULL);
  if (rows > 1) {
    qcc_avx2_f32_finish(f, c10, c11, c12, c13, p.n, NULL);
    qcc_avx2_f32_finish(f, c20, c21, c22, c23, 2 * (ptrdiff_t)p.n, NULL);
  }
}

QCC_INLINE void qcc_linear_stored__3x4__x86_avx2(struct qcc_linear_stored_params p, const float *x, const uint8_t *w,
                                                 const float *scales, const int32_t *zeros, const float *bias, float *y) {
  for (ptrdiff_t n = 0; n < p.n; n += 4) {
    struct qcc_avx2_f32_block f = {.valid = p.n - (int32_t)n < 4 ? p.n - (int32_t)n : 4, .has_bias = p.has_bias};
    ptrdiff_t r = 0;
    if (p.has_bias)
      f.bias = f.valid == 4 ? _mm_loadu_ps(bias + n)
                            : _mm_setr_ps(bias[n], f.valid > 1 ? bias[n + 1] : 0.0f, f.valid > 2 ? bias[n + 2] : 0.0f, 0.0f);
    for (f.y = y + n; r + 3 <= p.m; r += 3, f.y += 3 * (ptrdiff_t)p.n)
      qcc_avx2_stored_tile(3, p, f, x + r * p.k, w, scales, zeros, n);
    for (; r < p.m; r++, f.y += p.n) qcc_avx2_stored_tile(1, p, f, x + r * p.k, w, scales, zeros, n);
  }
}

#endif
