/* SPDX-License-Identifier: 0BSD */
/* normalize_f32 on AVX2: the contract's 8 lanes are the 8 floats of a register. Slices lie side by side, as layers' do, and
 * scale and bias either side by side or one for a slice; other layouts are plain C. */
#ifndef QCC_X86_AVX2_NORMALIZE_F32_H
#define QCC_X86_AVX2_NORMALIZE_F32_H

#include "isa/scalar/normalize_f32.h"
#include "simd.h"

QCC_INLINE __m256 qcc_avx2_normalize_centred(struct qcc_normalize_f32_params p, __m256 x, __m256 mean) {
  return p.centred ? _mm256_sub_ps(x, mean) : x;
}

/* a * b, whatever is added to it. */
QCC_INLINE __m256 qcc_avx2_normalize_product(__m256 a, __m256 b) {
  __m256 product = _mm256_mul_ps(a, b);
#if QCC_FENCED
  QCC_AVX2_FENCE(product);
#endif
  return product;
}

/* Sums of `rows` (1 or 4, a literal) slices, or of their squares: whole vectors, then what is left of them lane by lane. The
 * sum of one is a chain of additions, of which four run side by side. */
QCC_INLINE void qcc_avx2_normalize_sums(int32_t rows, struct qcc_normalize_f32_params p, const float *x, int32_t squares,
                                        const float *mean, float *sum) {
  const int32_t whole = p.r2 / 8 * 8;
  __m256 lanes[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
  for (int32_t i = 0; i < whole; i += 8)
    for (int32_t r = 0; r < rows; r++) {
      __m256 v = _mm256_loadu_ps(x + (ptrdiff_t)r * p.ks2 + i);
      if (!squares) {
        lanes[r] = _mm256_add_ps(lanes[r], v);
        continue;
      }
      v = qcc_avx2_normalize_centred(p, v, _mm256_set1_ps(mean[r]));
      lanes[r] = p.spelled ? _mm256_add_ps(lanes[r], qcc_avx2_normalize_product(v, v)) : _mm256_fmadd_ps(v, v, lanes[r]);
    }
  for (int32_t r = 0; r < rows; r++) {
    float lane[8];
    _mm256_storeu_ps(lane, lanes[r]);
    for (int32_t i = whole; i < p.r2; i++) {
      const float xi = x[(ptrdiff_t)r * p.ks2 + i], v = squares && p.centred ? xi - mean[r] : xi;
      if (!squares)
        lane[i & 7] += v;
      else
        lane[i & 7] = p.spelled ? lane[i & 7] + qcc_mulf(v, v) : qcc_fmaf(v, v, lane[i & 7]);
    }
    sum[r] = qcc_sum_lanes(lane);
  }
}

/* One slice whose mean and deviation are known. */
QCC_INLINE void qcc_avx2_normalize_slice(struct qcc_normalize_f32_params p, float mean, float deviation, const float *x,
                                         const float *scale, const float *bias, float *y) {
  const int32_t whole = p.r2 / 8 * 8;
  const float inv = 1.0f / deviation;
  const __m256 m = _mm256_set1_ps(mean), by = _mm256_set1_ps(p.spelled ? deviation : inv);
  for (int32_t i = 0; i < whole; i += 8) {
    const __m256 d = qcc_avx2_normalize_centred(p, _mm256_loadu_ps(x + i), m);
    const __m256 unit = p.spelled ? _mm256_div_ps(d, by) : qcc_avx2_normalize_product(d, by);
    const __m256 s = p.ra2 ? _mm256_loadu_ps(scale + i) : _mm256_set1_ps(scale[0]);
    __m256 v;
    if (!p.has_bias) {
      v = _mm256_mul_ps(unit, s);
    } else {
      const __m256 b = p.rb2 ? _mm256_loadu_ps(bias + i) : _mm256_set1_ps(bias[0]);
      v = p.spelled ? _mm256_add_ps(qcc_avx2_normalize_product(unit, s), b) : _mm256_fmadd_ps(unit, s, b);
    }
    _mm256_storeu_ps(y + i, v);
  }
  for (int32_t i = whole; i < p.r2; i++) {
    const float d = p.centred ? x[i] - mean : x[i], unit = p.spelled ? d / deviation : qcc_mulf(d, inv);
    const float s = scale[p.ra2 ? i : 0];
    if (!p.has_bias) {
      y[i] = unit * s;
    } else {
      const float b = bias[p.rb2 ? i : 0];
      y[i] = p.spelled ? qcc_mulf(unit, s) + b : qcc_fmaf(unit, s, b);
    }
  }
}

/* `rows` (1 or 4, a literal) slices p.ks2 apart. */
QCC_INLINE void qcc_avx2_normalize_rows(int32_t rows, struct qcc_normalize_f32_params p, float epsilon, const float *x,
                                        const float *scale, const float *bias, float *y) {
  const float count = (float)p.r2;
  float mean[4] = {0.0f, 0.0f, 0.0f, 0.0f}, sum[4];
  if (p.centred) {
    qcc_avx2_normalize_sums(rows, p, x, 0, mean, sum);
    for (int32_t r = 0; r < rows; r++) mean[r] = sum[r] / count;
  }
  qcc_avx2_normalize_sums(rows, p, x, 1, mean, sum);
  for (ptrdiff_t r = 0; r < rows; r++)
    qcc_avx2_normalize_slice(p, mean[r], qcc_sqrtf(sum[r] / count + epsilon), x + r * p.ks2, scale + r * p.ka2, bias + r * p.kb2,
                             y + r * p.ks2);
}

QCC_INLINE void qcc_normalize_f32__8__x86_avx2(struct qcc_normalize_f32_params p, struct qcc_normalize_f32_data d, const float *x,
                                               const float *scale, const float *bias, float *y) {
  const int32_t bias_fits = !p.has_bias || p.rb2 == 0 || p.rb2 == 1;
  if (p.r0 != 1 || p.r1 != 1 || p.rs2 != 1 || (p.ra2 != 0 && p.ra2 != 1) || !bias_fits) {
    qcc_normalize_f32__1__scalar(p, d, x, scale, bias, y);
    return;
  }
  for (ptrdiff_t k0 = 0; k0 < p.k0; k0++)
    for (ptrdiff_t k1 = 0; k1 < p.k1; k1++) {
      const float *const xi = x + (k0 * p.ks0 + k1 * p.ks1), *const s = scale + (k0 * p.ka0 + k1 * p.ka1);
      const float *const b = p.has_bias ? bias + (k0 * p.kb0 + k1 * p.kb1) : s;
      float *const yi = y + (k0 * p.ks0 + k1 * p.ks1);
      ptrdiff_t k2 = 0;
      for (; k2 + 4 <= p.k2; k2 += 4)
        qcc_avx2_normalize_rows(4, p, d.epsilon, xi + k2 * p.ks2, s + k2 * p.ka2, p.has_bias ? b + k2 * p.kb2 : b, yi + k2 * p.ks2);
      for (; k2 < p.k2; k2++)
        qcc_avx2_normalize_rows(1, p, d.epsilon, xi + k2 * p.ks2, s + k2 * p.ka2, p.has_bias ? b + k2 * p.kb2 : b, yi + k2 * p.ks2);
    }
}

#endif
