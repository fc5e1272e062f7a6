/* SPDX-License-Identifier: 0BSD */
/* scale_channels on AVX2: 32 channels of all pixels, then the next ones: their constants stay in registers. Lanes have 32 bits,
 * which saturation brings back to bytes: it keeps the order of values, so limits may follow it. */
#ifndef QCC_X86_AVX2_SCALE_CHANNELS_H
#define QCC_X86_AVX2_SCALE_CHANNELS_H

#include "isa/scalar/scale_channels.h"
#include "simd_bytes.h"

QCC_INLINE __m256i qcc_avx2_factors(struct qcc_scale_channels_params p, const int32_t *multiplier, int32_t c) {
  return p.per_channel ? qcc_avx2_load(multiplier + c) : _mm256_set1_epi32(multiplier[0]);
}

/* 8 bytes on their lines, not limited yet. */
QCC_INLINE __m256i qcc_avx2_lines_8(struct qcc_scale_channels_params p, __m128i shift, const uint8_t *x, __m256i factor,
                                    __m256i offset) {
  const __m256i v = qcc_avx2_widen_s32(_mm_loadl_epi64((const __m128i *)(const void *)x), p.x_signed);
  return _mm256_sra_epi32(_mm256_add_epi32(_mm256_mullo_epi32(v, factor), offset), shift);
}

QCC_INLINE __m256i qcc_avx2_limited(struct qcc_scale_channels_params p, __m256i v, __m256i low, __m256i high) {
  return p.y_signed ? _mm256_min_epi8(_mm256_max_epi8(v, low), high) : _mm256_min_epu8(_mm256_max_epu8(v, low), high);
}

QCC_INLINE void qcc_scale_channels__32__x86_avx2(struct qcc_scale_channels_params p, struct qcc_scale_channels_data d,
                                                 const uint8_t *x, const int32_t *offset, const int32_t *multiplier, uint8_t *y) {
  const size_t channels = (size_t)p.channels;
  const __m256i low = _mm256_set1_epi8((int8_t)(uint8_t)d.low), high = _mm256_set1_epi8((int8_t)(uint8_t)d.high);
  const __m128i shift = _mm_cvtsi32_si128(d.shift);
  int32_t c = 0;
  for (; c + 32 <= p.channels; c += 32) {
    const __m256i m0 = qcc_avx2_factors(p, multiplier, c), m1 = qcc_avx2_factors(p, multiplier, c + 8);
    const __m256i m2 = qcc_avx2_factors(p, multiplier, c + 16), m3 = qcc_avx2_factors(p, multiplier, c + 24);
    const __m256i o0 = qcc_avx2_load(offset + c), o1 = qcc_avx2_load(offset + c + 8);
    const __m256i o2 = qcc_avx2_load(offset + c + 16), o3 = qcc_avx2_load(offset + c + 24);
    const uint8_t *from = x + c;
    uint8_t *to = y + c;
    for (int32_t i = 0; i < p.pixels; i++, from += channels, to += channels) {
      const __m256i a = qcc_avx2_lines_8(p, shift, from, m0, o0), b = qcc_avx2_lines_8(p, shift, from + 8, m1, o1);
      const __m256i e = qcc_avx2_lines_8(p, shift, from + 16, m2, o2), f = qcc_avx2_lines_8(p, shift, from + 24, m3, o3);
      qcc_avx2_store(to, qcc_avx2_limited(p, qcc_avx2_narrow_32(a, b, e, f, p.y_signed), low, high));
    }
  }
  for (; c + 8 <= p.channels; c += 8) {
    const __m256i m = qcc_avx2_factors(p, multiplier, c), o = qcc_avx2_load(offset + c);
    const uint8_t *from = x + c;
    uint8_t *to = y + c;
    for (int32_t i = 0; i < p.pixels; i++, from += channels, to += channels) {
      const __m256i v = qcc_avx2_lines_8(p, shift, from, m, o);
      const __m256i bytes = qcc_avx2_limited(p, qcc_avx2_narrow_32(v, v, v, v, p.y_signed), low, high);
      _mm_storel_epi64((__m128i *)(void *)to, _mm256_castsi256_si128(bytes));
    }
  }
  if (c == p.channels) return;
  for (int32_t i = 0; i < p.pixels; i++, x += channels, y += channels)
    qcc_scalar_scale_pixel(p, d, c, x, offset, multiplier, y);
}

#endif
