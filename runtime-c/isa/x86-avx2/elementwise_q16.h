/* SPDX-License-Identifier: 0BSD */
/* The element-wise families of qcc/elementwise_q16.h on AVX2: 8 elements at a time as s32 and f32, the rest plain C's.
 * maxps, minps, cvtps2dq are qcc_round_to_stored: a NaN becomes the lower bound. */
#ifndef QCC_X86_AVX2_ELEMENTWISE_Q16_H
#define QCC_X86_AVX2_ELEMENTWISE_Q16_H

#include "../scalar/elementwise_q16.h"
#include "simd.h"

QCC_INLINE __m256i qcc_avx2_load_q16(const void *x, int32_t element, size_t i) {
  if (element == QCC_ELEMENT_S16) return _mm256_cvtepi16_epi32(qcc_avx2_load_half((const int16_t *)x + i));
  const __m128i bytes = _mm_loadl_epi64((const __m128i *)(const void *)((const uint8_t *)x + i));
  return element == QCC_ELEMENT_S8 ? _mm256_cvtepi8_epi32(bytes) : _mm256_cvtepu8_epi32(bytes);
}

/* v lies within the range of the element. */
QCC_INLINE void qcc_avx2_store_q16(void *y, int32_t element, size_t i, __m256i v) {
  const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  if (element == QCC_ELEMENT_S16)
    qcc_avx2_store_half((int16_t *)y + i, words);
  else
    _mm_storel_epi64((__m128i *)(void *)((uint8_t *)y + i),
                     element == QCC_ELEMENT_S8 ? _mm_packs_epi16(words, words) : _mm_packus_epi16(words, words));
}

QCC_INLINE __m256i qcc_avx2_round_to_stored(__m256 v, int32_t zero, int32_t low, int32_t high) {
  v = _mm256_max_ps(v, _mm256_set1_ps((float)(low - zero)));
  v = _mm256_min_ps(v, _mm256_set1_ps((float)(high - zero)));
  return _mm256_add_epi32(_mm256_cvtps_epi32(v), _mm256_set1_epi32(zero));
}

/* b of 8 elements of a row. */
QCC_INLINE __m256i qcc_avx2_load_b_q16(const void *b, int32_t element, size_t from, int32_t column) {
  return column ? qcc_avx2_load_q16(b, element, from) : _mm256_set1_epi32(qcc_q16_load(b, element, from));
}

QCC_INLINE void qcc_add_q16__8__x86_avx2(struct qcc_add_q16_params p, struct qcc_add_q16_data d, const void *a, const void *b,
                                         void *y) {
  const __m256 by_a = _mm256_set1_ps(p.swapped ? d.scale_b : d.scale_a), by_b = _mm256_set1_ps(p.swapped ? d.scale_a : d.scale_b);
  const __m256 fixed = _mm256_set1_ps(d.fixed);
  const size_t whole = (size_t)(p.columns / 8 * 8);
  for (size_t r = 0; r < (size_t)p.rows; r++) {
    const size_t first = r * (size_t)p.columns, of_b = r * (size_t)p.b_row;
    for (size_t i = 0; i < whole; i += 8) {
      const __m256 va = _mm256_cvtepi32_ps(qcc_avx2_load_q16(a, p.a_element, first + i));
      const __m256 vb = _mm256_cvtepi32_ps(qcc_avx2_load_b_q16(b, p.b_element, of_b + i * (size_t)p.b_column, p.b_column));
      const __m256 sum = p.swapped ? _mm256_fmadd_ps(vb, by_b, _mm256_fmadd_ps(va, by_a, fixed))
                                   : _mm256_fmadd_ps(va, by_a, _mm256_fmadd_ps(vb, by_b, fixed));
      qcc_avx2_store_q16(y, p.y_element, first + i, qcc_avx2_round_to_stored(sum, 0, d.y_min, d.y_max));
    }
    for (size_t i = whole; i < (size_t)p.columns; i++) qcc_add_q16_one(p, d, a, b, y, first + i, of_b + i * (size_t)p.b_column);
  }
}

QCC_INLINE void qcc_mul_q16__8__x86_avx2(struct qcc_mul_q16_params p, struct qcc_mul_q16_data d, const void *a, const void *b,
                                         void *y) {
  const int32_t up = p.y_element == QCC_ELEMENT_S8 ? 128 : 0;
  const size_t whole = (size_t)(p.columns / 8 * 8);
  for (size_t r = 0; r < (size_t)p.rows; r++) {
    const size_t first = r * (size_t)p.columns, of_b = r * (size_t)p.b_row;
    for (size_t i = 0; i < whole; i += 8) {
      const __m256i va = _mm256_sub_epi32(qcc_avx2_load_q16(a, p.a_element, first + i), _mm256_set1_epi32(d.a_zero));
      const __m256i vb = _mm256_sub_epi32(qcc_avx2_load_b_q16(b, p.b_element, of_b + i * (size_t)p.b_column, p.b_column),
                                          _mm256_set1_epi32(d.b_zero));
      __m256 v = _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_mullo_epi32(va, vb)), _mm256_set1_ps(d.scale));
#if QCC_FENCED
      QCC_AVX2_FENCE(v);
#endif
      v = _mm256_add_ps(v, _mm256_set1_ps((float)(d.y_zero + up)));
      const __m256i stored = qcc_avx2_round_to_stored(v, 0, d.y_min + up, d.y_max + up);
      qcc_avx2_store_q16(y, p.y_element, first + i, _mm256_sub_epi32(stored, _mm256_set1_epi32(up)));
    }
    for (size_t i = whole; i < (size_t)p.columns; i++) qcc_mul_q16_one(p, d, a, b, y, first + i, of_b + i * (size_t)p.b_column);
  }
}

QCC_INLINE int32_t qcc_avx2_knows_q16(int32_t element) {
  return element == QCC_ELEMENT_F32 || element == QCC_ELEMENT_S16 || element == QCC_ELEMENT_S8 || element == QCC_ELEMENT_U8;
}

QCC_INLINE void qcc_convert_q16__8__x86_avx2(struct qcc_convert_q16_params p, struct qcc_convert_q16_data d, const void *x,
                                             void *y) {
  const int32_t are_known = qcc_avx2_knows_q16(p.x_element) && qcc_avx2_knows_q16(p.y_element);
  const size_t whole = are_known ? (size_t)(p.count / 8 * 8) : 0u;
  for (size_t i = 0; i < whole; i += 8) {
    __m256 v;
    if (p.x_element == QCC_ELEMENT_F32)
      v = _mm256_loadu_ps((const float *)x + i);
    else
      v = _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_sub_epi32(qcc_avx2_load_q16(x, p.x_element, i), _mm256_set1_epi32(d.x_zero))),
                        _mm256_set1_ps(d.x_scale));
    if (p.y_element == QCC_ELEMENT_F32)
      _mm256_storeu_ps((float *)y + i, v);
    else
      qcc_avx2_store_q16(y, p.y_element, i,
                         qcc_avx2_round_to_stored(_mm256_div_ps(v, _mm256_set1_ps(d.y_scale)), d.y_zero, d.y_min, d.y_max));
  }
  for (size_t i = whole; i < (size_t)p.count; i++) qcc_convert_q16_one(p, d, x, y, i);
}

#endif
