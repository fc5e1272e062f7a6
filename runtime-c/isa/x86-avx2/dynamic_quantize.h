/* SPDX-License-Identifier: 0BSD */
/* dynamic_quantize on AVX2: the range by min and max of 4 times 8 lanes (one pair would wait for itself), then quantize. */
#ifndef QCC_X86_AVX2_DYNAMIC_QUANTIZE_H
#define QCC_X86_AVX2_DYNAMIC_QUANTIZE_H

#include "qcc/dynamic_quantize.h"
#include "quantize.h"

QCC_INLINE float qcc_avx2_first_of(__m128 v) { return _mm_cvtss_f32(v); }

QCC_INLINE void qcc_avx2_dynamic_quantize_row(int32_t count, const float *x, uint8_t *y, float *scale, uint8_t *zero) {
  const int32_t whole = count / 8 * 8;
  const struct qcc_quantize_params q = {.y_signed = 0};
  struct qcc_quantize_data d = {.y_min = 0, .y_max = 255};
  __m256 lows = _mm256_setzero_ps(), highs = lows, lows1 = lows, highs1 = lows, lows2 = lows, highs2 = lows, lows3 = lows,
         highs3 = lows;
  int32_t at = 0;
  __m128 low4, high4;
  float low, high;
  /* Both answer the old value for a NaN. */
  for (; at + 32 <= whole; at += 32) {
    lows = _mm256_min_ps(_mm256_loadu_ps(x + at), lows);
    highs = _mm256_max_ps(_mm256_loadu_ps(x + at), highs);
    lows1 = _mm256_min_ps(_mm256_loadu_ps(x + at + 8), lows1);
    highs1 = _mm256_max_ps(_mm256_loadu_ps(x + at + 8), highs1);
    lows2 = _mm256_min_ps(_mm256_loadu_ps(x + at + 16), lows2);
    highs2 = _mm256_max_ps(_mm256_loadu_ps(x + at + 16), highs2);
    lows3 = _mm256_min_ps(_mm256_loadu_ps(x + at + 24), lows3);
    highs3 = _mm256_max_ps(_mm256_loadu_ps(x + at + 24), highs3);
  }
  for (; at < whole; at += 8) {
    lows = _mm256_min_ps(_mm256_loadu_ps(x + at), lows);
    highs = _mm256_max_ps(_mm256_loadu_ps(x + at), highs);
  }
  lows = _mm256_min_ps(_mm256_min_ps(lows1, lows), _mm256_min_ps(lows3, lows2));
  highs = _mm256_max_ps(_mm256_max_ps(highs1, highs), _mm256_max_ps(highs3, highs2));
  low4 = _mm_min_ps(_mm256_castps256_ps128(lows), _mm256_extractf128_ps(lows, 1));
  high4 = _mm_max_ps(_mm256_castps256_ps128(highs), _mm256_extractf128_ps(highs, 1));
  low4 = _mm_min_ps(low4, _mm_movehl_ps(low4, low4));
  high4 = _mm_max_ps(high4, _mm_movehl_ps(high4, high4));
  low = qcc_avx2_first_of(_mm_min_ss(low4, _mm_movehdup_ps(low4)));
  high = qcc_avx2_first_of(_mm_max_ss(high4, _mm_movehdup_ps(high4)));
  for (int32_t i = whole; i < count; i++) {
    low = x[i] < low ? x[i] : low;
    high = x[i] > high ? x[i] : high;
  }
  d.scale = low == high ? 1.0f : (high - low) / 255.0f;
  d.zero = qcc_round_to_stored(0.0f - low / d.scale, 0, 0, 255);
  qcc_avx2_quantize_run(q, d, x, y, count);
  *scale = d.scale;
  *zero = (uint8_t)d.zero;
}

QCC_INLINE void qcc_dynamic_quantize__32__x86_avx2(struct qcc_dynamic_quantize_params p, const float *x, uint8_t *y,
                                                   float *scale, uint8_t *zero) {
  for (int32_t r = 0; r < p.rows; r++, x += p.count, y += p.count) qcc_avx2_dynamic_quantize_row(p.count, x, y, scale + r, zero + r);
}

#endif
