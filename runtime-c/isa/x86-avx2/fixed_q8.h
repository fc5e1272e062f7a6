/* SPDX-License-Identifier: 0BSD */
/* TFLite's sums and means on AVX2.
 *
 * add_fixed_q8, where there is no linear form: v = fma(a, scale_a, fma(b, scale_b, fixed)) in float, 32 elements a turn. It lies within 2^-11 of what the
 * contract rounds last. With |scale_a| + |scale_b| <= 4, which is asked for, products and `fixed` are below 1024 each, their sum
 * below 2048: 2^-14 for the roundings of the scales, 2^-14 for that of `fixed`, 2^-13 for the inner sum, 2^-15 for v unless it is
 * clamped; two units of p + q, 2^-14 of y as y_right >= 15 is asked for, and half a unit of the high product, 2^-16. So rne(v)
 * is the answer unless v lies within 2^-11 of a tie; such elements, one in a turn in 30, are computed as the contract says.
 *
 * average_pool_fixed_q8: the sum as pool_q8.h makes it, (s +- k / 2) / k as a float: below 2^16, and further from the next
 * integer than a rounding of the quotient reaches, unless it is one; the conversion cuts off what follows the point. */
#ifndef QCC_X86_AVX2_FIXED_Q8_H
#define QCC_X86_AVX2_FIXED_Q8_H

#include "add_fixed_linear.h"
#include "isa/scalar/fixed_q8.h"
#include "pool_q8.h"
#include "qcc/add_fixed_q8.h"

struct qcc_avx2_sum {
  __m256 scale_a, scale_b, fixed;
};

/* 2^e, -1022 <= e <= 1023. */
QCC_INLINE double qcc_avx2_power(int32_t e) { return qcc_f64_of_bits((uint64_t)(1023 + e) << 52); }

QCC_INLINE double qcc_avx2_magnitude(double v) { return v < 0 ? -v : v; }

/* 0 where v could be further from what the contract rounds. */
QCC_INLINE int32_t qcc_avx2_sum_of(struct qcc_add_fixed_q8_params p, struct qcc_add_fixed_q8_data d, struct qcc_avx2_sum *s) {
  const double all = (double)d.y_multiplier * qcc_avx2_power(20 - 62 - d.y_right);
  const double scale_a = (double)(p.a_negative ? -d.a_multiplier : d.a_multiplier) * qcc_avx2_power(-d.a_right) * all;
  const double scale_b = (double)(p.b_negative ? -d.b_multiplier : d.b_multiplier) * qcc_avx2_power(-d.b_right) * all;
  const double fixed_a = (double)d.a_zero * scale_a, fixed_b = (double)d.b_zero * scale_b;
  s->scale_a = _mm256_set1_ps((float)scale_a);
  s->scale_b = _mm256_set1_ps((float)scale_b);
  s->fixed = _mm256_set1_ps((float)(-fixed_a - fixed_b));
  return qcc_avx2_magnitude(scale_a) + qcc_avx2_magnitude(scale_b) <= 4.0 && d.y_right >= 15;
}

/* Eight sums, clamped (where p.full, by what narrows them) but not rounded; the low halves of a and b hold their bytes. */
QCC_INLINE __m256 qcc_avx2_sum_8(struct qcc_add_fixed_q8_params p, struct qcc_add_fixed_q8_data d, struct qcc_avx2_sum s, __m128i a,
                                 __m128i b) {
  const __m256 av = _mm256_cvtepi32_ps(qcc_avx2_widen_s32(a, p.a_signed));
  const __m256 bv = _mm256_cvtepi32_ps(qcc_avx2_widen_s32(b, p.b_signed));
  const __m256 v = _mm256_fmadd_ps(av, s.scale_a, _mm256_fmadd_ps(bv, s.scale_b, s.fixed));
  if (p.full) return v;
  return _mm256_min_ps(_mm256_max_ps(v, _mm256_set1_ps((float)(d.y_min - d.y_zero))), _mm256_set1_ps((float)(d.y_max - d.y_zero)));
}

/* How far v lies from q, its rounding. */
QCC_INLINE __m256 qcc_avx2_sum_off(__m256 v, __m256i q) {
  return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), _mm256_sub_ps(v, _mm256_cvtepi32_ps(q)));
}

/* Which of eight sums are in doubt. */
QCC_INLINE uint32_t qcc_avx2_sum_doubts(__m256 off) {
  return (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(off, _mm256_set1_ps(0.49951171875f), _CMP_NLT_UQ));
}

/* A row, 32 elements at a time; what is left of it, where it ends. y may be a or b, so what is in doubt is computed before y is
 * written. */
QCC_INLINE int32_t qcc_avx2_sum_run(struct qcc_add_fixed_q8_params p, struct qcc_add_fixed_q8_data d, struct qcc_avx2_sum s,
                                    const uint8_t *a, const uint8_t *b, uint8_t *y) {
  const int32_t one = p.b_column == 0;
  const __m128i same = _mm_set1_epi8((int8_t)*b);
  const __m256i zero = _mm256_set1_epi32(d.y_zero);
  struct qcc_add_fixed_q8_params single = p;
  single.rows = single.columns = 1;
  int32_t i = 0;
#define QCC_AVX2_LOAD_8(from) _mm_loadl_epi64((const __m128i *)(const void *)(from))
#define QCC_AVX2_SUM(k) qcc_avx2_sum_8(p, d, s, QCC_AVX2_LOAD_8(a + i + (k)), one ? same : QCC_AVX2_LOAD_8(b + i + (k)))
  for (; i + 32 <= p.columns; i += 32) {
    const __m256 v0 = QCC_AVX2_SUM(0), v1 = QCC_AVX2_SUM(8), v2 = QCC_AVX2_SUM(16), v3 = QCC_AVX2_SUM(24);
    const __m256i q0 = _mm256_cvtps_epi32(v0), q1 = _mm256_cvtps_epi32(v1);
    const __m256i q2 = _mm256_cvtps_epi32(v2), q3 = _mm256_cvtps_epi32(v3);
    const __m256 off0 = qcc_avx2_sum_off(v0, q0), off1 = qcc_avx2_sum_off(v1, q1);
    const __m256 off2 = qcc_avx2_sum_off(v2, q2), off3 = qcc_avx2_sum_off(v3, q3);
    const __m256i sums = qcc_avx2_narrow_32(_mm256_add_epi32(q0, zero), _mm256_add_epi32(q1, zero), _mm256_add_epi32(q2, zero),
                                            _mm256_add_epi32(q3, zero), d.y_min < 0);
    if (qcc_avx2_sum_doubts(_mm256_max_ps(_mm256_max_ps(off0, off1), _mm256_max_ps(off2, off3))) == 0) {
      qcc_avx2_store(y + i, sums);
      continue;
    }
    const uint32_t doubts = qcc_avx2_sum_doubts(off0) | qcc_avx2_sum_doubts(off1) << 8 | qcc_avx2_sum_doubts(off2) << 16 |
                            qcc_avx2_sum_doubts(off3) << 24;
    uint8_t exact[32];
    qcc_avx2_store(exact, sums);
    for (int32_t k = 0; k < 32; k++)
      if (doubts >> k & 1u) qcc_add_fixed_q8__1__scalar(single, d, a + i + k, b + (ptrdiff_t)(i + k) * p.b_column, exact + k);
    qcc_avx2_store(y + i, qcc_avx2_load(exact));
  }
#undef QCC_AVX2_SUM
#undef QCC_AVX2_LOAD_8
  return i;
}

QCC_INLINE void qcc_add_fixed_q8__32__x86_avx2(struct qcc_add_fixed_q8_params p, struct qcc_add_fixed_q8_data d, const uint8_t *a,
                                               const uint8_t *b, uint8_t *y) {
  struct qcc_avx2_sum s;
  struct qcc_add_fixed_q8_params rest = p;
  rest.rows = 1;
  p = qcc_avx2_sum_rows(p);
  if (p.linear) {
    qcc_avx2_add_linear(p, d, a, b, y);
    return;
  }
  const int32_t is_close = qcc_avx2_sum_of(p, d, &s);
  for (int32_t r = 0; r < p.rows; r++, a += p.columns, b += p.b_row, y += p.columns) {
    const int32_t i = is_close ? qcc_avx2_sum_run(p, d, s, a, b, y) : 0;
    rest.columns = p.columns - i;
    if (rest.columns > 0) qcc_add_fixed_q8__1__scalar(rest, d, a + i, b + (ptrdiff_t)i * p.b_column, y + i);
  }
}

/* Eight means. */
QCC_INLINE __m256i qcc_avx2_mean_fixed_8(struct qcc_pool_q8_data d, __m256i sum, int32_t count) {
  /* Ones where the sum is not positive: ~half is -half - 1. */
  const __m256i below = _mm256_cmpgt_epi32(_mm256_set1_epi32(1), sum);
  const __m256i half = _mm256_sub_epi32(_mm256_xor_si256(_mm256_set1_epi32(count / 2), below), below);
  const __m256 v = _mm256_div_ps(_mm256_cvtepi32_ps(_mm256_add_epi32(sum, half)), _mm256_set1_ps((float)count));
  const __m256i q = _mm256_max_epi32(_mm256_cvttps_epi32(v), _mm256_set1_epi32(d.y_min));
  return _mm256_min_epi32(q, _mm256_set1_epi32(d.y_max));
}

QCC_INLINE void qcc_avx2_mean_fixed_window(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, struct qcc_avx2_window v,
                                           const uint8_t *from, const uint8_t *end, uint8_t *y) {
  const int32_t count = v.rows * v.columns;
  for (int32_t c = 0; c < p.c; c += 32) {
    struct qcc_avx2_sums t = qcc_avx2_pool_sum(v, from + c, p.c - c, end, p.x_signed);
    for (int32_t i = 0; i < 4; i++) t.s[i] = qcc_avx2_mean_fixed_8(d, t.s[i], count);
    qcc_avx2_pool_store(y + c, qcc_avx2_narrow_32(t.s[0], t.s[1], t.s[2], t.s[3], p.y_signed), p.c - c);
  }
}

QCC_INLINE void qcc_average_pool_fixed_q8__32__x86_avx2(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, const uint8_t *x,
                                                        uint8_t *y) {
  QCC_AVX2_EACH_WINDOW(qcc_avx2_mean_fixed_window(p, d, v, from, end, y + at))
}

#endif
