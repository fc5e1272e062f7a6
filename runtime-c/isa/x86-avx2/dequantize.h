/* SPDX-License-Identifier: 0BSD */
/* dequantize on AVX2: y = f32(x - zero) * scale, 8 elements a turn; pixels to planes (x_row = 1, bytes) by transposing
 * 16 x 16 bytes in registers. A last tile that does not fill 16 columns starts earlier and writes what its neighbour wrote. */
#ifndef QCC_X86_AVX2_DEQUANTIZE_H
#define QCC_X86_AVX2_DEQUANTIZE_H

#include "qcc/dequantize.h"
#include "qcc/requantize.h"
#include "simd_bytes.h"

QCC_INLINE void qcc_avx2_dequantize_8(struct qcc_dequantize_data d, __m256i q, float *y) {
  q = _mm256_sub_epi32(q, _mm256_set1_epi32(d.zero));
  _mm256_storeu_ps(y, _mm256_mul_ps(_mm256_cvtepi32_ps(q), _mm256_set1_ps(d.scale)));
}

QCC_INLINE float qcc_avx2_dequantize_one(struct qcc_dequantize_params p, struct qcc_dequantize_data d, const void *x, ptrdiff_t at) {
  const int32_t q = p.element == 2   ? ((const int32_t *)x)[at]
                    : p.element == 1 ? (int32_t)((const int8_t *)x)[at]
                                     : (int32_t)((const uint8_t *)x)[at];
  return qcc_dequantize(q, d.scale, d.zero);
}

/* Eight stored values from `at` on. */
QCC_INLINE __m256i qcc_avx2_dequantize_load(struct qcc_dequantize_params p, const void *x, ptrdiff_t at) {
  if (p.element == 2) return qcc_avx2_load((const int32_t *)x + at);
  return qcc_avx2_widen_s32(_mm_loadl_epi64((const __m128i *)(const void *)((const uint8_t *)x + at)), p.element);
}

QCC_INLINE void qcc_avx2_dequantize_run(struct qcc_dequantize_params p, struct qcc_dequantize_data d, const void *x, float *y,
                                        ptrdiff_t count) {
  const ptrdiff_t whole = count / 32 * 32;
  for (ptrdiff_t i = 0; i < whole; i += 32)
    for (ptrdiff_t j = i; j < i + 32; j += 8) qcc_avx2_dequantize_8(d, qcc_avx2_dequantize_load(p, x, j), y + j);
  for (ptrdiff_t i = whole; i < count; i++) y[i] = qcc_avx2_dequantize_one(p, d, x, i);
}

/* `width` (16 or 64, a literal) columns (pixels), all rows (channels): x points at the first pixel, y at its column. Rows of y
 * are often a power of two apart and share a set of the cache: each gets whole lines at once. */
QCC_INLINE void qcc_avx2_dequantize_columns(struct qcc_dequantize_params p, struct qcc_dequantize_data d, int32_t width,
                                            const uint8_t *x, const uint8_t *end, float *y) {
  for (int32_t i = 0; i < p.rows; i += 16) {
    const int32_t count = p.rows - i < 16 ? p.rows - i : 16;
    uint8_t turned[16][64];
    for (int32_t j = 0; j < width; j += 16) {
      __m128i t[16];
      for (int32_t k = 0; k < 16; k++) t[k] = qcc_avx2_load_up_to_16(x + (ptrdiff_t)(j + k) * p.x_column + i, count, end);
      qcc_avx2_transpose_16(t);
      for (int32_t k = 0; k < 16 && k < count; k++) qcc_avx2_store_half(turned[k] + j, t[k]);
    }
    for (int32_t k = 0; k < count; k++) {
      float *to = y + (ptrdiff_t)(i + k) * p.columns;
      for (int32_t j = 0; j < width; j += 8) qcc_avx2_dequantize_8(d, qcc_avx2_dequantize_load(p, turned[k], j), to + j);
    }
  }
}

QCC_INLINE void qcc_dequantize__8__x86_avx2(struct qcc_dequantize_params p, struct qcc_dequantize_data d, const void *x, float *y) {
  const ptrdiff_t block = (ptrdiff_t)p.rows * p.columns;
  if (p.x_column == 1 || p.columns == 1 || p.rows == 1) {
    qcc_avx2_dequantize_run(p, d, x, y, p.outer * block);
    return;
  }
  for (ptrdiff_t o = 0; o < p.outer; o++, y += block) {
    if (p.element == 2 || p.columns < 16) {
      for (ptrdiff_t i = 0; i < p.rows; i++)
        for (ptrdiff_t j = 0; j < p.columns; j++)
          y[i * p.columns + j] = qcc_avx2_dequantize_one(p, d, x, o * block + i + j * p.x_column);
      continue;
    }
    const uint8_t *bytes = (const uint8_t *)x + o * block;
    /* From the first whole line of y on: rows that begin at one place of a line are written by whole lines. Streaming stores win only
     * where y has left the cache (262 us for 490, 21 planes of 65536), and lose where it has not (195 for 160). */
    ptrdiff_t j = (ptrdiff_t)((0u - (uintptr_t)y) & 63u) / 4;
    if (j != 0) qcc_avx2_dequantize_columns(p, d, 16, bytes, bytes + block, y);
    for (; j + 64 <= p.columns; j += 64)
      qcc_avx2_dequantize_columns(p, d, 64, bytes + j * p.x_column, bytes + block, y + j);
    for (; j < p.columns; j += 16) {
      const ptrdiff_t first = j + 16 <= p.columns ? j : p.columns - 16;
      qcc_avx2_dequantize_columns(p, d, 16, bytes + first * p.x_column, bytes + block, y + first);
    }
  }
}

#endif
