/* SPDX-License-Identifier: 0BSD */
/* conv2d_f32 on AVX2. The contract's 8 lanes are the 8 floats of a register: channels i..i+7 of a tap are one fmadd.
 *
 * Tile: 3 pixels of a row, whose windows are cropped alike, by 4 output channels. Registers: 12 accumulators cPO (pixel P,
 * channel O), 3 of x, 1 of weights. The last channels of a tap come masked: x is +0 there and w is -0, and adding the
 * product, -0, changes no number.
 *   lanes join   low half + high half, 4 x 4 transposition, (r0 + r2) + (r1 + r3), bias
 * Depthwise and first layers feed few lanes: conv2d_f32_side.h. */
#ifndef QCC_X86_AVX2_CONV2D_F32_H
#define QCC_X86_AVX2_CONV2D_F32_H

#include "conv2d_f32_side.h"
#include "qcc/conv2d_f32.h"
#include "simd.h"
#include "window.h"

QCC_INLINE __m256 qcc_avx2_f32_x(const float *x, __m256i mask, int32_t whole) {
  return whole ? _mm256_loadu_ps(x) : _mm256_maskload_ps(x, mask);
}
QCC_INLINE __m256 qcc_avx2_f32_w(const float *w, __m256i mask, int32_t whole) {
  if (whole) return _mm256_loadu_ps(w);
  return _mm256_or_ps(_mm256_maskload_ps(w, mask), _mm256_andnot_ps(_mm256_castsi256_ps(mask), _mm256_set1_ps(-0.0f)));
}

/* Four output channels: where their weights begin, how many exist, their biases, places of residual (or null) and result. */
struct qcc_avx2_f32_block {
  struct qcc_conv2d_f32_params p;
  struct qcc_conv2d_f32_data d;
  const float *residual;
  float *y;
  const float *w0, *w1, *w2, *w3;
  int32_t valid, has_bias;
  __m128 bias;
};

/* Joins the lanes of four sums, adds the biases, stores what exists; before long functions all four, to `kept`. */
QCC_INLINE void qcc_avx2_f32_finish(struct qcc_avx2_f32_block b, __m256 c0, __m256 c1, __m256 c2, __m256 c3, ptrdiff_t at,
                                    float *kept) {
#define QCC_AVX2_HALVES(c) _mm_add_ps(_mm256_castps256_ps128(c), _mm256_extractf128_ps(c, 1))
  __m128 r0 = QCC_AVX2_HALVES(c0), r1 = QCC_AVX2_HALVES(c1), r2 = QCC_AVX2_HALVES(c2), r3 = QCC_AVX2_HALVES(c3);
#undef QCC_AVX2_HALVES
  _MM_TRANSPOSE4_PS(r0, r1, r2, r3);
  __m128 sum = _mm_add_ps(_mm_add_ps(r0, r2), _mm_add_ps(r1, r3));
  if (b.has_bias) sum = _mm_add_ps(sum, b.bias);
  if (qcc_avx2_fused_is_long(b.p))
    _mm_storeu_ps(kept, sum);
  else
    qcc_avx2_fused_store(b.p, b.d, _mm256_zextps128_ps256(sum), b.valid, b.residual, b.y, at);
}

#define QCC_AVX2_F32_CHANNEL(o)                                  \
  {                                                              \
    const __m256 w = qcc_avx2_f32_w(b.w##o + at, mask, whole);   \
    c0##o = _mm256_fmadd_ps(x0, w, c0##o);                       \
    if (pixels > 1) {                                            \
      c1##o = _mm256_fmadd_ps(x1, w, c1##o);                     \
      c2##o = _mm256_fmadd_ps(x2, w, c2##o);                     \
    }                                                            \
  }

/* Channels i..i+7 of one tap; `at`: their place in the weights. */
#define QCC_AVX2_F32_STEP(is_whole)                                                                   \
  {                                                                                                   \
    const int32_t whole = is_whole;                                                                   \
    const ptrdiff_t at = tap + i;                                                                     \
    const __m256 x0 = qcc_avx2_f32_x(from + i, mask, whole);                                          \
    const __m256 x1 = pixels > 1 ? qcc_avx2_f32_x(from + next + i, mask, whole) : x0;                 \
    const __m256 x2 = pixels > 1 ? qcc_avx2_f32_x(from + 2 * next + i, mask, whole) : x0;             \
    QCC_AVX2_F32_CHANNEL(0)                                                                           \
    QCC_AVX2_F32_CHANNEL(1)                                                                           \
    QCC_AVX2_F32_CHANNEL(2)                                                                           \
    QCC_AVX2_F32_CHANNEL(3)                                                                           \
  }

/* `pixels` (1 or 3, a literal) outputs whose windows lie `next` elements apart; x: the first tap inside, in its group. */
QCC_INLINE void qcc_avx2_f32_tile(int32_t pixels, struct qcc_conv2d_f32_params p, struct qcc_avx2_window v,
                                  struct qcc_avx2_f32_block b, const float *x, ptrdiff_t y) {
  const ptrdiff_t oc = p.oc, places[3] = {y, y + oc, y + 2 * oc};
  float kept[3 * 16] = {0.0f};
  const int32_t cg = p.c / p.groups;
  const ptrdiff_t next = (ptrdiff_t)p.sw * p.c;
  const __m256i mask = qcc_avx2_f32_mask(cg % 8);
  __m256 c00 = _mm256_setzero_ps(), c01 = c00, c02 = c00, c03 = c00, c10 = c00, c11 = c00, c12 = c00, c13 = c00;
  __m256 c20 = c00, c21 = c00, c22 = c00, c23 = c00;
  for (int32_t ky = 0; ky < v.rows; ky++)
    for (int32_t kx = 0; kx < v.columns; kx++) {
      const float *from = x + ky * v.row + kx * v.column;
      const ptrdiff_t tap = ((ptrdiff_t)(v.ky + ky) * p.kw + v.kx + kx) * cg;
      int32_t i = 0;
      for (; i + 8 <= cg; i += 8) QCC_AVX2_F32_STEP(1)
      if (cg % 8 != 0) QCC_AVX2_F32_STEP(0)
    }
  qcc_avx2_f32_finish(b, c00, c01, c02, c03, y, kept);
  if (pixels > 1) {
    qcc_avx2_f32_finish(b, c10, c11, c12, c13, places[1], kept + 16);
    qcc_avx2_f32_finish(b, c20, c21, c22, c23, places[2], kept + 32);
  }
  if (qcc_avx2_fused_is_long(p)) qcc_avx2_fused_kept(p, b.d, kept, pixels, b.valid, b.residual, b.y, places);
}

/* All pixels of output channels o..o+3 of one group. */
QCC_INLINE void qcc_avx2_f32_channels(struct qcc_conv2d_f32_params p, struct qcc_conv2d_f32_data d, const float *x,
                                      const float *w, const float *bias, const float *residual, float *y, int32_t o) {
  const int32_t cg = p.c / p.groups, og = p.oc / p.groups, left = og - o % og;
  const ptrdiff_t k = (ptrdiff_t)p.kh * p.kw * cg, next = (ptrdiff_t)p.sw * p.c;
  struct qcc_avx2_f32_block b;
  ptrdiff_t at = 0;
  b.p = p;
  b.d = d;
  b.residual = p.has_add ? residual + o : residual;
  b.y = y + o;
  b.valid = left < 4 ? left : 4;
  b.has_bias = p.has_bias;
  b.w0 = w + o * k;
  b.w1 = b.valid > 1 ? b.w0 + k : b.w0;
  b.w2 = b.valid > 2 ? b.w0 + 2 * k : b.w0;
  b.w3 = b.valid > 3 ? b.w0 + 3 * k : b.w0;
  b.bias = _mm_setzero_ps();
  if (p.has_bias)
    b.bias = b.valid == 4 ? _mm_loadu_ps(bias + o)
                          : _mm_setr_ps(bias[o], b.valid > 1 ? bias[o + 1] : 0.0f, b.valid > 2 ? bias[o + 2] : 0.0f, 0.0f);
  x += (ptrdiff_t)(o / og) * cg;
  for (int32_t n = 0; n < p.n; n++)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow;) {
        const struct qcc_avx2_window v = QCC_AVX2_WINDOW(p, n, oy, ox);
        struct qcc_avx2_window third = v;
        if (ox + 3 <= p.ow) third = QCC_AVX2_WINDOW(p, n, oy, ox + 2);
        /* Windows are cropped less and less, then more and more: equal at both ends and not moved means equal between. */
        if (ox + 3 <= p.ow && third.columns == v.columns && third.first == v.first + 2 * next) {
          qcc_avx2_f32_tile(3, p, v, b, x + v.first, at);
          at += 3 * (ptrdiff_t)p.oc;
          ox += 3;
        } else {
          qcc_avx2_f32_tile(1, p, v, b, x + v.first, at);
          at += p.oc;
          ox++;
        }
      }
}

/* Every convolution, by tiles. */
QCC_INLINE void qcc_avx2_f32_tiles(struct qcc_conv2d_f32_params p, struct qcc_conv2d_f32_data d, const float *x, const float *w,
                                   const float *bias, const float *residual, float *y) {
  const int32_t og = p.oc / p.groups;
  for (int32_t o = 0; o < p.oc; o += og - o % og < 4 ? og - o % og : 4) qcc_avx2_f32_channels(p, d, x, w, bias, residual, y, o);
}

QCC_INLINE void qcc_conv2d_f32__3x4__x86_avx2(struct qcc_conv2d_f32_params p, struct qcc_conv2d_f32_data d, const float *x,
                                              const float *w, const float *bias, const float *residual, float *y) {
  const int32_t cg = p.c / p.groups, og = p.oc / p.groups, taps = p.kh * p.kw * cg;
  if (cg == 1 && og == 1 && p.c > 1 && taps <= QCC_AVX2_F32_TAPS) {
    for (int32_t o = 0; o < p.oc; o += 16)
      qcc_avx2_f32_side_block(1, p, d, x, w, bias, residual, y, o, p.oc - o < 16 ? p.oc - o : 16);
    return;
  }
  if (cg <= QCC_AVX2_F32_FEW && og >= 8 && taps <= QCC_AVX2_F32_TAPS) {
    for (int32_t o = 0; o < p.oc; o += og - o % og < 16 ? og - o % og : 16)
      qcc_avx2_f32_side_block(0, p, d, x, w, bias, residual, y, o, og - o % og < 16 ? og - o % og : 16);
    return;
  }
  qcc_avx2_f32_tiles(p, d, x, w, bias, residual, y);
}

#endif
