/* SPDX-License-Identifier: 0BSD */
/* conv2d_f32 by panels of 16 output channels (weights [group][panel][kh][kw][channel][16]): a register holds one of the
 * contract's 8 lanes for 16 channels, x comes broadcast from memory, and lanes join without a shuffle.
 *
 *   up to 4 channels a group   6 pixels, 4 lanes     24 sums cPL (pixel P, lane L), one register of weights
 *   more                       3 pixels, 8 lanes
 *
 * The pixels of a tile are cropped alike (rectangle.h). */
#ifndef QCC_X86_AVX512VNNI_CONV2D_F32_H
#define QCC_X86_AVX512VNNI_CONV2D_F32_H

#include "fused_f32.h"
#include "isa/x86-avx2/rectangle.h"
#include "simd.h"

enum { QCC_VNNI_F32_FEW = 4 };

/* One panel: 16 output channels of a group, those of `valid` exist. */
struct qcc_vnni_f32_panel {
  struct qcc_conv2d_f32_params p;
  struct qcc_conv2d_f32_data d;
  const float *x, *w;    /* the group's first channel, the panel's weights */
  const float *residual; /* its first channel of the first pixel, as is y; or null */
  float *y;
  __m512 bias;
  __mmask16 valid;
};

/* Stores the epilogue of 16 channels of a pixel. */
QCC_INLINE void qcc_vnni_f32_end(struct qcc_vnni_f32_panel s, __m512 v, ptrdiff_t at) {
  v = qcc_vnni_fused_16(s.p.before, v, s.d.before_a, s.d.before_b);
  if (s.p.has_add) v = _mm512_add_ps(v, _mm512_maskz_loadu_ps(s.valid, s.residual + at));
  v = qcc_vnni_fused_16(s.p.after, v, s.d.after_a, s.d.after_b);
  if (s.valid == 0xffff)
    _mm512_storeu_ps(s.y + at, v);
  else
    _mm512_mask_storeu_ps(s.y + at, s.valid, v);
}

/* Adds the bias to joined sums and stores them; before long functions they are kept. */
QCC_INLINE void qcc_vnni_f32_put(struct qcc_vnni_f32_panel s, __m512 even, __m512 odd, ptrdiff_t at, float *kept) {
  __m512 sum = _mm512_add_ps(even, odd);
  if (s.p.has_bias) sum = _mm512_add_ps(sum, s.bias);
  if (qcc_avx2_fused_is_long(s.p))
    _mm512_storeu_ps(kept, sum);
  else
    qcc_vnni_f32_end(s, sum, at);
}

/* Ends kept sums of a tile. */
QCC_INLINE void qcc_vnni_f32_ends(struct qcc_vnni_f32_panel s, int32_t pixels, const float *kept, const ptrdiff_t *at) {
  if (!qcc_avx2_fused_is_long(s.p)) return;
  QCC_AVX2_OPAQUE(pixels); /* once, whatever their number */
  for (int32_t i = 0; i < pixels; i++) qcc_vnni_f32_end(s, _mm512_loadu_ps(kept + 16 * i), at[i]);
}

#define QCC_VNNI_F32_ADD(r, l) c##r##l = _mm512_fmadd_ps(_mm512_set1_ps(t.x[r][at + (l)]), wl, c##r##l)
#define QCC_VNNI_F32_ADD_IF(r, l) \
  if (pixels > r) QCC_VNNI_F32_ADD(r, l)

/* One channel of a tap for 3 pixels, `l` its lane. */
#define QCC_VNNI_F32_K(l)                           \
  {                                                 \
    __m512 wl = _mm512_loadu_ps(w + 16 * (l));      \
    QCC_VNNI_FENCE(wl); /* once for all pixels */   \
    QCC_VNNI_F32_ADD(0, l);                         \
    QCC_VNNI_F32_ADD_IF(1, l);                      \
    QCC_VNNI_F32_ADD_IF(2, l);                      \
  }
#define QCC_VNNI_F32_K_IF(l) \
  if (rest > l) QCC_VNNI_F32_K(l)
#define QCC_VNNI_F32_LANES(r)                                                                                       \
  __m512 c##r##0 = _mm512_setzero_ps(), c##r##1 = c##r##0, c##r##2 = c##r##0, c##r##3 = c##r##0, c##r##4 = c##r##0, \
         c##r##5 = c##r##0, c##r##6 = c##r##0, c##r##7 = c##r##0;
#define QCC_VNNI_F32_PUT(r)                                                                                                   \
  if (pixels > r)                                                                                                             \
    qcc_vnni_f32_put(s, _mm512_add_ps(_mm512_add_ps(c##r##0, c##r##4), _mm512_add_ps(c##r##2, c##r##6)),                      \
                     _mm512_add_ps(_mm512_add_ps(c##r##1, c##r##5), _mm512_add_ps(c##r##3, c##r##7)), t.y[r], kept + 16 * r);

/* `pixels` (1 to 3, a literal) outputs. */
QCC_INLINE void qcc_vnni_f32_tile(int32_t pixels, struct qcc_vnni_f32_panel s, struct qcc_avx2_window v,
                                  struct qcc_avx2_pixels t) {
  const int32_t cg = s.p.c / s.p.groups, rest = cg % 8;
  float kept[3 * 16];
  QCC_VNNI_F32_LANES(0) QCC_VNNI_F32_LANES(1) QCC_VNNI_F32_LANES(2)
  for (int32_t ky = 0; ky < v.rows; ky++) {
    const float *w = s.w + ((ptrdiff_t)(v.ky + ky) * s.p.kw + v.kx) * cg * 16;
    for (int32_t kx = 0; kx < v.columns; kx++) {
      ptrdiff_t at = ky * v.row + kx * v.column;
      for (int32_t i = cg / 8; i > 0; i--) {
        QCC_VNNI_F32_K(0) QCC_VNNI_F32_K(1) QCC_VNNI_F32_K(2) QCC_VNNI_F32_K(3)
        QCC_VNNI_F32_K(4) QCC_VNNI_F32_K(5) QCC_VNNI_F32_K(6) QCC_VNNI_F32_K(7)
        at += 8;
        w += 8 * 16;
      }
      QCC_VNNI_F32_K_IF(0) QCC_VNNI_F32_K_IF(1) QCC_VNNI_F32_K_IF(2) QCC_VNNI_F32_K_IF(3)
      QCC_VNNI_F32_K_IF(4) QCC_VNNI_F32_K_IF(5) QCC_VNNI_F32_K_IF(6)
      w += (ptrdiff_t)rest * 16;
    }
  }
  QCC_VNNI_F32_PUT(0) QCC_VNNI_F32_PUT(1) QCC_VNNI_F32_PUT(2)
  qcc_vnni_f32_ends(s, pixels, kept, t.y);
}

#undef QCC_VNNI_F32_K
#undef QCC_VNNI_F32_K_IF
#undef QCC_VNNI_F32_LANES
#undef QCC_VNNI_F32_PUT

#define QCC_VNNI_F32_K(l)                      \
  if (cg > l) {                                \
    __m512 wl = _mm512_loadu_ps(w + 16 * (l)); \
    QCC_VNNI_FENCE(wl);                        \
    QCC_VNNI_F32_ADD(0, l);                    \
    QCC_VNNI_F32_ADD_IF(1, l);                 \
    QCC_VNNI_F32_ADD_IF(2, l);                 \
    QCC_VNNI_F32_ADD_IF(3, l);                 \
    QCC_VNNI_F32_ADD_IF(4, l);                 \
    QCC_VNNI_F32_ADD_IF(5, l);                 \
  }
#define QCC_VNNI_F32_LANES(r) \
  __m512 c##r##0 = _mm512_setzero_ps(), c##r##1 = c##r##0, c##r##2 = c##r##0, c##r##3 = c##r##0;
/* Lanes that no tap feeds are +0: adding them turns -0 into +0, as the contract's sum does. */
#define QCC_VNNI_F32_PUT(r)                                                                        \
  if (pixels > r)                                                                                  \
    qcc_vnni_f32_put(s, _mm512_add_ps(_mm512_add_ps(c##r##0, zero), _mm512_add_ps(c##r##2, zero)), \
                     _mm512_add_ps(_mm512_add_ps(c##r##1, zero), _mm512_add_ps(c##r##3, zero)), t.y[r], kept + 16 * r);

/* `pixels` (1 or 6, a literal) outputs of a convolution with up to 4 channels a group. */
QCC_INLINE void qcc_vnni_f32_few(int32_t pixels, struct qcc_vnni_f32_panel s, struct qcc_avx2_window v,
                                 struct qcc_avx2_pixels t) {
  const int32_t cg = s.p.c / s.p.groups;
  float kept[6 * 16];
  const __m512 zero = _mm512_setzero_ps();
  QCC_VNNI_F32_LANES(0) QCC_VNNI_F32_LANES(1) QCC_VNNI_F32_LANES(2)
  QCC_VNNI_F32_LANES(3) QCC_VNNI_F32_LANES(4) QCC_VNNI_F32_LANES(5)
  for (int32_t ky = 0; ky < v.rows; ky++) {
    const float *w = s.w + ((ptrdiff_t)(v.ky + ky) * s.p.kw + v.kx) * cg * 16;
    ptrdiff_t at = ky * v.row;
    for (int32_t kx = 0; kx < v.columns; kx++) {
      QCC_VNNI_F32_K(0) QCC_VNNI_F32_K(1) QCC_VNNI_F32_K(2) QCC_VNNI_F32_K(3)
      at += v.column;
      w += cg * 16;
    }
  }
  QCC_VNNI_F32_PUT(0) QCC_VNNI_F32_PUT(1) QCC_VNNI_F32_PUT(2) QCC_VNNI_F32_PUT(3) QCC_VNNI_F32_PUT(4) QCC_VNNI_F32_PUT(5)
  qcc_vnni_f32_ends(s, pixels, kept, t.y);
}

#undef QCC_VNNI_F32_K
#undef QCC_VNNI_F32_LANES
#undef QCC_VNNI_F32_PUT
#undef QCC_VNNI_F32_ADD
#undef QCC_VNNI_F32_ADD_IF

QCC_INLINE void qcc_vnni_f32_rectangle(struct qcc_vnni_f32_panel s, struct qcc_avx2_rectangle r) {
  struct qcc_avx2_cursor at = {s.x + r.v.first, r.y, 0};
  int32_t left = r.rows * r.columns;
  if (s.p.c / s.p.groups <= QCC_VNNI_F32_FEW) {
    for (; left >= 6; left -= 6) qcc_vnni_f32_few(6, s, r.v, qcc_avx2_take(&at, s.p, r.columns, 6));
    for (; left > 0; left--) qcc_vnni_f32_few(1, s, r.v, qcc_avx2_take(&at, s.p, r.columns, 1));
    return;
  }
  for (; left >= 3; left -= 3) qcc_vnni_f32_tile(3, s, r.v, qcc_avx2_take(&at, s.p, r.columns, 3));
  if (left == 2) qcc_vnni_f32_tile(2, s, r.v, qcc_avx2_take(&at, s.p, r.columns, 2));
  if (left == 1) qcc_vnni_f32_tile(1, s, r.v, qcc_avx2_take(&at, s.p, r.columns, 1));
}

QCC_INLINE void qcc_conv2d_f32__3x16__x86_avx512vnni(struct qcc_conv2d_f32_params p, struct qcc_conv2d_f32_data d, const float *x,
                                                     const float *w, const float *bias, const float *residual, float *y) {
  const int32_t cg = p.c / p.groups, og = p.oc / p.groups;
  for (int32_t g = 0; g < p.groups; g++)
    for (int32_t o = 0; o < og; o += 16) {
      const ptrdiff_t first = (ptrdiff_t)g * og + o;
      struct qcc_vnni_f32_panel s = {p, d, x + (ptrdiff_t)g * cg, w, p.has_add ? residual + first : residual, y + first,
                                     _mm512_setzero_ps(), qcc_vnni_mask_16(og - o)};
      if (p.has_bias) s.bias = _mm512_maskz_loadu_ps(s.valid, bias + first);
#define QCC_VNNI_F32_DO(r) qcc_vnni_f32_rectangle(s, r)
      QCC_AVX2_RECTANGLES(p, QCC_VNNI_F32_DO)
#undef QCC_VNNI_F32_DO
      w += (ptrdiff_t)p.kh * p.kw * cg * 16;
    }
}

#endif
