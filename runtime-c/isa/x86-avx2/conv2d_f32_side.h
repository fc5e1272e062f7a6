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

#include "fused_f32.h"
#include "qcc/conv2d_f32.h"
#include "simd.h"
#include "window.h"

enum { QCC_AVX2_F32_TAPS = 52, QCC_AVX2_F32_FEW = 4 };

/* Output channels o..o+15, `valid` of which exist. */
struct qcc_avx2_f32_sixteen {
  struct qcc_conv2d_f32_params p;
  struct qcc_conv2d_f32_data d;
  const float *x, *t;        /* the group's first channel; weights [taps][16] */
  const float *residual;     /* of the first of the channels, as is y; or null */
  float *y;
  __m256 bias0, bias1;
  int32_t valid;
};

/* Ends a pixel: sums s0 and s1 of 8 channels each, whose place is element `at`. Before long functions they are kept. */
QCC_INLINE void qcc_avx2_f32_put(struct qcc_avx2_f32_sixteen s, int32_t valid, __m256 s0, __m256 s1, ptrdiff_t at, float *kept) {
  if (s.p.has_bias) {
    s0 = _mm256_add_ps(s0, s.bias0);
    s1 = _mm256_add_ps(s1, s.bias1);
  }
  if (qcc_avx2_fused_is_long(s.p)) {
    _mm256_storeu_ps(kept, s0);
    _mm256_storeu_ps(kept + 8, s1);
    return;
  }
  qcc_avx2_fused_store(s.p, s.d, s0, valid, s.residual, s.y, at);
  if (valid > 8) qcc_avx2_fused_store(s.p, s.d, s1, valid - 8, s.residual, s.y, at + 8);
}
/* Ends a tile of pixels. */
QCC_INLINE void qcc_avx2_f32_end(struct qcc_avx2_f32_sixteen s, int32_t valid, int32_t pixels, const float *kept,
                                 const ptrdiff_t *at) {
  if (qcc_avx2_fused_is_long(s.p)) qcc_avx2_fused_kept(s.p, s.d, kept, pixels, valid, s.residual, s.y, at);
}

#define QCC_AVX2_F32_SIDE(n)                                                                                             \
  if (pixels > n) {                                                                                                      \
    c##n##0 = _mm256_fmadd_ps(qcc_avx2_f32_some(from + n * next, valid), w0, c##n##0);                                   \
    if (valid > 8) c##n##1 = _mm256_fmadd_ps(qcc_avx2_f32_some(from + n * next + 8, valid - 8), w1, c##n##1);            \
  }
#define QCC_AVX2_F32_SIDE_PUT(n)                                                                            \
  if (pixels > n)                                                                                           \
    qcc_avx2_f32_put(s, valid, _mm256_add_ps(c##n##0, zero), _mm256_add_ps(c##n##1, zero), at[n], kept + 16 * n);

/* `pixels` (1 or 4) outputs of a depthwise convolution, whose windows have v.rows x v.columns taps. pixels is a literal, and so
 * is valid but for the last channels. */
QCC_INLINE void qcc_avx2_f32_side(int32_t pixels, int32_t valid, struct qcc_avx2_f32_sixteen s, struct qcc_avx2_window v,
                                   ptrdiff_t y) {
  const __m256 zero = _mm256_setzero_ps();
  const ptrdiff_t oc = s.p.oc, at[4] = {y, y + oc, y + 2 * oc, y + 3 * oc};
  float kept[4 * 16];
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
  qcc_avx2_f32_end(s, valid, pixels, kept, at);
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
QCC_INLINE void qcc_avx2_f32_few(int32_t valid, struct qcc_avx2_f32_sixteen s, struct qcc_avx2_window v, ptrdiff_t y) {
  const int32_t cg = s.p.c / s.p.groups;
  float kept[16];
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
  qcc_avx2_f32_put(s, valid, QCC_AVX2_F32_JOIN(0), QCC_AVX2_F32_JOIN(1), y, kept);
  qcc_avx2_f32_end(s, valid, 1, kept, &y);
#undef QCC_AVX2_F32_JOIN
}

#undef QCC_AVX2_F32_LANE

/* All pixels of 16 output channels; is_depthwise is a literal, and so is valid but for the last channels. */
QCC_INLINE void qcc_avx2_f32_sixteen_of(int32_t is_depthwise, int32_t valid, struct qcc_avx2_f32_sixteen s) {
  const struct qcc_conv2d_f32_params p = s.p;
  const ptrdiff_t next = (ptrdiff_t)p.sw * p.c;
  ptrdiff_t y = 0;
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
QCC_INLINE void qcc_avx2_f32_side_block(int32_t is_depthwise, struct qcc_conv2d_f32_params p, struct qcc_conv2d_f32_data d,
                                        const float *x, const float *w, const float *bias, const float *residual, float *y,
                                        int32_t o, int32_t valid) {
  float t[QCC_AVX2_F32_TAPS * 16];
  const int32_t cg = p.c / p.groups, taps = p.kh * p.kw * cg, og = p.oc / p.groups;
  for (int32_t k = 0; k < taps; k++)
    for (int32_t i = 0; i < 16; i++) t[16 * k + i] = i < valid ? w[(ptrdiff_t)(o + i) * taps + k] : 0.0f;
  struct qcc_avx2_f32_sixteen s = {p, d, x + (is_depthwise ? (ptrdiff_t)o : (ptrdiff_t)(o / og) * cg), t,
                                   p.has_add ? residual + o : residual, y + o, _mm256_setzero_ps(), _mm256_setzero_ps(), valid};
  if (p.has_bias) s.bias0 = qcc_avx2_f32_some(bias + o, valid);
  if (p.has_bias && valid > 8) s.bias1 = qcc_avx2_f32_some(bias + o + 8, valid - 8);
  if (valid == 16)
    qcc_avx2_f32_sixteen_of(is_depthwise, 16, s);
  else
    qcc_avx2_f32_sixteen_of(is_depthwise, valid, s);
}

/* Three pixels of 16 channels, or rows of 16 columns of a product. */
struct qcc_avx2_f32_sums {
  __m256 s00, s01, s10, s11, s20, s21;
};

QCC_INLINE struct qcc_avx2_f32_sums qcc_avx2_f32_add(struct qcc_avx2_f32_sums a, struct qcc_avx2_f32_sums b) {
  return (struct qcc_avx2_f32_sums){_mm256_add_ps(a.s00, b.s00), _mm256_add_ps(a.s01, b.s01), _mm256_add_ps(a.s10, b.s10),
                                    _mm256_add_ps(a.s11, b.s11), _mm256_add_ps(a.s20, b.s20), _mm256_add_ps(a.s21, b.s21)};
}

#endif
