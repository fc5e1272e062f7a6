/* SPDX-License-Identifier: 0BSD */
/* softmax_q8 on AVX2, four rows at a time: their sums, each in index order, run side by side.
 *
 *   v = e * (steps / s) in float is within 2^-12.4 of the quotient as long as it is below 1024: its rounding is certain unless
 *   the fraction lies within 2^-12 of 1/2; such groups of 8 are divided in double, as the contract says */
#ifndef QCC_X86_AVX2_SOFTMAX_Q8_H
#define QCC_X86_AVX2_SOFTMAX_Q8_H

#include "isa/scalar/elementwise_q8.h"
#include "simd.h"

/* The largest of `count` stored values, as it is stored. */
QCC_INLINE uint8_t qcc_avx2_largest(const uint8_t *x, int32_t count, int32_t is_signed) {
  const uint8_t flip = is_signed ? 128 : 0;
  const __m128i turn = _mm_set1_epi8((int8_t)flip);
  __m128i largest = _mm_setzero_si128();
  uint8_t lane[16], max = 0;
  int32_t i = 0;
  for (; i + 16 <= count; i += 16) largest = _mm_max_epu8(largest, _mm_xor_si128(qcc_avx2_load_half(x + i), turn));
  qcc_avx2_store_half(lane, largest);
  for (int32_t k = 0; k < 16; k++) max = lane[k] > max ? lane[k] : max;
  for (; i < count; i++) max = (uint8_t)(x[i] ^ flip) > max ? (uint8_t)(x[i] ^ flip) : max;
  return max ^ flip;
}

QCC_INLINE uint8_t qcc_avx2_softmax_one(struct qcc_softmax_q8_data d, float e, float sum) {
  const double low = (double)(d.y_min - d.y_zero), high = (double)(d.y_max - d.y_zero);
  double v = qcc_mul((double)e, (double)d.steps) / (double)sum;
  v = v > low ? v : low;
  v = v < high ? v : high;
  return (uint8_t)((int32_t)(v + 6755399441055744.0 - 6755399441055744.0) + d.y_zero);
}

/* 8 values of y, at v = e * steps / sum cut to 1024; 0 if one of them is uncertain, and nothing is written. */
QCC_INLINE int32_t qcc_avx2_softmax_8(struct qcc_softmax_q8_data d, __m256 v, uint8_t *y) {
  const __m256i zero = _mm256_set1_epi32(d.y_zero), low = _mm256_set1_epi32(d.y_min), high = _mm256_set1_epi32(d.y_max);
  const __m256i order = _mm256_set1_epi32(0x0c080400);
  const __m256i q = _mm256_cvtps_epi32(v);
  const __m256 off = _mm256_andnot_ps(_mm256_set1_ps(-0.0f), _mm256_sub_ps(v, _mm256_cvtepi32_ps(q)));
  if (_mm256_movemask_ps(_mm256_cmp_ps(off, _mm256_set1_ps(0.499755859375f), _CMP_NLT_UQ)) != 0) return 0;
  const __m256i b = _mm256_min_epi32(_mm256_max_epi32(_mm256_add_epi32(q, zero), low), high);
  const __m256i bytes = _mm256_shuffle_epi8(b, order);
  _mm_storel_epi64((__m128i *)(void *)y,
                   _mm_unpacklo_epi32(_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1)));
  return 1;
}

/* `count` values of y, whose exponentials are e. */
QCC_INLINE void qcc_avx2_softmax_bytes(struct qcc_softmax_q8_data d, const float *e, ptrdiff_t count, float sum, uint8_t *y) {
  const __m256 by = _mm256_set1_ps(d.steps / sum), most = _mm256_set1_ps(1024.0f);
  ptrdiff_t i = 0;
  for (; i + 8 <= count; i += 8) {
    if (qcc_avx2_softmax_8(d, _mm256_min_ps(_mm256_mul_ps(_mm256_loadu_ps(e + i), by), most), y + i)) continue;
    for (ptrdiff_t k = i; k < i + 8; k++) y[k] = qcc_avx2_softmax_one(d, e[k], sum);
  }
  for (; i < count; i++) y[i] = qcc_avx2_softmax_one(d, e[i], sum);
}

/* Exponentials of four rows that are kept from their sum to their quotient. They are read as vectors long after they were
 * written one by one: a vector of what is still on its way to memory has to wait for it. */
#define QCC_AVX2_SOFTMAX_KEPT 128

/* Sums of `rows` (1 or 4, a literal) rows, with where the exponential of the lowest stored value of each lies, and, if they are
 * not too many, all of the exponentials. */
QCC_INLINE void qcc_avx2_softmax_sums(int32_t rows, struct qcc_softmax_q8_params p, const uint8_t *x, const float *table,
                                      const float **entry, float *sum, float *e) {
  const ptrdiff_t dim = p.dim, kept = QCC_AVX2_SOFTMAX_KEPT;
  const uint8_t flip = p.x_signed ? 128 : 0;
  for (int32_t r = 0; r < rows; r++) entry[r] = table + (255 - (qcc_avx2_largest(x + r * dim, p.dim, p.x_signed) ^ flip));
  for (ptrdiff_t j = 0; j < dim; j++)
    for (int32_t r = 0; r < rows; r++) {
      const float v = entry[r][(uint8_t)(x[r * dim + j] ^ flip)];
      sum[r] += v;
      if (dim <= kept) e[r * kept + j] = v;
    }
}

/* Such rows of y. */
QCC_INLINE void qcc_avx2_softmax_rows(int32_t rows, struct qcc_softmax_q8_params p, struct qcc_softmax_q8_data d,
                                      const uint8_t *x, const float *table, uint8_t *y) {
  const ptrdiff_t dim = p.dim, kept = QCC_AVX2_SOFTMAX_KEPT;
  const uint8_t flip = p.x_signed ? 128 : 0;
  const float *entry[4];
  float sum[4] = {0.0f, 0.0f, 0.0f, 0.0f}, e[4 * QCC_AVX2_SOFTMAX_KEPT];
  qcc_avx2_softmax_sums(rows, p, x, table, entry, sum, e);
  for (int32_t r = 0; r < rows; r++) {
    if (dim <= kept) {
      qcc_avx2_softmax_bytes(d, e + r * kept, dim, sum[r], y + r * dim);
      continue;
    }
    for (ptrdiff_t i = 0; i < dim; i += 4 * kept) {
      const ptrdiff_t count = dim - i < 4 * kept ? dim - i : 4 * kept;
      for (ptrdiff_t j = 0; j < count; j++) e[j] = entry[r][(uint8_t)(x[r * dim + i + j] ^ flip)];
      qcc_avx2_softmax_bytes(d, e, count, sum[r], y + r * dim + i);
    }
  }
}

QCC_INLINE void qcc_softmax_q8__4__x86_avx2(struct qcc_softmax_q8_params p, struct qcc_softmax_q8_data d, const uint8_t *x,
                                            const float *table, uint8_t *y) {
  const int32_t whole = p.outer / 4 * 4;
  if (p.inner != 1) {
    qcc_softmax_q8__1__scalar(p, d, x, table, y);
    return;
  }
  for (ptrdiff_t o = 0; o < whole; o += 4) qcc_avx2_softmax_rows(4, p, d, x + o * p.dim, table, y + o * p.dim);
  for (ptrdiff_t o = whole; o < p.outer; o++) qcc_avx2_softmax_rows(1, p, d, x + o * p.dim, table, y + o * p.dim);
}

#endif
