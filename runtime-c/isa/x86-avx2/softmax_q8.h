/* SPDX-License-Identifier: 0BSD */
/* softmax_q8 on AVX2, four rows at a time: their sums, each in index order, run side by side.
 *
 *   e * (steps / s) in float is within 2^-22 of the quotient, relatively: a little less and a little more than it round to the same
 *   whole number, which is the quotient's then; else a group is divided in double, as the contract says */
#ifndef QCC_X86_AVX2_SOFTMAX_Q8_H
#define QCC_X86_AVX2_SOFTMAX_Q8_H

#include "isa/scalar/elementwise_q8.h"
#include "simd.h"

/* The largest of `count` stored values. */
QCC_INLINE int32_t qcc_avx2_largest(const uint8_t *x, int32_t count, int32_t is_signed) {
  const uint8_t flip = is_signed ? 128 : 0;
  const __m128i turn = _mm_set1_epi8((int8_t)flip);
  __m128i v = _mm_setzero_si128();
  int32_t i = 0, max;
  for (; i + 16 <= count; i += 16) v = _mm_max_epu8(v, _mm_xor_si128(qcc_avx2_load_half(x + i), turn));
  v = _mm_xor_si128(v, _mm_set1_epi8(-1)); /* the least of what is left to 255 */
  v = _mm_minpos_epu16(_mm_min_epu8(v, _mm_srli_epi16(v, 8)));
  max = 255 - (_mm_cvtsi128_si32(v) & 255);
  for (; i < count; i++) max = (x[i] ^ flip) > max ? x[i] ^ flip : max;
  return max - flip;
}

#define QCC_AVX2_SOFTMAX_OFF 0x1p-21f
/* Beyond, quotients might leave s32. */
#define QCC_AVX2_SOFTMAX_STEPS 1073741824.0f

QCC_INLINE uint8_t qcc_avx2_softmax_one(struct qcc_softmax_q8_data d, float e, float sum) {
  const double low = (double)(d.y_min - d.y_zero), high = (double)(d.y_max - d.y_zero);
  double v = qcc_mul((double)e, (double)d.steps) / (double)sum;
  v = v > low ? v : low;
  v = v < high ? v : high;
  return (uint8_t)((int32_t)(v + 6755399441055744.0 - 6755399441055744.0) + d.y_zero);
}

/* 16 values of y, between e * less and e * more; 0 if they round apart. */
QCC_INLINE int32_t qcc_avx2_softmax_16(struct qcc_softmax_q8_data d, const float *e, __m256 less, __m256 more, __m128i *y) {
  const __m256i zero = _mm256_set1_epi16((int16_t)d.y_zero);
  const __m256i least = _mm256_set1_epi16((int16_t)d.y_min), most = _mm256_set1_epi16((int16_t)d.y_max);
  const __m256 a = _mm256_loadu_ps(e), b = _mm256_loadu_ps(e + 8);
  const __m256i low = _mm256_packs_epi32(_mm256_cvtps_epi32(_mm256_mul_ps(a, less)), _mm256_cvtps_epi32(_mm256_mul_ps(b, less)));
  const __m256i high = _mm256_packs_epi32(_mm256_cvtps_epi32(_mm256_mul_ps(a, more)), _mm256_cvtps_epi32(_mm256_mul_ps(b, more)));
  const __m256i v = _mm256_min_epi16(_mm256_max_epi16(_mm256_adds_epi16(low, zero), least), most);
  /* The low bytes of the words; a lane has four of a, then four of b. */
  const __m256i bytes = _mm256_shuffle_epi8(v, _mm256_set1_epi64x(INT64_C(0x0e0c0a0806040200)));
  *y = _mm_unpacklo_epi32(_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1));
  return _mm256_movemask_epi8(_mm256_cmpeq_epi16(low, high)) == -1;
}

/* `count` values of y, whose exponentials are e, zeros behind them up to a multiple of 16. */
QCC_INLINE void qcc_avx2_softmax_bytes(struct qcc_softmax_q8_data d, const float *e, ptrdiff_t count, float sum, uint8_t *y) {
  const float by = d.steps / sum;
  const __m256 less = _mm256_set1_ps(by * (1.0f - QCC_AVX2_SOFTMAX_OFF)), more = _mm256_set1_ps(by * (1.0f + QCC_AVX2_SOFTMAX_OFF));
  for (ptrdiff_t i = 0; i < count; i += 16) {
    const ptrdiff_t some = count - i < 16 ? count - i : 16;
    uint8_t byte[16];
    __m128i v;
    if (!qcc_avx2_softmax_16(d, e + i, less, more, &v)) {
      for (ptrdiff_t k = i; k < i + some; k++) y[k] = qcc_avx2_softmax_one(d, e[k], sum);
    } else if (some == 16) {
      qcc_avx2_store_half(y + i, v);
    } else {
      qcc_avx2_store_half(byte, v);
      for (ptrdiff_t k = 0; k < some; k++) y[i + k] = byte[k];
    }
  }
}

/* Exponentials of rows side by side, kept from their sums to their quotients: of 4 rows of up to 208, 3 of up to 272. They are read as
 * vectors long after they were written: a vector of what is still on its way to memory has to wait for it. */
#define QCC_AVX2_SOFTMAX_KEPT 832

QCC_INLINE __m128 qcc_avx2_softmax_load(int32_t is_signed, const float *entry, uint8_t x) {
  return _mm_load_ss(entry + qcc_stored(x, is_signed));
}
/* A core has one store a cycle, so sums store exponentials in fours. */
QCC_INLINE __m128 qcc_avx2_four(__m128 a, __m128 b, __m128 c, __m128 d) {
  return _mm_movelh_ps(_mm_unpacklo_ps(a, b), _mm_unpacklo_ps(c, d));
}

/* Places that the exponentials of a row take. */
QCC_INLINE ptrdiff_t qcc_avx2_softmax_stride(ptrdiff_t dim) { return (dim + 15) / 16 * 16; }

/* Exponentials first .. count - 1, and zeros up to a multiple of `unit`. */
QCC_INLINE void qcc_avx2_softmax_fetch(int32_t is_signed, const float *entry, const uint8_t *x, ptrdiff_t first, ptrdiff_t count,
                                       int32_t unit, float *e) {
  ptrdiff_t j = first;
  for (; j < count; j++) e[j] = entry[qcc_stored(x[j], is_signed)];
  for (; j % unit != 0; j++) e[j] = 0.0f;
}

/* Sums of `rows` (1, 3 or 4, a literal) rows, with where the exponential of the stored value 0 of each lies. Unless `unit` is 0 the
 * exponentials of row r stay at e + r * stride, with zeros up to a multiple of it. */
QCC_INLINE void qcc_avx2_softmax_sums(int32_t rows, struct qcc_softmax_q8_params p, const uint8_t *x, const float *table,
                                      const float **entry, float *sum, int32_t unit, ptrdiff_t stride, float *e) {
  const ptrdiff_t dim = p.dim, whole = dim / 4 * 4;
  __m128 total[4];
  for (int32_t r = 0; r < rows; r++) {
    entry[r] = table + (255 - qcc_avx2_largest(x + r * dim, p.dim, p.x_signed));
    total[r] = _mm_setzero_ps();
  }
  for (ptrdiff_t j = 0; j < whole; j += 4)
    for (int32_t r = 0; r < rows; r++) {
      const uint8_t *const at = x + r * dim + j;
      const __m128 e0 = qcc_avx2_softmax_load(p.x_signed, entry[r], at[0]), e1 = qcc_avx2_softmax_load(p.x_signed, entry[r], at[1]);
      const __m128 e2 = qcc_avx2_softmax_load(p.x_signed, entry[r], at[2]), e3 = qcc_avx2_softmax_load(p.x_signed, entry[r], at[3]);
      total[r] = _mm_add_ss(_mm_add_ss(_mm_add_ss(_mm_add_ss(total[r], e0), e1), e2), e3);
      if (unit != 0) _mm_storeu_ps(e + r * stride + j, qcc_avx2_four(e0, e1, e2, e3));
    }
  for (int32_t r = 0; r < rows; r++) {
    sum[r] = _mm_cvtss_f32(total[r]);
    for (ptrdiff_t j = whole; j < dim; j++) sum[r] += entry[r][qcc_stored(x[r * dim + j], p.x_signed)];
    if (unit != 0) qcc_avx2_softmax_fetch(p.x_signed, entry[r], x + r * dim, whole, dim, unit, e + r * stride);
  }
}

/* Such rows of y. */
QCC_INLINE void qcc_avx2_softmax_rows(int32_t rows, struct qcc_softmax_q8_params p, struct qcc_softmax_q8_data d,
                                      const uint8_t *x, const float *table, uint8_t *y) {
  const ptrdiff_t dim = p.dim, stride = qcc_avx2_softmax_stride(dim);
  const int32_t unit = rows * stride <= QCC_AVX2_SOFTMAX_KEPT ? 16 : 0;
  const float *entry[4];
  float sum[4], e[QCC_AVX2_SOFTMAX_KEPT];
  qcc_avx2_softmax_sums(rows, p, x, table, entry, sum, unit, stride, e);
  for (int32_t r = 0; r < rows; r++) {
    if (unit != 0) {
      qcc_avx2_softmax_bytes(d, e + r * stride, dim, sum[r], y + r * dim);
      continue;
    }
    for (ptrdiff_t i = 0; i < dim; i += QCC_AVX2_SOFTMAX_KEPT) {
      const ptrdiff_t count = dim - i < QCC_AVX2_SOFTMAX_KEPT ? dim - i : QCC_AVX2_SOFTMAX_KEPT;
      qcc_avx2_softmax_fetch(p.x_signed, entry[r], x + r * dim + i, 0, count, 16, e);
      qcc_avx2_softmax_bytes(d, e, count, sum[r], y + r * dim + i);
    }
  }
}

QCC_INLINE void qcc_softmax_q8__4__x86_avx2(struct qcc_softmax_q8_params p, struct qcc_softmax_q8_data d, const uint8_t *x,
                                            const float *table, uint8_t *y) {
  const ptrdiff_t stride = qcc_avx2_softmax_stride(p.dim);
  const ptrdiff_t side = 4 * stride > QCC_AVX2_SOFTMAX_KEPT && 3 * stride <= QCC_AVX2_SOFTMAX_KEPT ? 3 : 4, whole = p.outer / side * side;
  if (p.inner != 1 || d.steps > QCC_AVX2_SOFTMAX_STEPS) {
    qcc_softmax_q8__1__scalar(p, d, x, table, y);
    return;
  }
  for (ptrdiff_t o = 0; o < whole; o += side) {
    if (side == 3)
      qcc_avx2_softmax_rows(3, p, d, x + o * p.dim, table, y + o * p.dim);
    else
      qcc_avx2_softmax_rows(4, p, d, x + o * p.dim, table, y + o * p.dim);
  }
  for (ptrdiff_t o = whole; o < p.outer; o++) qcc_avx2_softmax_rows(1, p, d, x + o * p.dim, table, y + o * p.dim);
}

#endif
