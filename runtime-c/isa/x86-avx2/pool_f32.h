/* SPDX-License-Identifier: 0BSD */
/* max_pool_f32 and average_pool_f32 on AVX2: 32 or 8 channels of one output at a time, tap by tap in the contract's order.
 *
 *   max       vcmpps, vblendvps: v where v > max or v is NaN
 *   average   vaddps, one division
 *
 * Fewer than 8 channels, windows a column apart: windows with all their columns lie side by side, and so do their channels. */
#ifndef QCC_X86_AVX2_POOL_F32_H
#define QCC_X86_AVX2_POOL_F32_H

#include "qcc/pool_f32.h"
#include "simd.h"
#include "window.h"

/* Channels c..c+7 of a tap; those that do not exist are 0. */
QCC_INLINE __m256 qcc_avx2_pool_f32_load(const float *x, __m256i mask, int32_t whole) {
  return whole ? _mm256_loadu_ps(x) : _mm256_maskload_ps(x, mask);
}

QCC_INLINE __m256 qcc_avx2_pool_f32_max(__m256 max, __m256 v) {
  const __m256 take = _mm256_or_ps(_mm256_cmp_ps(v, max, _CMP_GT_OQ), _mm256_cmp_ps(v, v, _CMP_UNORD_Q));
  return _mm256_blendv_ps(max, v, take);
}

QCC_INLINE __m256 qcc_avx2_pool_f32_start(int32_t is_max) { return is_max ? _mm256_set1_ps(-1.0f / 0.0f) : _mm256_setzero_ps(); }

QCC_INLINE __m256 qcc_avx2_pool_f32_step(int32_t is_max, __m256 a, __m256 tap) {
  return is_max ? qcc_avx2_pool_f32_max(a, tap) : _mm256_add_ps(a, tap);
}

QCC_INLINE __m256 qcc_avx2_pool_f32_end(int32_t is_max, struct qcc_pool_f32_params p, struct qcc_avx2_window v, __m256 a) {
  if (is_max) return a;
  return _mm256_div_ps(a, _mm256_set1_ps((float)(p.count_include_pad ? p.kh * p.kw : v.rows * v.columns)));
}

/* 32 channels of one output: a cache line of x and more for each tap. */
QCC_INLINE void qcc_avx2_pool_f32_32(int32_t is_max, struct qcc_pool_f32_params p, struct qcc_avx2_window v, const float *x, float *y) {
  __m256 a = qcc_avx2_pool_f32_start(is_max), b = a, c = a, d = a;
  for (int32_t ky = 0; ky < v.rows; ky++)
    for (int32_t kx = 0; kx < v.columns; kx++) {
      const float *tap = x + ky * v.row + kx * v.column;
      a = qcc_avx2_pool_f32_step(is_max, a, _mm256_loadu_ps(tap));
      b = qcc_avx2_pool_f32_step(is_max, b, _mm256_loadu_ps(tap + 8));
      c = qcc_avx2_pool_f32_step(is_max, c, _mm256_loadu_ps(tap + 16));
      d = qcc_avx2_pool_f32_step(is_max, d, _mm256_loadu_ps(tap + 24));
    }
  _mm256_storeu_ps(y, qcc_avx2_pool_f32_end(is_max, p, v, a));
  _mm256_storeu_ps(y + 8, qcc_avx2_pool_f32_end(is_max, p, v, b));
  _mm256_storeu_ps(y + 16, qcc_avx2_pool_f32_end(is_max, p, v, c));
  _mm256_storeu_ps(y + 24, qcc_avx2_pool_f32_end(is_max, p, v, d));
}

/* Eight channels of one output. is_max and whole are literals at every call. */
QCC_INLINE void qcc_avx2_pool_f32_window(int32_t is_max, int32_t whole, struct qcc_pool_f32_params p, struct qcc_avx2_window v,
                                         const float *x, float *y, int32_t valid) {
  const __m256i mask = _mm256_cmpgt_epi32(_mm256_set1_epi32(valid), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  __m256 a = qcc_avx2_pool_f32_start(is_max);
  for (int32_t ky = 0; ky < v.rows; ky++)
    for (int32_t kx = 0; kx < v.columns; kx++)
      a = qcc_avx2_pool_f32_step(is_max, a, qcc_avx2_pool_f32_load(x + ky * v.row + kx * v.column, mask, whole));
  a = qcc_avx2_pool_f32_end(is_max, p, v, a);
  if (whole)
    _mm256_storeu_ps(y, a);
  else
    _mm256_maskstore_ps(y, mask, a);
}

/* Windows from `ox` to `end` of a row that reach over no edge to the left or right; fewer than 8 channels, sw = 1. */
QCC_INLINE void qcc_avx2_pool_f32_run(int32_t is_max, struct qcc_pool_f32_params p, int32_t n, int32_t oy, int32_t ox, int32_t end,
                                      const float *x, float *y) {
  const struct qcc_avx2_window v = QCC_AVX2_WINDOW(p, n, oy, ox);
  const int32_t count = (end - ox) * p.c;
  int32_t i = 0;
  for (; i + 8 <= count; i += 8) qcc_avx2_pool_f32_window(is_max, 1, p, v, x + v.first + i, y + i, 8);
  if (i < count) qcc_avx2_pool_f32_window(is_max, 0, p, v, x + v.first + i, y + i, count - i);
}

QCC_INLINE void qcc_avx2_pool_f32_narrow(int32_t is_max, struct qcc_pool_f32_params p, const float *x, float *y) {
  const int32_t reach = p.w - (p.kw - 1) * p.dw + p.pad_left;
  const int32_t first = p.pad_left < p.ow ? p.pad_left : p.ow, end = reach < p.ow ? reach : p.ow;
  for (int32_t n = 0; n < p.n; n++)
    for (int32_t oy = 0; oy < p.oh; oy++, y += (ptrdiff_t)p.ow * p.c) {
      for (int32_t ox = 0; ox < p.ow; ox++) {
        if (ox == first && first < end) {
          qcc_avx2_pool_f32_run(is_max, p, n, oy, ox, end, x, y + (ptrdiff_t)ox * p.c);
          ox = end - 1;
          continue;
        }
        const struct qcc_avx2_window v = QCC_AVX2_WINDOW(p, n, oy, ox);
        qcc_avx2_pool_f32_window(is_max, 0, p, v, x + v.first, y + (ptrdiff_t)ox * p.c, p.c);
      }
    }
}

QCC_INLINE void qcc_avx2_pool_f32(int32_t is_max, struct qcc_pool_f32_params p, const float *x, float *y) {
  if (p.c < 8 && p.sw == 1) {
    qcc_avx2_pool_f32_narrow(is_max, p, x, y);
    return;
  }
  for (int32_t n = 0; n < p.n; n++)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow; ox++, y += p.c) {
        const struct qcc_avx2_window v = QCC_AVX2_WINDOW(p, n, oy, ox);
        int32_t c = 0;
        for (; c + 32 <= p.c; c += 32) qcc_avx2_pool_f32_32(is_max, p, v, x + v.first + c, y + c);
        for (; c + 8 <= p.c; c += 8) qcc_avx2_pool_f32_window(is_max, 1, p, v, x + v.first + c, y + c, 8);
        if (c < p.c) qcc_avx2_pool_f32_window(is_max, 0, p, v, x + v.first + c, y + c, p.c - c);
      }
}

QCC_INLINE void qcc_max_pool_f32__8__x86_avx2(struct qcc_pool_f32_params p, const float *x, float *y) {
  qcc_avx2_pool_f32(1, p, x, y);
}

QCC_INLINE void qcc_average_pool_f32__8__x86_avx2(struct qcc_pool_f32_params p, const float *x, float *y) {
  qcc_avx2_pool_f32(0, p, x, y);
}

#endif
