/* SPDX-License-Identifier: 0BSD */
/* softmax_q8: the sums of AVX2's kernel, quotients 64 at a time; long rows are looked up among the quotients of the table. */
#ifndef QCC_X86_AVX512VNNI_SOFTMAX_Q8_H
#define QCC_X86_AVX512VNNI_SOFTMAX_Q8_H

#include "isa/x86-avx2/softmax_q8.h"
#include "simd_lookup.h"

/* Longer rows are looked up. */
#define QCC_VNNI_SOFTMAX_SHORT 128

/* Whole numbers nearest to a * by and b * by; in each 16 bytes four of a, then four of b. */
QCC_INLINE __m512i qcc_vnni_softmax_words(__m512 a, __m512 b, __m512 by) {
  return _mm512_packs_epi32(_mm512_cvtps_epi32(_mm512_mul_ps(a, by)), _mm512_cvtps_epi32(_mm512_mul_ps(b, by)));
}

/* `count` values of y, whose exponentials are e: as qcc_avx2_softmax_bytes; zeros up to a multiple of 64. */
QCC_INLINE void qcc_vnni_softmax_bytes(struct qcc_softmax_q8_data d, const float *e, int32_t count, float sum, uint8_t *y) {
  const __m512i zero = _mm512_set1_epi16((int16_t)d.y_zero);
  const __m512i least = _mm512_set1_epi8((int8_t)d.y_min), most = _mm512_set1_epi8((int8_t)d.y_max);
  const float by = d.steps / sum;
  const __m512 less = _mm512_set1_ps(by * (1.0f - QCC_AVX2_SOFTMAX_OFF)), more = _mm512_set1_ps(by * (1.0f + QCC_AVX2_SOFTMAX_OFF));
  for (int32_t i = 0; i < count; i += 64) {
    const __m512 a = _mm512_loadu_ps(e + i), b = _mm512_loadu_ps(e + i + 16);
    const __m512 c = _mm512_loadu_ps(e + i + 32), f = _mm512_loadu_ps(e + i + 48);
    const __m512i low0 = qcc_vnni_softmax_words(a, b, less), high0 = qcc_vnni_softmax_words(a, b, more);
    const __m512i low1 = qcc_vnni_softmax_words(c, f, less), high1 = qcc_vnni_softmax_words(c, f, more);
    if ((_mm512_cmpneq_epi32_mask(low0, high0) | _mm512_cmpneq_epi32_mask(low1, high1)) != 0) {
      for (int32_t k = i; k < i + 64 && k < count; k++) y[k] = qcc_avx2_softmax_one(d, e[k], sum);
      continue;
    }
    const __m512i w0 = _mm512_adds_epi16(low0, zero), w1 = _mm512_adds_epi16(low1, zero);
    __m512i v = d.y_min < 0 ? _mm512_packs_epi16(w0, w1) : _mm512_packus_epi16(w0, w1);
    v = d.y_min < 0 ? _mm512_min_epi8(_mm512_max_epi8(v, least), most) : _mm512_min_epu8(_mm512_max_epu8(v, least), most);
    v = _mm512_permutexvar_epi32(_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), v);
    qcc_vnni_store_up_to_64(y + i, v, count - i);
  }
}

/* `rows` (1 or 4, a literal) rows whose values are bytes of a table. */
QCC_INLINE void qcc_vnni_softmax_long(int32_t rows, struct qcc_softmax_q8_params p, struct qcc_softmax_q8_data d, const uint8_t *x,
                                      const float *table, uint8_t *y) {
  const int32_t above = d.y_zero > d.y_min ? d.y_zero : d.y_min, least = above < d.y_max ? above : d.y_max;
  const float *entry[4];
  float sum[4];
  qcc_avx2_softmax_sums(rows, p, x, table, entry, sum, 0, 0, NULL);
  for (int32_t r = 0; r < rows; r++, x += p.dim, y += p.dim) {
    /* The place of the stored value 0 in the table. */
    const __m512i first = _mm512_set1_epi8((int8_t)(uint8_t)((uint32_t)(entry[r] - table) & 255u));
    uint8_t results[256];
    for (int32_t i = 0; i < 256; i += 64) { /* the table increases: 64 whose last rounds to 0 all do */
      if (table[i + 63] * (d.steps / sum[r]) < 0.49f)
        qcc_vnni_store(results + i, _mm512_set1_epi8((int8_t)least));
      else
        qcc_vnni_softmax_bytes(d, table + i, 64, sum[r], results + i);
    }
    for (int32_t i = 0; i < p.dim; i += 64) {
      const __m512i at = _mm512_add_epi8(qcc_vnni_load_up_to_64(x + i, p.dim - i), first);
      qcc_vnni_store_up_to_64(y + i, qcc_vnni_lookup(results, at), p.dim - i);
    }
  }
}

/* Such rows whose exponentials stay beside each other. */
QCC_INLINE void qcc_vnni_softmax_short(int32_t rows, struct qcc_softmax_q8_params p, struct qcc_softmax_q8_data d,
                                       const uint8_t *x, const float *table, uint8_t *y) {
  const ptrdiff_t dim = p.dim, stride = (dim + 63) / 64 * 64;
  const float *entry[4];
  float sum[4], e[4 * QCC_VNNI_SOFTMAX_SHORT];
  qcc_avx2_softmax_sums(rows, p, x, table, entry, sum, 64, stride, e);
  for (int32_t r = 0; r < rows; r++) qcc_vnni_softmax_bytes(d, e + r * stride, p.dim, sum[r], y + r * dim);
}

QCC_INLINE void qcc_softmax_q8__4__x86_avx512vnni(struct qcc_softmax_q8_params p, struct qcc_softmax_q8_data d,
                                                  const uint8_t *x, const float *table, uint8_t *y) {
  const ptrdiff_t dim = p.dim, whole = p.outer / 4 * 4;
  if (p.inner != 1 || d.steps > QCC_AVX2_SOFTMAX_STEPS) {
    qcc_softmax_q8__1__scalar(p, d, x, table, y);
    return;
  }
  if (dim > QCC_VNNI_SOFTMAX_SHORT) {
    for (ptrdiff_t o = 0; o < whole; o += 4) qcc_vnni_softmax_long(4, p, d, x + o * dim, table, y + o * dim);
    for (ptrdiff_t o = whole; o < p.outer; o++) qcc_vnni_softmax_long(1, p, d, x + o * dim, table, y + o * dim);
    return;
  }
  for (ptrdiff_t o = 0; o < whole; o += 4) qcc_vnni_softmax_short(4, p, d, x + o * dim, table, y + o * dim);
  for (ptrdiff_t o = whole; o < p.outer; o++) qcc_vnni_softmax_short(1, p, d, x + o * dim, table, y + o * dim);
}

#endif
