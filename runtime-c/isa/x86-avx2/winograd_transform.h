/* SPDX-License-Identifier: 0BSD */
/* The transforms of Winograd's F(4x4,3x3) in integers (Winograd 1980; Lavin and Gray, arXiv 1509.09308).
 *
 *   V = B'dB      d: 6x6 stored activations, s16        B' = 4 0 -5 0 1 0 | 0 -4 -4 1 1 0 | 0 4 -4 -1 1 0 |
 *                                                            0 -2 -1 2 1 0 | 0 2 -1 -2 1 0 | 0 4 0 -5 0 1
 *   U = G g G'    24 times the usual G, its last row 6 times (src/program/winograd.ts), s16
 *   Z = A'(sum over channels of U.V)A    the last column of A' 4 times      = 576 y modulo 2^32
 *   y = (Z * 9^-1 modulo 2^32) >> 6      exact where |y| < 2^25: WINOGRAD_F4
 *
 * Invariant: |V| <= 17340 and |U| <= 18432, so a pair of products fits s32; sums of pairs wrap, which the proof allows. */
#ifndef QCC_X86_AVX2_WINOGRAD_TRANSFORM_H
#define QCC_X86_AVX2_WINOGRAD_TRANSFORM_H

#include "simd.h"

enum { QCC_AVX2_NINTH = 954437177 }; /* 9 * 954437177 = 2 * 2^32 + 1 */

/* B' times one column of s16 vectors; intermediates may wrap, results do not. */
QCC_INLINE void qcc_avx2_winograd_input(const __m256i *d, ptrdiff_t from, __m256i *t, ptrdiff_t to) {
  const __m256i d0 = d[0], d1 = d[from], d2 = d[2 * from], d3 = d[3 * from], d4 = d[4 * from], d5 = d[5 * from];
  const __m256i a = _mm256_sub_epi16(d4, _mm256_slli_epi16(d2, 2)), b = _mm256_sub_epi16(d3, _mm256_slli_epi16(d1, 2));
  const __m256i c = _mm256_sub_epi16(d4, d2), e = _mm256_sub_epi16(d3, d1);
  const __m256i f = _mm256_add_epi16(e, e);
  t[0] = _mm256_add_epi16(_mm256_slli_epi16(_mm256_sub_epi16(d0, d2), 2), c);
  t[to] = _mm256_add_epi16(a, b);
  t[2 * to] = _mm256_sub_epi16(a, b);
  t[3 * to] = _mm256_add_epi16(c, f);
  t[4 * to] = _mm256_sub_epi16(c, f);
  t[5 * to] = _mm256_sub_epi16(_mm256_sub_epi16(d5, d3), _mm256_slli_epi16(e, 2));
}

/* A' times one column of s32 vectors. */
QCC_INLINE void qcc_avx2_winograd_output(const __m256i *m, ptrdiff_t from, __m256i *t, ptrdiff_t to) {
  const __m256i s = _mm256_add_epi32(m[from], m[2 * from]), d = _mm256_sub_epi32(m[from], m[2 * from]);
  const __m256i u = _mm256_add_epi32(m[3 * from], m[4 * from]), v = _mm256_sub_epi32(m[3 * from], m[4 * from]);
  const __m256i v2 = _mm256_add_epi32(v, v);
  t[0] = _mm256_add_epi32(_mm256_add_epi32(m[0], s), u);
  t[to] = _mm256_add_epi32(d, v2);
  t[2 * to] = _mm256_add_epi32(s, _mm256_slli_epi32(u, 2));
  t[3 * to] = _mm256_add_epi32(_mm256_add_epi32(d, _mm256_slli_epi32(v2, 2)), _mm256_slli_epi32(m[5 * from], 2));
}

/* 8 channels of one tile: m holds position p at m + p * step bytes; y gets the 16 pixels' accumulators, `pixel` apart. */
QCC_INLINE void qcc_avx2_winograd_sums(const uint8_t *m, ptrdiff_t step, const int32_t *bias, int32_t *y, ptrdiff_t pixel) {
  __m256i columns[36], rows[24], out[16];
  const __m256i b = qcc_avx2_load(bias), ninth = _mm256_set1_epi32(QCC_AVX2_NINTH);
  for (int32_t p = 0; p < 36; p++) columns[p] = qcc_avx2_load(m + p * step);
  for (int32_t j = 0; j < 6; j++) qcc_avx2_winograd_output(columns + j, 6, rows + j, 6);
  for (int32_t i = 0; i < 4; i++) qcc_avx2_winograd_output(rows + 6 * i, 1, out + 4 * i, 1);
  for (int32_t i = 0; i < 16; i++)
    qcc_avx2_store(y + i * pixel, _mm256_add_epi32(_mm256_srai_epi32(_mm256_mullo_epi32(out[i], ninth), 6), b));
}

#endif
