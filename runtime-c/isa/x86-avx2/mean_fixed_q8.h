/* SPDX-License-Identifier: 0BSD */
/* mean_fixed_q8 on AVX2: 16 channels side by side in a register, sums of at most 256 bytes in 16 bits, then in 32. A last register
 * that is not full starts earlier and writes what its neighbour wrote. Fewer than 16 channels are plain C. */
#ifndef QCC_X86_AVX2_MEAN_FIXED_Q8_H
#define QCC_X86_AVX2_MEAN_FIXED_Q8_H

#include "isa/scalar/fixed_q8.h"
#include "simd_fixed.h"

/* Eight sums -> their means, clamped. */
QCC_INLINE __m256i qcc_avx2_mean_of(struct qcc_mean_fixed_q8_params p, struct qcc_mean_fixed_q8_data d, __m256i sum) {
  const struct qcc_avx2_pairs by = {_mm256_set1_epi32(d.multiplier), _mm256_set1_epi32(d.shift)};
  const __m256i all = _mm256_sub_epi32(sum, _mm256_set1_epi32(p.count * d.x_zero));
  const __m256i v = _mm256_add_epi32(qcc_avx2_fixed_double(all, by), _mm256_set1_epi32(d.y_zero));
  return _mm256_min_epi32(_mm256_max_epi32(v, _mm256_set1_epi32(d.y_min)), _mm256_set1_epi32(d.y_max));
}

/* Sums of `count` bytes `inner` apart, of 16 channels: those of the first 8 and those of the last. */
struct qcc_avx2_mean_pair {
  __m256i first, last;
};

QCC_INLINE struct qcc_avx2_mean_pair qcc_avx2_mean_sums(int32_t count, ptrdiff_t inner, const int8_t *x) {
  struct qcc_avx2_mean_pair s = {_mm256_setzero_si256(), _mm256_setzero_si256()};
  for (int32_t from = 0; from < count; from += 256) {
    const int32_t end = count - from < 256 ? count : from + 256;
    __m256i sum = _mm256_setzero_si256();
    for (int32_t k = from; k < end; k++) sum = _mm256_add_epi16(sum, qcc_avx2_widen(qcc_avx2_load_half(x + k * inner), 1));
    s.first = _mm256_add_epi32(s.first, _mm256_cvtepi16_epi32(_mm256_castsi256_si128(sum)));
    s.last = _mm256_add_epi32(s.last, _mm256_cvtepi16_epi32(_mm256_extracti128_si256(sum, 1)));
  }
  return s;
}

QCC_INLINE void qcc_mean_fixed_q8__16__x86_avx2(struct qcc_mean_fixed_q8_params p, struct qcc_mean_fixed_q8_data d,
                                                const int8_t *x, int8_t *y) {
  if (p.inner < 16) {
    qcc_mean_fixed_q8__1__scalar(p, d, x, y);
    return;
  }
  for (int32_t o = 0; o < p.outer; o++, x += (ptrdiff_t)p.count * p.inner, y += p.inner)
    for (int32_t i = 0; i < p.inner; i += 16) {
      const int32_t at = i + 16 <= p.inner ? i : p.inner - 16;
      const struct qcc_avx2_mean_pair s = qcc_avx2_mean_sums(p.count, p.inner, x + at);
      const __m256i both = _mm256_packs_epi32(qcc_avx2_mean_of(p, d, s.first), qcc_avx2_mean_of(p, d, s.last));
      const __m256i v = _mm256_permute4x64_epi64(both, _MM_SHUFFLE(3, 1, 2, 0));
      qcc_avx2_store_half(y + at, _mm_packs_epi16(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1)));
    }
}

#endif
