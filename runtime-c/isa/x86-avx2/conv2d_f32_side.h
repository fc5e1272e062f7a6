/* SPDX-License-Identifier: 0BSD */
/* conv2d_f32 with 16 output channels side by side, where a window's taps feed few of the contract's 8 lanes: depthwise (one
 * channel a group, lane 0) and up to 4 channels a group (a first layer). Weights are turned to [taps][16] on the stack, of
 * which a run may take 4 KiB.
 *
 *   depthwise   4 pixels of a row whose windows lie inside the image: 8 accumulators cPH (pixel P, half H); else 1 pixel
 *   few         1 pixel: accumulators cLH (lane L, half H), x broadcast
 *
 * Lanes that no tap feeds are +0: adding them turns -0 into +0, as the contract's sum does. */
#ifndef QCC_X86_AVX2_CONV2D_F32_SIDE_H
#define QCC_X86_AVX2_CONV2D_F32_SIDE_H

#include "qcc/conv2d_f32.h"
#include "simd.h"
#include "window.h"

enum { QCC_AVX2_F32_TAPS = 52, QCC_AVX2_F32_FEW = 4 };

/* All lanes below count. */
QCC_INLINE __m256i qcc_avx2_f32_mask(int32_t count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

/* Output channels o..o+15, `valid` of which exist. */
struct qcc_avx2_f32_sixteen {
  struct qcc_conv2d_f32_params p;
  const float *x, *t; /* the group's first channel; weights [taps][16] */
  float *y;           /* of the first of the channels */
  __m256 bias0, bias1;
  int32_t valid;
};

QCC_INLINE __m256 qcc_avx2_f32_some(const float *x, int32_t count) {
  return count >= 8 ? _mm256_loadu_ps(x) : _mm256_maskload_ps(x, qcc_avx2_f32_mask(count));
}

/* Joins what the lanes left: sums s0 and s1 of 8 channels each. */
QCC_INLINE void qcc_avx2_f32_put(struct qcc_avx2_f32_sixteen s, int32_t valid, __m256 s0, __m256 s1, float *y) {
  if (s.p.has_bias) {
    s0 = _mm256_add_ps(s0, s.bias0);
    s1 = _mm256_add_ps(s1, s.bias1);
  }
  if (valid >= 8)
    _mm256_storeu_ps(y, s0);
  else
    _mm256_maskstore_ps(y, qcc_avx2_f32_mask(valid), s0);
  if (valid >= 16)
    _mm256_storeu_ps(y + 8, s1);
  else if (valid > 8)
    _mm256_maskstore_ps(y + 8, qcc_avx2_f32_mask(valid - 8), s1);
}

#define QCC_AVX2_F32_SIDE(n)                                                                                             \
  if (pixels > n) {                                                                                                      \
    c##n##0 = _mm256_fmadd_ps(qcc_avx2_f32_some(from + n * next, valid), w0, c##n##0);                                   \
    if (valid > 8) c##n##1 = _mm256_fmadd_ps(qcc_avx2_f32_some(from + n * next + 8, valid - 8), w1, c##n##1);            \
  }
#define QCC_AVX2_F32_SIDE_PUT(n)                                                                            \
  if (pixels > n)                                                                                           \
    qcc_avx2_f32_put(s, valid, _mm256_add_ps(c##n##0, zero), _mm256_add_ps(c##n##1, zero), y + n * (ptrdiff_t)s.p.oc);

/* `pixels` (1 or 4) outputs of a depthwise convolution, whose windows have v.rows x v.columns taps. pixels is a literal, and so
 * is valid but for the last channels. */
QCC_INLINE void qcc_avx2_f32_side(int32_t pixels, int32_t valid, struct qcc_avx2_f32_sixteen s, struct qcc_avx2_window v, float *y) {
  const __m256 zero = _mm256_setzero_ps();
  const ptrdiff_t next = (ptrdiff_t)s.p.sw * s.p.c;
  __m256 c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero, c30 = zero, c31 = zero;
  for (int32_t ky = 0; ky < v.rows; ky++)
    for (int32_t kx = 0; kx < v.columns; kx++) {
      const float *from = s.x + v.first + ky * v.row + kx * v.column;
      const float *w = s.t + ((v.ky + ky) * s.p.kw + v.kx + kx) * 16;
      const __m256 w0 = _mm256_loadu_ps(w), w1 = _mm256_loadu_ps(w + 8);
      QCC_AVX2_F32_SIDE(0) QCC_AVX2_F32_SIDE(1) QCC_AVX2_F32_SIDE(2) QCC_AVX2_F32_SIDE(3)
    }
  QCC_AVX2_F32_SIDE_PUT(0) QCC_AVX2_F32_SIDE_PUT(1) QCC_AVX2_F32_SIDE_PUT(2) QCC_AVX2_F32_SIDE_PUT(3)
}

#undef QCC_AVX2_F32_SIDE
#undef QCC_AVX2_F32_SIDE_PUT

#define QCC_AVX2_F32_LANE(i)                                              \
  if (cg > i) {                                                           \
    const __m256 xi = _mm256_broadcast_ss(from + i);                      \
    c##i##0 = _mm256_fmadd_ps(xi, _mm256_loadu_ps(w + 16 * i), c##i##0);     \
    c##i##1 = _mm256_fmadd_ps(xi, _mm256_loadu_ps(w + 16 * i + 8), c##i##1); \
  }

/* One output of a convolution with up to 4 channels a group. */
QCC_INLINE void qcc_avx2_f32_few(int32_t valid, struct qcc_avx2_f32_sixteen s, struct qcc_avx2_window v, float *y) {
  const int32_t cg = s.p.c / s.p.groups;
  const __m256 zero = _mm256_setzero_ps();
  __m256 c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero, c30 = zero, c31 = zero;
  for (int32_t ky = 0; ky < v.rows; ky++)
    for (int32_t kx = 0; kx < v.columns; kx++) {
      const float *from = s.x + v.first + ky * v.row + kx * v.column;
      const float *w = s.t + ((v.ky + ky) * s.p.kw + v.kx + kx) * cg * 16;
      QCC_AVX2_F32_LANE(0) QCC_AVX2_F32_LANE(1) QCC_AVX2_F32_LANE(2) QCC_AVX2_F32_LANE(3)
    }
#define QCC_AVX2_F32_JOIN(h)                                                                                 \
  _mm256_add_ps(_mm256_add_ps(_mm256_add_ps(c0##h, zero), _mm256_add_ps(c2##h, zero)),                       \
                _mm256_add_ps(_mm256_add_ps(c1##h, zero), _mm256_add_ps(c3##h, zero)))
  qcc_avx2_f32_put(s, valid, QCC_AVX2_F32_JOIN(0), QCC_AVX2_F32_JOIN(1), y);
#undef QCC_AVX2_F32_JOIN
}

#undef QCC_AVX2_F32_LANE

/* All pixels of 16 output channels; is_depthwise is a literal, and so is valid but for the last channels. */
QCC_INLINE void qcc_avx2_f32_sixteen_of(int32_t is_depthwise, int32_t valid, struct qcc_avx2_f32_sixteen s) {
  const struct qcc_conv2d_f32_params p = s.p;
  const ptrdiff_t next = (ptrdiff_t)p.sw * p.c;
  float *y = s.y;
  for (int32_t n = 0; n < p.n; n++)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow;) {
        struct qcc_avx2_window v = QCC_AVX2_WINDOW(p, n, oy, ox);
        struct qcc_avx2_window last = v;
        if (is_depthwise && ox + 4 <= p.ow) last = QCC_AVX2_WINDOW(p, n, oy, ox + 3);
        const int32_t whole = v.rows == p.kh && v.columns == p.kw;
        if (is_depthwise && ox + 4 <= p.ow && whole && last.columns == p.kw && last.first == v.first + 3 * next) {
          v.rows = p.kh, v.columns = p.kw, v.ky = v.kx = 0; /* literals, for loops that unroll */
          qcc_avx2_f32_side(4, valid, s, v, y);
          y += 4 * (ptrdiff_t)p.oc;
          ox += 4;
          continue;
        }
        if (is_depthwise)
          qcc_avx2_f32_side(1, valid, s, v, y);
        else
          qcc_avx2_f32_few(valid, s, v, y);
        y += p.oc;
        ox++;
      }
}

/* For channels of one group from o on: their weights, biases and pixels. */
QCC_INLINE void qcc_avx2_f32_side_block(int32_t is_depthwise, struct qcc_conv2d_f32_params p, const float *x, const float *w,
                                        const float *bias, float *y, int32_t o, int32_t valid) {
  float t[QCC_AVX2_F32_TAPS * 16];
  const int32_t cg = p.c / p.groups, taps = p.kh * p.kw * cg, og = p.oc / p.groups;
  for (int32_t k = 0; k < taps; k++)
    for (int32_t i = 0; i < 16; i++) t[16 * k + i] = i < valid ? w[(ptrdiff_t)(o + i) * taps + k] : 0.0f;
  struct qcc_avx2_f32_sixteen s = {p, x + (is_depthwise ? (ptrdiff_t)o : (ptrdiff_t)(o / og) * cg), t, y + o, _mm256_setzero_ps(),
                                   _mm256_setzero_ps(), valid};
  if (p.has_bias) s.bias0 = qcc_avx2_f32_some(bias + o, valid);
  if (p.has_bias && valid > 8) s.bias1 = qcc_avx2_f32_some(bias + o + 8, valid - 8);
  if (valid == 16)
    qcc_avx2_f32_sixteen_of(is_depthwise, 16, s);
  else
    qcc_avx2_f32_sixteen_of(is_depthwise, valid, s);
}

#endif
