/* SPDX-License-Identifier: 0BSD */
/* conv2d_f32 of one channel a group: 16 channels side by side in a register, only lane 0 of the contract's 8 is fed. Weights are
 * turned to [taps][16] on the stack. What is no depthwise convolution is AVX2's. */
#ifndef QCC_X86_AVX512VNNI_CONV2D_F32_DEPTHWISE_H
#define QCC_X86_AVX512VNNI_CONV2D_F32_DEPTHWISE_H

#include "conv2d_f32.h"
#include "isa/x86-avx2/conv2d_f32.h"

#define QCC_VNNI_F32_SIDE(n) \
  if (pixels > n) c##n = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(s.valid, from + n * next), w, c##n);
/* Lanes that no tap feeds are +0: adding them turns -0 into +0, as the contract's sum does. */
#define QCC_VNNI_F32_SIDE_PUT(n) \
  if (pixels > n) qcc_vnni_f32_put(s, c##n, _mm512_setzero_ps(), at[n], kept + 16 * n);

/* `pixels` (1 or 4, a literal) outputs whose windows have v.rows x v.columns taps. */
QCC_INLINE void qcc_vnni_f32_side(int32_t pixels, struct qcc_vnni_f32_panel s, struct qcc_avx2_window v, ptrdiff_t y) {
  const ptrdiff_t oc = s.p.oc, at[4] = {y, y + oc, y + 2 * oc, y + 3 * oc}, next = (ptrdiff_t)s.p.sw * s.p.c;
  float kept[4 * 16];
  __m512 c0 = _mm512_setzero_ps(), c1 = c0, c2 = c0, c3 = c0;
  for (int32_t ky = 0; ky < v.rows; ky++)
    for (int32_t kx = 0; kx < v.columns; kx++) {
      const float *from = s.x + v.first + ky * v.row + kx * v.column;
      const __m512 w = _mm512_loadu_ps(s.w + ((v.ky + ky) * s.p.kw + v.kx + kx) * 16);
      QCC_VNNI_F32_SIDE(0) QCC_VNNI_F32_SIDE(1) QCC_VNNI_F32_SIDE(2) QCC_VNNI_F32_SIDE(3)
    }
  QCC_VNNI_F32_SIDE_PUT(0) QCC_VNNI_F32_SIDE_PUT(1) QCC_VNNI_F32_SIDE_PUT(2) QCC_VNNI_F32_SIDE_PUT(3)
  qcc_vnni_f32_ends(s, pixels, kept, at);
}

#undef QCC_VNNI_F32_SIDE
#undef QCC_VNNI_F32_SIDE_PUT

/* All pixels of 16 channels. */
QCC_INLINE void qcc_vnni_f32_depthwise(struct qcc_vnni_f32_panel s) {
  const struct qcc_conv2d_f32_params p = s.p;
  const ptrdiff_t next = (ptrdiff_t)p.sw * p.c;
  ptrdiff_t y = 0;
  for (int32_t n = 0; n < p.n; n++)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow;) {
        struct qcc_avx2_window v = QCC_AVX2_WINDOW(p, n, oy, ox);
        struct qcc_avx2_window last = v;
        const int32_t four = ox + 4 <= p.ow, whole = v.rows == p.kh && v.columns == p.kw;
        if (four) last = QCC_AVX2_WINDOW(p, n, oy, ox + 3);
        if (four && whole && last.columns == p.kw && last.first == v.first + 3 * next) {
          v.rows = p.kh, v.columns = p.kw, v.ky = v.kx = 0; /* literals, for loops that unroll */
          qcc_vnni_f32_side(4, s, v, y);
          y += 4 * (ptrdiff_t)p.oc;
          ox += 4;
        } else {
          qcc_vnni_f32_side(1, s, v, y);
          y += p.oc;
          ox++;
        }
      }
}

QCC_INLINE void qcc_conv2d_f32__4x16__x86_avx512vnni(struct qcc_conv2d_f32_params p, struct qcc_conv2d_f32_data d, const float *x,
                                                     const float *w, const float *bias, const float *residual, float *y) {
  const int32_t taps = p.kh * p.kw;
  float t[QCC_AVX2_F32_TAPS * 16];
  if (p.groups != p.c || p.oc != p.c || p.c == 1 || taps > QCC_AVX2_F32_TAPS) {
    qcc_conv2d_f32__3x4__x86_avx2(p, d, x, w, bias, residual, y);
    return;
  }
  for (int32_t o = 0; o < p.oc; o += 16) {
    struct qcc_vnni_f32_panel s = {p, d, x + o, t, p.has_add ? residual + o : residual, y + o,
                                   _mm512_setzero_ps(), qcc_vnni_mask_16(p.oc - o)};
    for (int32_t k = 0; k < taps; k++)
      for (int32_t i = 0; i < 16; i++) t[16 * k + i] = i < p.oc - o ? w[(ptrdiff_t)(o + i) * taps + k] : 0.0f;
    if (p.has_bias) s.bias = _mm512_maskz_loadu_ps(s.valid, bias + o);
    qcc_vnni_f32_depthwise(s);
  }
}

#endif
