/* SPDX-License-Identifier: 0BSD */
/* add_q8 on AVX2: y = clamp(rne(fma(f32(a), scale_a, fma(f32(b), scale_b, fixed)))), 32 elements a turn.
 *
 *   vpmovzxbd (sx), cvtdq2ps     8 stored values of a and of b
 *   fmadd, fmadd, cvtps2dq       round half even
 *   packs, packs, one permute    saturate to bytes, in order; then min and max unless the range is the whole one
 *
 * Saturation clamps what a conversion can hold: scales for which a sum could leave s32 take the path that clamps floats. */
#ifndef QCC_X86_AVX2_ADD_Q8_H
#define QCC_X86_AVX2_ADD_Q8_H

#include "qcc/add_q8.h"
#include "simd_bytes.h"

/* Eight sums; the low halves of a and b hold their bytes. */
QCC_INLINE __m256i qcc_avx2_add_8(struct qcc_add_q8_params p, struct qcc_add_q8_data d, int32_t bounded, __m128i a, __m128i b) {
  const __m256 av = _mm256_cvtepi32_ps(qcc_avx2_widen_s32(a, p.a_signed));
  const __m256 bv = _mm256_cvtepi32_ps(qcc_avx2_widen_s32(b, p.b_signed));
  const __m256 first = p.swapped ? bv : av, second = p.swapped ? av : bv;
  const __m256 sum = _mm256_fmadd_ps(first, _mm256_set1_ps(d.scale_a),
                                     _mm256_fmadd_ps(second, _mm256_set1_ps(d.scale_b), _mm256_set1_ps(d.fixed)));
  return bounded ? _mm256_cvtps_epi32(sum) : qcc_avx2_round_clamped(sum, (float)d.y_min, (float)d.y_max);
}

QCC_INLINE __m256i qcc_avx2_add_limit(struct qcc_add_q8_params p, struct qcc_add_q8_data d, __m256i v) {
  const __m256i low = _mm256_set1_epi8((int8_t)d.y_min), high = _mm256_set1_epi8((int8_t)d.y_max);
  if (p.full_range) return v;
  return p.y_signed ? _mm256_min_epi8(_mm256_max_epi8(v, low), high) : _mm256_min_epu8(_mm256_max_epu8(v, low), high);
}

/* One row: b has its own element for each of a's, or one for all. `bounded` is a literal at every call. */
QCC_INLINE void qcc_avx2_add_row(struct qcc_add_q8_params p, struct qcc_add_q8_data d, int32_t bounded, const uint8_t *a,
                                 const uint8_t *b, uint8_t *y, int32_t columns) {
  const int32_t one = p.b_column == 0;
  const __m128i same = _mm_set1_epi8((int8_t)*b);
  int32_t i = 0;
#define QCC_AVX2_LOAD_8(from) _mm_loadl_epi64((const __m128i *)(const void *)(from))
#define QCC_AVX2_ADD(at) \
  qcc_avx2_add_8(p, d, bounded, QCC_AVX2_LOAD_8(a + i + (at)), one ? same : QCC_AVX2_LOAD_8(b + i + (at)))
  for (; i + 32 <= columns; i += 32) {
    const __m256i v = qcc_avx2_narrow_32(QCC_AVX2_ADD(0), QCC_AVX2_ADD(8), QCC_AVX2_ADD(16), QCC_AVX2_ADD(24), p.y_signed);
    qcc_avx2_store(y + i, qcc_avx2_add_limit(p, d, v));
  }
#undef QCC_AVX2_ADD
#undef QCC_AVX2_LOAD_8
  for (; i < columns; i += 16) {
    const int32_t count = columns - i;
    const __m128i av = qcc_avx2_load_up_to_16(a + i, count, a + columns);
    const __m128i bv = one ? same : qcc_avx2_load_up_to_16(b + i, count, b + columns);
    const __m256i low = qcc_avx2_add_8(p, d, bounded, av, bv);
    const __m256i high = qcc_avx2_add_8(p, d, bounded, _mm_unpackhi_epi64(av, av), _mm_unpackhi_epi64(bv, bv));
    const __m256i v = _mm256_castsi128_si256(qcc_avx2_narrow_16(low, high, p.y_signed));
    qcc_avx2_store_up_to_16(y + i, _mm256_castsi256_si128(qcc_avx2_add_limit(p, d, v)), count);
  }
}

/* |sum| <= 256 * (|scale_a| + |scale_b|) + |fixed|, roundings included. */
QCC_INLINE int32_t qcc_avx2_add_is_bounded(struct qcc_add_q8_data d) {
  const float a = d.scale_a < 0 ? -d.scale_a : d.scale_a, b = d.scale_b < 0 ? -d.scale_b : d.scale_b;
  return a < 1048576.0f && b < 1048576.0f && d.fixed < 1073741824.0f && d.fixed > -1073741824.0f;
}

QCC_INLINE void qcc_add_q8__32__x86_avx2(struct qcc_add_q8_params p, struct qcc_add_q8_data d, const uint8_t *a,
                                         const uint8_t *b, uint8_t *y) {
  const int32_t is_one_row = p.rows == 1 || (p.b_column == 1 && p.b_row == p.columns);
  const int32_t rows = is_one_row ? 1 : p.rows, columns = is_one_row ? p.rows * p.columns : p.columns;
  const int32_t bounded = qcc_avx2_add_is_bounded(d);
  for (ptrdiff_t r = 0; r < rows; r++) {
    if (bounded)
      qcc_avx2_add_row(p, d, 1, a + r * columns, b + r * p.b_row, y + r * columns, columns);
    else
      qcc_avx2_add_row(p, d, 0, a + r * columns, b + r * p.b_row, y + r * columns, columns);
  }
}

#endif
