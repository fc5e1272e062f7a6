/* SPDX-License-Identifier: 0BSD */
/* conv2d_q8 on Helium: every output pixel's window is one row of k = kh * kw * c bytes, times four channels at a time
 * (conv2d_dot.h), then the epilogue on those four.
 *
 * Rows of a 1x1 convolution of s8 values are the image's own; others are copied to scratch, three at a time, with the
 * padding filled in (and u8 values turned to s8). A copy costs 2 instructions for 16 bytes, little beside 16 * oc products.
 * Invariant: nothing past the end of x is read: the last block of a row is predicated. */
#ifndef QCC_ARM_MVE_CONV2D_Q8_H
#define QCC_ARM_MVE_CONV2D_Q8_H

#include "conv2d_dot.h"
#include "qcc/conv2d_q8.h"
#include "simd_epilogue.h"

enum { QCC_MVE_ROWS = 3 };

/* Where the rows of pixels come from, and what they meet. */
struct qcc_mve_conv2d {
  struct qcc_conv2d_q8_params p;
  int32_t k;       /* bytes of a row */
  int32_t k16;     /* the same in whole blocks of 16 */
  int32_t is_direct;
  const uint8_t *x;
  const int8_t *w;
  const int32_t *bias;
  const void *scale;
  uint8_t *scratch;
  struct qcc_mve_output out;
  uint8_t flip, pad;
};

/* One kernel row of a window: `taps` taps, the first at column ix of image row iy. */
QCC_INLINE uint8_t *qcc_mve_window_row(const struct qcc_mve_conv2d *v, const uint8_t *image, int32_t iy, int32_t ix,
                                       uint8_t *to) {
  const struct qcc_conv2d_q8_params p = v->p;
  if (p.dw == 1) {
    const int32_t before = iy < 0 || iy >= p.h ? p.kw : ix < 0 ? (-ix < p.kw ? -ix : p.kw) : 0;
    const int32_t end = p.w - ix < p.kw ? (p.w - ix > before ? p.w - ix : before) : p.kw;
    const ptrdiff_t at = ((ptrdiff_t)iy * p.w + ix + before) * p.c;
    if (before > 0) qcc_mve_fill(to, v->pad, before * p.c);
    if (end > before) qcc_mve_copy(to + before * p.c, image + at, (end - before) * p.c, v->flip);
    if (end < p.kw) qcc_mve_fill(to + end * p.c, v->pad, (p.kw - end) * p.c);
    return to + p.kw * p.c;
  }
  for (int32_t kx = 0; kx < p.kw; kx++, ix += p.dw, to += p.c) {
    if (iy < 0 || iy >= p.h || ix < 0 || ix >= p.w)
      qcc_mve_fill(to, v->pad, p.c);
    else
      qcc_mve_copy(to, image + ((ptrdiff_t)iy * p.w + ix) * p.c, p.c, v->flip);
  }
  return to;
}

/* The row of pixel m (of all images' pixels in order), in scratch place `place` where it is copied. */
QCC_INLINE const uint8_t *qcc_mve_row_of(const struct qcc_mve_conv2d *v, int32_t m, int32_t place) {
  const struct qcc_conv2d_q8_params p = v->p;
  if (v->is_direct) return v->x + (ptrdiff_t)m * p.c;
  {
    const int32_t n = p.n == 1 ? 0 : m / (p.oh * p.ow), pixel = m - n * (p.oh * p.ow);
    const int32_t oy = pixel / p.ow, ox = pixel - oy * p.ow;
    const int32_t iy = oy * p.sh - p.pad_top, ix = ox * p.sw - p.pad_left;
    const uint8_t *const image = v->x + (ptrdiff_t)n * p.h * p.w * p.c;
    uint8_t *const row = v->scratch + place * v->k16;
    uint8_t *to = row;
    if (p.dw == 1 && iy >= 0 && iy + (p.kh - 1) * p.dh < p.h && ix >= 0 && ix + p.kw <= p.w) {
      const uint8_t *from = image + ((ptrdiff_t)iy * p.w + ix) * p.c;
      for (int32_t ky = 0; ky < p.kh; ky++, from += (ptrdiff_t)p.dh * p.w * p.c, to += p.kw * p.c)
        qcc_mve_copy(to, from, p.kw * p.c, v->flip);
      return row;
    }
    for (int32_t ky = 0; ky < p.kh; ky++) to = qcc_mve_window_row(v, image, iy + ky * p.dh, ix, to);
    return row;
  }
}

/* Channels from which on a short row's last load could leave the weights; a whole number of fours. */
QCC_INLINE int32_t qcc_mve_unguarded(int32_t k, int32_t oc) {
  const int32_t after = (16 - k % 16 + k - 1) / k; /* channels that hold what is read too much */
  return k % 16 == 0 ? oc / 4 * 4 : oc < after ? 0 : (oc - after) / 4 * 4;
}

/* The last 1 to 3 channels of a short row: as a long one. */
QCC_INLINE void qcc_mve_last_channels(const struct qcc_mve_conv2d *v, const uint8_t *a, int32_t m, int32_t o) {
  const int32_t last = v->p.oc - 1, o1 = o + 1 < last ? o + 1 : last, o2 = o + 2 < last ? o + 2 : last;
  const int32x4_t c = qcc_mve_dot_long_row(a, v->w + o * v->k, v->w + o1 * v->k, v->w + o2 * v->k, v->w + last * v->k, v->k,
                                           v->bias[o], v->bias[o1], v->bias[o2], v->bias[last]);
  qcc_mve_finish(v->out, c, qcc_mve_load_scale(v->out.kind, v->scale, o, v->p.oc - o), (ptrdiff_t)m * v->p.oc + o,
                 v->p.oc - o);
}

/* Four channels of a pixel of short rows. */
QCC_INLINE void qcc_mve_short_four(const struct qcc_mve_conv2d *v, struct qcc_mve_row r, const int8_t **w, int32_t m,
                                   int32_t o, int32_t is_guarded) {
  const int32x4_t c = vaddq_s32(qcc_mve_dot_row(r, w, v->k, is_guarded), vldrwq_s32(v->bias + o));
  qcc_mve_finish(v->out, c, qcc_mve_load_scale(v->out.kind, v->scale, o, 4), (ptrdiff_t)m * v->p.oc + o, 4);
}

QCC_INLINE void qcc_mve_short_row(const struct qcc_mve_conv2d *v, int32_t m) {
  const int32_t oc = v->p.oc, unguarded = qcc_mve_unguarded(v->k, oc);
  const uint8_t *const a = qcc_mve_row_of(v, m, 0);
  const struct qcc_mve_row r = qcc_mve_load_row(a, v->k);
  const int8_t *w = v->w;
  int32_t o = 0;
  for (; o < unguarded; o += 4) qcc_mve_short_four(v, r, &w, m, o, 0);
  for (; o + 4 <= oc; o += 4) qcc_mve_short_four(v, r, &w, m, o, 1);
  if (oc % 4 != 0) qcc_mve_last_channels(v, a, m, o);
}

/* Four channels of two pixels. */
QCC_INLINE void qcc_mve_short_eight(const struct qcc_mve_conv2d *v, struct qcc_mve_row r, struct qcc_mve_row s,
                                    const int8_t **w, int32_t m, int32_t o, int32_t is_guarded) {
  const ptrdiff_t at = (ptrdiff_t)m * v->p.oc + o;
  int32x4_t c, d;
  qcc_mve_dot_rows(r, s, w, v->k, is_guarded, &c, &d);
  {
    const int32x4_t bias = vldrwq_s32(v->bias + o);
    const struct qcc_mve_scale scale = qcc_mve_load_scale(v->out.kind, v->scale, o, 4);
    qcc_mve_finish(v->out, vaddq_s32(c, bias), scale, at, 4);
    qcc_mve_finish(v->out, vaddq_s32(d, bias), scale, at + v->p.oc, 4);
  }
}

QCC_INLINE void qcc_mve_short_rows(const struct qcc_mve_conv2d *v, int32_t m) {
  const int32_t oc = v->p.oc, unguarded = qcc_mve_unguarded(v->k, oc);
  const uint8_t *const a = qcc_mve_row_of(v, m, 0), *const b = qcc_mve_row_of(v, m + 1, 1);
  const struct qcc_mve_row r = qcc_mve_load_row(a, v->k), s = qcc_mve_load_row(b, v->k);
  const int8_t *w = v->w;
  int32_t o = 0;
  for (; o < unguarded; o += 4) qcc_mve_short_eight(v, r, s, &w, m, o, 0);
  for (; o + 4 <= oc; o += 4) qcc_mve_short_eight(v, r, s, &w, m, o, 1);
  if (oc % 4 != 0) {
    qcc_mve_last_channels(v, a, m, o);
    qcc_mve_last_channels(v, b, m + 1, o);
  }
}

/* Lanes `low` and `low` + 2 of three rows' sums: channels o and o + 2, or the last one in place of one that is missing. */
#define QCC_MVE_LONG_PAIR(high, low, o)                                                                              \
  do {                                                                                                               \
    const int32_t o0_ = (o) < last ? (o) : last, o1_ = (o) + 2 < last ? (o) + 2 : last;                              \
    int32_t a0_ = v->bias[o0_], a1_ = v->bias[o1_], b0_ = a0_, b1_ = a1_, c0_ = a0_, c1_ = a1_;                      \
    QCC_MVE_DOT_3X2(a, b, c, v->w + o0_ * v->k, v->w + o1_ * v->k, v->k, a0_, a1_, b0_, b1_, c0_, c1_);              \
    QCC_MVE_JOIN_LANES(va, high, low, a0_, a1_);                                                                     \
    QCC_MVE_JOIN_LANES(vb, high, low, b0_, b1_);                                                                     \
    QCC_MVE_JOIN_LANES(vc, high, low, c0_, c1_);                                                                     \
  } while (0)

/* `rows` (2 or 3) pixels; a missing third one is computed of the second's row and not stored. */
QCC_INLINE void qcc_mve_long_rows(const struct qcc_mve_conv2d *v, int32_t m, int32_t rows) {
  const int32_t oc = v->p.oc, last = oc % 4 == 0 ? oc + 4 : oc - 1;
  const uint8_t *const a = qcc_mve_row_of(v, m, 0), *const b = qcc_mve_row_of(v, m + 1, 1);
  const uint8_t *const c = rows > 2 ? qcc_mve_row_of(v, m + 2, 2) : b;
  const ptrdiff_t at = (ptrdiff_t)m * oc;
  for (int32_t o = 0; o < oc; o += 4) {
    const int32_t count = oc % 4 == 0 ? 4 : oc - o;
    int32x4_t va = vuninitializedq_s32(), vb = vuninitializedq_s32(), vc = vuninitializedq_s32();
    QCC_MVE_LONG_PAIR("2", "0", o);
    QCC_MVE_LONG_PAIR("3", "1", o + 1);
    {
      const struct qcc_mve_scale scale = qcc_mve_load_scale(v->out.kind, v->scale, o, count);
      qcc_mve_finish(v->out, va, scale, at + o, count);
      qcc_mve_finish(v->out, vb, scale, at + oc + o, count);
      if (rows > 2) qcc_mve_finish(v->out, vc, scale, at + 2 * (ptrdiff_t)oc + o, count);
    }
  }
}

QCC_INLINE void qcc_mve_one_long_row(const struct qcc_mve_conv2d *v, int32_t m) {
  const int32_t k = v->k, oc = v->p.oc;
  const uint8_t *const a = qcc_mve_row_of(v, m, 0);
  const int8_t *w = v->w;
  int32_t o = 0;
  for (; o + 4 <= oc; o += 4, w += 4 * k) {
    const int32_t *const bias = v->bias + o;
    const int32x4_t c = qcc_mve_dot_long_row(a, w, w + k, w + 2 * k, w + 3 * k, k, bias[0], bias[1], bias[2], bias[3]);
    qcc_mve_finish(v->out, c, qcc_mve_load_scale(v->out.kind, v->scale, o, 4), (ptrdiff_t)m * oc + o, 4);
  }
  if (oc % 4 != 0) qcc_mve_last_channels(v, a, m, o);
}

/* `is_direct`, a literal: the rows are the image's own pixels, and scratch is not used. */
QCC_INLINE void qcc_mve_conv2d(int32_t is_direct, struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d,
                               const uint8_t *x, const void *w, const int32_t *bias, const void *scale,
                               const uint8_t *residual, const uint8_t *table, void *y, void *scratch) {
  const int32_t k = p.kh * p.kw * p.c, pixels = p.n * p.oh * p.ow;
  const uint8_t flip = p.x_signed ? 0 : 0x80;
  const struct qcc_mve_conv2d v = {p, k, (k + 15) / 16 * 16, is_direct, x, (const int8_t *)w, bias, scale, (uint8_t *)scratch,
                                   {p.kind, d.e, residual, table, y}, flip, (uint8_t)((uint8_t)d.x_pad ^ flip)};
  int32_t m = 0;
  if (k <= 32)
    for (; m + 1 < pixels; m += 2) qcc_mve_short_rows(&v, m);
  if (k <= 64) {
    for (; m < pixels; m++) qcc_mve_short_row(&v, m);
    return;
  }
  for (; m + 2 < pixels; m += QCC_MVE_ROWS) qcc_mve_long_rows(&v, m, 3);
  if (pixels - m == 2)
    qcc_mve_long_rows(&v, m, 2);
  else if (pixels - m == 1)
    qcc_mve_one_long_row(&v, m);
}

QCC_INLINE void qcc_conv2d_q8__1x1__arm_mve(struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x,
                                            const void *w, const int32_t *bias, const void *scale,
                                            const uint8_t *residual, const uint8_t *table, void *y, void *scratch) {
  qcc_mve_conv2d(1, p, d, x, w, bias, scale, residual, table, y, scratch);
}

QCC_INLINE void qcc_conv2d_q8__any__arm_mve(struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x,
                                            const void *w, const int32_t *bias, const void *scale,
                                            const uint8_t *residual, const uint8_t *table, void *y, void *scratch) {
  qcc_mve_conv2d(0, p, d, x, w, bias, scale, residual, table, y, scratch);
}

#endif
