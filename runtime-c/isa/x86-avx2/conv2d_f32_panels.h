/* SPDX-License-Identifier: 0BSD */
/* conv2d_f32 by panels of 16 output channels (weights [group][panel][kh][kw][channel][16]): registers hold one of the
 * contract's 8 lanes for 8 channels, x comes broadcast from memory, and lanes join without a shuffle.
 *
 * Tile: 3 pixels cropped alike, in four sweeps over the window, each of two lanes that the contract adds to each other:
 * 12 accumulators lPH (lane l = a or b, pixel P, half H), 2 of weights, 1 of x. Up to 4 channels a group: two sweeps. */
#ifndef QCC_X86_AVX2_CONV2D_F32_PANELS_H
#define QCC_X86_AVX2_CONV2D_F32_PANELS_H

#include "conv2d_f32_side.h"
#include "rectangle.h"

#define QCC_AVX2_F32_MACS(l, r)                                    \
  if (pixels > r) {                                                \
    const __m256 x = _mm256_broadcast_ss(t.x[r] + at + l);         \
    l##_##r##0 = _mm256_fmadd_ps(x, w0, l##_##r##0);               \
    l##_##r##1 = _mm256_fmadd_ps(x, w1, l##_##r##1);               \
  }
#define QCC_AVX2_F32_LANE(l)                                                                           \
  {                                                                                                    \
    __m256 w0 = _mm256_loadu_ps(w + 16 * l), w1 = _mm256_loadu_ps(w + 16 * l + 8);                     \
    QCC_AVX2_FENCE(w0); /* once for all pixels */                                                      \
    QCC_AVX2_FENCE(w1);                                                                                \
    QCC_AVX2_F32_MACS(l, 0) QCC_AVX2_F32_MACS(l, 1) QCC_AVX2_F32_MACS(l, 2)                            \
  }
/* Lanes that no tap feeds are +0: adding them turns -0 into +0, as the contract's sum does. */
#define QCC_AVX2_F32_JOIN(r, h)                                                                              \
  few ? _mm256_add_ps(_mm256_add_ps(a_##r##h, zero), _mm256_add_ps(b_##r##h, zero)) : _mm256_add_ps(a_##r##h, b_##r##h)

/* Lanes a and b of `pixels` (1 or 3) outputs, added to each other; pixels, few, a and b are literals. */
QCC_INLINE struct qcc_avx2_f32_sums qcc_avx2_f32_sweep(int32_t pixels, int32_t few, int32_t a, int32_t b,
                                                       struct qcc_avx2_f32_sixteen s, struct qcc_avx2_window v,
                                                       struct qcc_avx2_pixels t) {
  const int32_t cg = s.p.c / s.p.groups, rest = cg % 8;
  const __m256 zero = _mm256_setzero_ps();
  int32_t whole = cg / 8;
  QCC_AVX2_OPAQUE(whole); /* an unrolled loop is reordered, and spills */
  __m256 a_00 = zero, a_01 = zero, a_10 = zero, a_11 = zero, a_20 = zero, a_21 = zero;
  __m256 b_00 = zero, b_01 = zero, b_10 = zero, b_11 = zero, b_20 = zero, b_21 = zero;
  for (int32_t ky = 0; ky < v.rows; ky++) {
    const float *w = s.t + ((ptrdiff_t)(v.ky + ky) * s.p.kw + v.kx) * cg * 16;
    for (int32_t kx = 0; kx < v.columns; kx++) {
      ptrdiff_t at = ky * v.row + kx * v.column;
      for (int32_t i = whole; i > 0; i--) {
        QCC_AVX2_F32_LANE(a)
        QCC_AVX2_F32_LANE(b)
        at += 8;
        w += 8 * 16;
      }
      if (a < rest) QCC_AVX2_F32_LANE(a)
      if (b < rest) QCC_AVX2_F32_LANE(b)
      w += (ptrdiff_t)rest * 16;
    }
  }
  return (struct qcc_avx2_f32_sums){QCC_AVX2_F32_JOIN(0, 0), QCC_AVX2_F32_JOIN(0, 1), QCC_AVX2_F32_JOIN(1, 0),
                                    QCC_AVX2_F32_JOIN(1, 1), QCC_AVX2_F32_JOIN(2, 0), QCC_AVX2_F32_JOIN(2, 1)};
}

#undef QCC_AVX2_F32_MACS
#undef QCC_AVX2_F32_LANE
#undef QCC_AVX2_F32_JOIN

/* `pixels` (1 or 3, a literal) outputs. */
QCC_INLINE void qcc_avx2_f32_panel_tile(int32_t pixels, struct qcc_avx2_f32_sixteen s, struct qcc_avx2_window v,
                                        struct qcc_avx2_pixels t) {
  struct qcc_avx2_f32_sums even, odd;
  if (s.p.c / s.p.groups <= 4) {
    even = qcc_avx2_f32_sweep(pixels, 1, 0, 2, s, v, t);
    odd = qcc_avx2_f32_sweep(pixels, 1, 1, 3, s, v, t);
  } else {
    even = qcc_avx2_f32_sweep(pixels, 0, 0, 4, s, v, t);
    even = qcc_avx2_f32_add(even, qcc_avx2_f32_sweep(pixels, 0, 2, 6, s, v, t));
    odd = qcc_avx2_f32_sweep(pixels, 0, 1, 5, s, v, t);
    odd = qcc_avx2_f32_add(odd, qcc_avx2_f32_sweep(pixels, 0, 3, 7, s, v, t));
  }
  const struct qcc_avx2_f32_sums sum = qcc_avx2_f32_add(even, odd);
  float kept[3 * 16];
  qcc_avx2_f32_put(s, s.valid, sum.s00, sum.s01, t.y[0], kept);
  if (pixels > 1) {
    qcc_avx2_f32_put(s, s.valid, sum.s10, sum.s11, t.y[1], kept + 16);
    qcc_avx2_f32_put(s, s.valid, sum.s20, sum.s21, t.y[2], kept + 32);
  }
  qcc_avx2_f32_end(s, s.valid, pixels, kept, t.y);
}

QCC_INLINE void qcc_avx2_f32_panel_rectangle(struct qcc_avx2_f32_sixteen s, struct qcc_avx2_rectangle r) {
  struct qcc_avx2_cursor at = {s.x + r.v.first, r.y, 0};
  int32_t left = r.rows * r.columns;
  for (; left >= 3; left -= 3) qcc_avx2_f32_panel_tile(3, s, r.v, qcc_avx2_take(&at, s.p, r.columns, 3));
  for (; left > 0; left--) qcc_avx2_f32_panel_tile(1, s, r.v, qcc_avx2_take(&at, s.p, r.columns, 1));
}

QCC_INLINE void qcc_conv2d_f32__3x16__x86_avx2(struct qcc_conv2d_f32_params p, struct qcc_conv2d_f32_data d, const float *x,
                                               const float *w, const float *bias, const float *residual, float *y) {
  const int32_t cg = p.c / p.groups, og = p.oc / p.groups;
  for (int32_t g = 0; g < p.groups; g++)
    for (int32_t o = 0; o < og; o += 16) {
      const ptrdiff_t first = (ptrdiff_t)g * og + o;
      const int32_t valid = og - o < 16 ? og - o : 16;
      struct qcc_avx2_f32_sixteen s = {p, d, x + (ptrdiff_t)g * cg, w, p.has_add ? residual + first : residual, y + first,
                                       _mm256_setzero_ps(), _mm256_setzero_ps(), valid};
      if (p.has_bias) s.bias0 = qcc_avx2_f32_some(bias + first, valid);
      if (p.has_bias && valid > 8) s.bias1 = qcc_avx2_f32_some(bias + first + 8, valid - 8);
#define QCC_AVX2_F32_DO(r) qcc_avx2_f32_panel_rectangle(s, r)
      QCC_AVX2_RECTANGLES(p, QCC_AVX2_F32_DO)
#undef QCC_AVX2_F32_DO
      w += (ptrdiff_t)p.kh * p.kw * cg * 16;
    }
}

#endif
