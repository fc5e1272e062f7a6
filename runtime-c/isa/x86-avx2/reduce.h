/* SPDX-License-Identifier: 0BSD */
/* reduce_f32 on AVX2: the contract's 8 lanes are the 8 floats of a register where a slice lies side by side; where slices lie
 * side by side instead, a register holds one lane of 8 slices. LOG_SUM_EXP and other layouts are plain C. */
#ifndef QCC_X86_AVX2_REDUCE_H
#define QCC_X86_AVX2_REDUCE_H

#include "isa/scalar/reduce.h"
#include "simd.h"

QCC_INLINE __m256 qcc_avx2_reduce_join(int32_t fn, __m256 a, __m256 b) {
  /* vmaxps and vminps return their second operand where one is NaN: a; b's NaN is put back. */
  const __m256 extreme = fn == QCC_REDUCE_MAX ? _mm256_max_ps(b, a) : _mm256_min_ps(b, a);
  switch (fn) {
    case QCC_REDUCE_MAX:
    case QCC_REDUCE_MIN: return _mm256_blendv_ps(extreme, b, _mm256_cmp_ps(b, b, _CMP_UNORD_Q));
    case QCC_REDUCE_PROD: return _mm256_mul_ps(a, b);
    default: return _mm256_add_ps(a, b);
  }
}

QCC_INLINE __m256 qcc_avx2_reduce_step(int32_t fn, __m256 lane, __m256 x) {
  switch (fn) {
    case QCC_REDUCE_L1: return _mm256_add_ps(lane, _mm256_andnot_ps(_mm256_set1_ps(-0.0f), x));
    case QCC_REDUCE_SUM_SQUARE: return _mm256_fmadd_ps(x, x, lane);
    default: return qcc_avx2_reduce_join(fn, lane, x);
  }
}

/* One slice of `count` floats side by side. */
QCC_INLINE float qcc_avx2_reduce_row(int32_t fn, int32_t count, const float *x) {
  const int32_t whole = count / 8 * 8;
  __m256 lanes = _mm256_set1_ps(qcc_reduce_first(fn));
  float l[8];
  for (int32_t i = 0; i < whole; i += 8) lanes = qcc_avx2_reduce_step(fn, lanes, _mm256_loadu_ps(x + i));
  _mm256_storeu_ps(l, lanes);
  for (int32_t i = whole; i < count; i++) l[i & 7] = qcc_reduce_step(fn, l[i & 7], x[i]);
  const float even = qcc_reduce_join(fn, qcc_reduce_join(fn, l[0], l[4]), qcc_reduce_join(fn, l[2], l[6]));
  const float odd = qcc_reduce_join(fn, qcc_reduce_join(fn, l[1], l[5]), qcc_reduce_join(fn, l[3], l[7]));
  const float all = qcc_reduce_join(fn, even, odd);
  return fn == QCC_REDUCE_MEAN ? all / (float)count : all;
}

/* Eight slices whose first floats lie side by side at x. */
QCC_INLINE void qcc_avx2_reduce_columns(struct qcc_reduce_params p, const float *x, float *y) {
  const __m256 first = _mm256_set1_ps(qcc_reduce_first(p.fn));
  __m256 l[8] = {first, first, first, first, first, first, first, first};
  size_t j = 0;
  for (int32_t r0 = 0; r0 < p.r0; r0++)
    for (int32_t r1 = 0; r1 < p.r1; r1++) {
      const float *xi = x + (ptrdiff_t)r0 * p.rs0 + (ptrdiff_t)r1 * p.rs1;
      for (int32_t r2 = 0; r2 < p.r2; r2++, j++)
        l[j & 7u] = qcc_avx2_reduce_step(p.fn, l[j & 7u], _mm256_loadu_ps(xi + (ptrdiff_t)r2 * p.rs2));
    }
  const __m256 even = qcc_avx2_reduce_join(p.fn, qcc_avx2_reduce_join(p.fn, l[0], l[4]), qcc_avx2_reduce_join(p.fn, l[2], l[6]));
  const __m256 odd = qcc_avx2_reduce_join(p.fn, qcc_avx2_reduce_join(p.fn, l[1], l[5]), qcc_avx2_reduce_join(p.fn, l[3], l[7]));
  const __m256 all = qcc_avx2_reduce_join(p.fn, even, odd);
  _mm256_storeu_ps(y, p.fn == QCC_REDUCE_MEAN ? _mm256_div_ps(all, _mm256_set1_ps((float)j)) : all);
}

QCC_INLINE void qcc_reduce_f32__8__x86_avx2(struct qcc_reduce_params p, const float *x, float *y) {
  const int32_t is_row = p.r0 == 1 && p.r1 == 1 && (p.rs2 == 1 || p.r2 == 1);
  if (p.fn == QCC_REDUCE_LOG_SUM_EXP || !(is_row || (p.ks2 == 1 && p.k2 >= 8))) {
    qcc_reduce_f32__1__scalar(p, x, y);
    return;
  }
  for (int32_t k0 = 0; k0 < p.k0; k0++)
    for (int32_t k1 = 0; k1 < p.k1; k1++, y += p.k2) {
      const float *xk = x + (ptrdiff_t)k0 * p.ks0 + (ptrdiff_t)k1 * p.ks1;
      if (is_row) {
        for (ptrdiff_t k2 = 0; k2 < p.k2; k2++) y[k2] = qcc_avx2_reduce_row(p.fn, p.r2, xk + k2 * p.ks2);
        continue;
      }
      /* The last eight may overlap those before: nothing is read where results are written. */
      for (int32_t k2 = 0; k2 < p.k2; k2 += 8) {
        const ptrdiff_t from = k2 + 8 <= p.k2 ? k2 : p.k2 - 8;
        qcc_avx2_reduce_columns(p, xk + from, y + from);
      }
    }
}

#endif
