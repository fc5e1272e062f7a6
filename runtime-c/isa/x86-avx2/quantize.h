/* SPDX-License-Identifier: 0BSD */
/* quantize on AVX2: y = clamp(rne(x / scale) + zero), 32 elements a turn; planes to pixels (x_row = 1) 16 rows a turn:
 *
 *   3 columns (an RGB image):  16 values of each plane as bytes, interleaved by 9 vpshufb
 *   else:                      16 values of 16 planes as bytes, transposed in registers
 *
 * A last tile that does not fill 16 rows starts earlier and writes what its neighbour wrote. */
#ifndef QCC_X86_AVX2_QUANTIZE_H
#define QCC_X86_AVX2_QUANTIZE_H

#include "qcc/quantize.h"
#include "qcc/requantize.h"
#include "simd_bytes.h"

/* Eight rounded quotients, clamped, with their zero point. */
QCC_INLINE __m256i qcc_avx2_quantize_8(struct qcc_quantize_data d, const float *x) {
  const __m256 v = _mm256_div_ps(_mm256_loadu_ps(x), _mm256_set1_ps(d.scale));
  const __m256i q = qcc_avx2_round_clamped(v, (float)(d.y_min - d.zero), (float)(d.y_max - d.zero));
  return _mm256_add_epi32(q, _mm256_set1_epi32(d.zero));
}

QCC_INLINE __m128i qcc_avx2_quantize_16(struct qcc_quantize_params p, struct qcc_quantize_data d, const float *x) {
  return qcc_avx2_narrow_16(qcc_avx2_quantize_8(d, x), qcc_avx2_quantize_8(d, x + 8), p.y_signed);
}

QCC_INLINE __m256i qcc_avx2_quantize_32(struct qcc_quantize_params p, struct qcc_quantize_data d, const float *x) {
  return qcc_avx2_narrow_32(qcc_avx2_quantize_8(d, x), qcc_avx2_quantize_8(d, x + 8), qcc_avx2_quantize_8(d, x + 16),
                            qcc_avx2_quantize_8(d, x + 24), p.y_signed);
}

QCC_INLINE void qcc_avx2_quantize_run(struct qcc_quantize_params p, struct qcc_quantize_data d, const float *x, uint8_t *y,
                                      ptrdiff_t count) {
  ptrdiff_t i = 0;
  for (; i + 32 <= count; i += 32) qcc_avx2_store(y + i, qcc_avx2_quantize_32(p, d, x + i));
  for (; i + 16 <= count; i += 16) qcc_avx2_store_half(y + i, qcc_avx2_quantize_16(p, d, x + i));
  /* From a bound of its own, not from i: gcc -O2 takes a literal count for an overflow of i and warns. */
  for (ptrdiff_t k = count / 16 * 16; k < count; k++)
    y[k] = (uint8_t)qcc_quantize_f32(x[k], d.scale, d.zero, d.y_min, d.y_max);
}

/* 16 pixels of 3 planes. Byte k of the result is plane k % 3 of pixel k / 3. */
QCC_INLINE void qcc_avx2_interleave_3(uint8_t *y, __m128i r, __m128i g, __m128i b) {
  enum { N = -1 };
  const __m128i r_0 = _mm_setr_epi8(0, N, N, 1, N, N, 2, N, N, 3, N, N, 4, N, N, 5);
  const __m128i g_0 = _mm_setr_epi8(N, 0, N, N, 1, N, N, 2, N, N, 3, N, N, 4, N, N);
  const __m128i b_0 = _mm_setr_epi8(N, N, 0, N, N, 1, N, N, 2, N, N, 3, N, N, 4, N);
  const __m128i r_1 = _mm_setr_epi8(N, N, 6, N, N, 7, N, N, 8, N, N, 9, N, N, 10, N);
  const __m128i g_1 = _mm_setr_epi8(5, N, N, 6, N, N, 7, N, N, 8, N, N, 9, N, N, 10);
  const __m128i b_1 = _mm_setr_epi8(N, 5, N, N, 6, N, N, 7, N, N, 8, N, N, 9, N, N);
  const __m128i r_2 = _mm_setr_epi8(N, 11, N, N, 12, N, N, 13, N, N, 14, N, N, 15, N, N);
  const __m128i g_2 = _mm_setr_epi8(N, N, 11, N, N, 12, N, N, 13, N, N, 14, N, N, 15, N);
  const __m128i b_2 = _mm_setr_epi8(10, N, N, 11, N, N, 12, N, N, 13, N, N, 14, N, N, 15);
#define QCC_AVX2_PART(n) \
  _mm_or_si128(_mm_or_si128(_mm_shuffle_epi8(r, r_##n), _mm_shuffle_epi8(g, g_##n)), _mm_shuffle_epi8(b, b_##n))
  qcc_avx2_store_half(y, QCC_AVX2_PART(0));
  qcc_avx2_store_half(y + 16, QCC_AVX2_PART(1));
  qcc_avx2_store_half(y + 32, QCC_AVX2_PART(2));
#undef QCC_AVX2_PART
}

/* 16 rows, all columns; x and y point at the first row. */
QCC_INLINE void qcc_avx2_quantize_rows(struct qcc_quantize_params p, struct qcc_quantize_data d, const float *x, uint8_t *y) {
  const ptrdiff_t plane = p.x_column;
  if (p.columns == 3) {
    qcc_avx2_interleave_3(y, qcc_avx2_quantize_16(p, d, x), qcc_avx2_quantize_16(p, d, x + plane),
                          qcc_avx2_quantize_16(p, d, x + 2 * plane));
    return;
  }
  for (int32_t j = 0; j < p.columns; j += 16) {
    const int32_t count = p.columns - j < 16 ? p.columns - j : 16;
    __m128i t[16];
    for (int32_t k = 0; k < 16; k++)
      t[k] = k < count ? qcc_avx2_quantize_16(p, d, x + (ptrdiff_t)(j + k) * plane) : _mm_setzero_si128();
    qcc_avx2_transpose_16(t);
    for (int32_t k = 0; k < 16; k++) qcc_avx2_store_up_to_16(y + (ptrdiff_t)k * p.columns + j, t[k], count);
  }
}

QCC_INLINE void qcc_quantize__32__x86_avx2(struct qcc_quantize_params p, struct qcc_quantize_data d, const float *x, uint8_t *y) {
  const ptrdiff_t block = (ptrdiff_t)p.rows * p.columns;
  if (p.x_column == 1 || p.columns == 1 || p.rows == 1) {
    qcc_avx2_quantize_run(p, d, x, y, p.outer * block);
    return;
  }
  for (int32_t o = 0; o < p.outer; o++, x += block, y += block) {
    if (p.rows < 16) {
      for (ptrdiff_t i = 0; i < p.rows; i++)
        for (ptrdiff_t j = 0; j < p.columns; j++)
          y[i * p.columns + j] = (uint8_t)qcc_quantize_f32(x[i + j * p.x_column], d.scale, d.zero, d.y_min, d.y_max);
      continue;
    }
    ptrdiff_t i = 0;
    if (p.columns == 3)
      for (; i + 32 <= p.rows; i += 32) {
        const __m256i r = qcc_avx2_quantize_32(p, d, x + i), g = qcc_avx2_quantize_32(p, d, x + i + p.x_column);
        const __m256i b = qcc_avx2_quantize_32(p, d, x + i + 2 * (ptrdiff_t)p.x_column);
        qcc_avx2_interleave_3(y + 3 * i, _mm256_castsi256_si128(r), _mm256_castsi256_si128(g), _mm256_castsi256_si128(b));
        qcc_avx2_interleave_3(y + 3 * i + 48, _mm256_extracti128_si256(r, 1), _mm256_extracti128_si256(g, 1),
                              _mm256_extracti128_si256(b, 1));
      }
    for (; i < p.rows; i += 16) {
      const ptrdiff_t first = i + 16 <= p.rows ? i : p.rows - 16;
      qcc_avx2_quantize_rows(p, d, x + first, y + first * p.columns);
    }
  }
}

#endif
