/* SPDX-License-Identifier: 0BSD */
/* lookup_q8 on AVX2: y = table[x], 64 elements a turn, the table as 16 lines of 16 bytes.
 *
 * vpshufb answers 0 where an index's top bit is set and else looks at its low four bits. Counting x down by 16 with
 * signed saturation, line after line, makes an element answer to its own line and all before it; so each line is stored
 * as its difference (xor) to the line before, and the answers are added by xor. Bytes from 128 on do the same with
 * x ^ 128 on lines 8..15. */
#ifndef QCC_X86_AVX2_LOOKUP_Q8_H
#define QCC_X86_AVX2_LOOKUP_Q8_H

#include "qcc/lookup_q8.h"
#include "simd.h"

QCC_INLINE void qcc_lookup_q8__64__x86_avx2(struct qcc_lookup_q8_params p, const uint8_t *x, const uint8_t *table, uint8_t *y) {
  int32_t i = 0;
  if (p.count >= 64) {
    const __m256i sixteen = _mm256_set1_epi8(16), half = _mm256_set1_epi8(-128);
    __m128i lines[16];
    for (int32_t k = 0; k < 16; k++) {
      const __m128i line = qcc_avx2_load_half(table + 16 * k);
      lines[k] = k % 8 == 0 ? line : _mm_xor_si128(line, qcc_avx2_load_half(table + 16 * k - 16));
    }
    for (; i + 64 <= p.count; i += 64) {
      __m256i a = qcc_avx2_load(x + i), b = qcc_avx2_load(x + i + 32);
      __m256i c = _mm256_xor_si256(a, half), d = _mm256_xor_si256(b, half);
      __m256i ya = _mm256_setzero_si256(), yb = ya, yc = ya, yd = ya;
      for (int32_t k = 0; k < 8; k++) {
        const __m256i low = _mm256_broadcastsi128_si256(lines[k]), high = _mm256_broadcastsi128_si256(lines[8 + k]);
        ya = _mm256_xor_si256(ya, _mm256_shuffle_epi8(low, a));
        yb = _mm256_xor_si256(yb, _mm256_shuffle_epi8(low, b));
        yc = _mm256_xor_si256(yc, _mm256_shuffle_epi8(high, c));
        yd = _mm256_xor_si256(yd, _mm256_shuffle_epi8(high, d));
        a = _mm256_subs_epi8(a, sixteen), b = _mm256_subs_epi8(b, sixteen);
        c = _mm256_subs_epi8(c, sixteen), d = _mm256_subs_epi8(d, sixteen);
      }
      qcc_avx2_store(y + i, _mm256_xor_si256(ya, yc));
      qcc_avx2_store(y + i + 32, _mm256_xor_si256(yb, yd));
    }
  }
  for (; i < p.count; i++) y[i] = table[x[i]];
}

#endif
