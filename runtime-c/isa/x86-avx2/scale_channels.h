/* SPDX-License-Identifier: 0BSD */
/* scale_channels on AVX2: 32 channels a turn in lanes of 32 bits, which saturation brings back to bytes: it keeps the order of
 * values, so limits may follow it. */
#ifndef QCC_X86_AVX2_SCALE_CHANNELS_H
#define QCC_X86_AVX2_SCALE_CHANNELS_H

#include "isa/scalar/scale_channels.h"
#include "simd_bytes.h"

QCC_INLINE void qcc_scale_channels__32__x86_avx2(struct qcc_scale_channels_params p, struct qcc_scale_channels_data d,
                                                 const uint8_t *x, const int32_t *offset, const int32_t *multiplier, uint8_t *y) {
  const size_t channels = (size_t)p.channels;
  const __m256i shared = _mm256_set1_epi32(multiplier[0]);
  const __m256i low = _mm256_set1_epi8((int8_t)(uint8_t)d.low), high = _mm256_set1_epi8((int8_t)(uint8_t)d.high);
  const __m128i shift = _mm_cvtsi32_si128(d.shift);
#define QCC_AVX2_BYTES(k) _mm_loadl_epi64((const __m128i *)(const void *)(x + c + (k)))
#define QCC_AVX2_FACTOR(k) (p.per_channel ? qcc_avx2_load(multiplier + c + (k)) : shared)
#define QCC_AVX2_LINE(k)                                                                                                   \
  _mm256_sra_epi32(_mm256_add_epi32(_mm256_mullo_epi32(qcc_avx2_widen_s32(QCC_AVX2_BYTES(k), p.x_signed), QCC_AVX2_FACTOR(k)), \
                                    qcc_avx2_load(offset + c + (k))),                                                      \
                   shift)
  for (int32_t i = 0; i < p.pixels; i++, x += channels, y += channels) {
    int32_t c = 0;
    for (; c + 32 <= p.channels; c += 32) {
      const __m256i v = qcc_avx2_narrow_32(QCC_AVX2_LINE(0), QCC_AVX2_LINE(8), QCC_AVX2_LINE(16), QCC_AVX2_LINE(24), p.y_signed);
      qcc_avx2_store(y + c, p.y_signed ? _mm256_min_epi8(_mm256_max_epi8(v, low), high)
                                       : _mm256_min_epu8(_mm256_max_epu8(v, low), high));
    }
    qcc_scalar_scale_pixel(p, d, c, x, offset, multiplier, y);
  }
#undef QCC_AVX2_LINE
#undef QCC_AVX2_FACTOR
#undef QCC_AVX2_BYTES
}

#endif
