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

/* Where the next pixel's row begins; pixels of all images follow each other. */
struct qcc_mve_cursor {
  const uint8_t *image; /* or the row itself, where rows are the image's own */
  int32_t iy, ix, oy, ox;
};

QCC_INLINE struct qcc_mve_cursor qcc_mve_first_row(const struct qcc_mve_conv2d *v) {
  const struct qcc_mve_cursor at = {v->x, -v->p.pad_top, -v->p.pad_left, 0, 0};
  return at;
}

QCC_INLINE void qcc_mve_advance(const struct qcc_mve_conv2d *v, struct qcc_mve_cursor *at) {
  const struct qcc_conv2d_q8_params p = v->p;
  at->ix += p.sw;
  if (++at->ox < p.ow) return;
  at->ox = 0;
  at->ix = -p.pad_left;
  at->iy += p.sh;
  if (++at->oy < p.oh) return;
  at->oy = 0;
  at->iy = -p.pad_top;
  at->image += (ptrdiff_t)p.h * p.w * p.c;
}

/* The next pixel's row, in scratch place `place` where it is copied. */
QCC_INLINE const uint8_t *qcc_mve_next_row(const struct qcc_mve_conv2d *v, struct qcc_mve_cursor *at, int32_t place) {
  const struct qcc_conv2d_q8_params p = v->p;
  const int32_t run = p.kw * p.c, iy = at->iy, ix = at->ix;
  uint8_t *const row = v->scratch + place * v->k16;
  uint8_t *to = row;
  if (v->is_direct) {
    const uint8_t *const own = at->image;
    at->image += p.c;
    return own;
  }
  if (p.dw == 1 && iy >= 0 && iy + (p.kh - 1) * p.dh < p.h && ix >= 0 && ix + p.kw <= p.w) {
    const uint8_t *from = at->image + (iy * p.w + ix) * p.c;
    const ptrdiff_t step = (ptrdiff_t)p.dh * p.w * p.c;
    if (run <= 16) { /* what is written too much belongs to the next run or is not read */
      const mve_pred16_t first = vctp8q((uint32_t)run);
      for (int32_t ky = 0; ky < p.kh; ky++, from += step, to += run)
        vstrbq_u8(to, veorq_u8(vldrbq_z_u8(from, first), vdupq_n_u8(v->flip)));
    } else {
      for (int32_t ky = 0; ky < p.kh; ky++, from += step, to += run) qcc_mve_copy(to, from, run, v->flip);
    }
  } else {
    for (int32_t ky = 0; ky < p.kh; ky++) to = qcc_mve_window_row(v, at->image, iy + ky * p.dh, ix, to);
  }
  qcc_mve_advance(v, at);
  return row;
}

/* A pixel's channels from o on, four by four; a missing one is computed as the last one and not stored. */
QCC_INLINE void qcc_mve_one_row(const struct qcc_mve_conv2d *v, const uint8_t *a, int32_t m, int32_t o) {
  const int32_t k = v->k, oc = v->p.oc, last = oc - 1;
  for (; o < oc; o += 4) {
    const int32_t o1 = o + 1 < last ? o + 1 : last, o2 = o + 2 < last ? o + 2 : last, o3 = o + 3 < last ? o + 3 : last;
    const int32x4_t c = qcc_mve_dot_long_row(a, v->w + o * k, v->w + o1 * k, v->w + o2 * k, v->w + o3 * k, k, v->bias[o],
                                             v->bias[o1], v->bias[o2], v->bias[o3]);
    qcc_mve_finish(v->out, c, qcc_mve_load_scale(v->out.kind, v->scale, o, oc - o), (ptrdiff_t)m * oc + o, oc - o);
  }
}

/* All pixels, one by one, of 3 or 4 blocks; `blocks` and is_whole are literals here and below. */
QCC_INLINE void qcc_mve_short_rows(const struct qcc_mve_conv2d *v, int32_t pixels, int32_t blocks, int32_t is_whole) {
  const int32_t oc = v->p.oc, rest = v->k % 16, whole = oc / 4 * 4;
  struct qcc_mve_cursor from = qcc_mve_first_row(v);
  for (int32_t m = 0; m < pixels; m++) {
    const uint8_t *const a = qcc_mve_next_row(v, &from, 0);
    const struct qcc_mve_row r = qcc_mve_load_row(a, blocks, is_whole, rest);
    const int8_t *w = v->w;
    for (int32_t o = 0; o < whole; o += 4) {
      const int32x4_t c = vaddq_s32(qcc_mve_dot_row(r, &w, blocks, is_whole, rest), vldrwq_s32(v->bias + o));
      qcc_mve_finish(v->out, c, qcc_mve_load_scale(v->out.kind, v->scale, o, 4), (ptrdiff_t)m * oc + o, 4);
    }
    if (oc % 4 != 0) qcc_mve_one_row(v, a, m, whole);
  }
}

/* All pixels, two by two, of 1 or 2 blocks. */
QCC_INLINE void qcc_mve_short_pairs(const struct qcc_mve_conv2d *v, int32_t pixels, int32_t blocks, int32_t is_whole) {
  const int32_t oc = v->p.oc, rest = v->k % 16, whole = oc / 4 * 4;
  struct qcc_mve_cursor from = qcc_mve_first_row(v);
  int32_t m = 0;
  for (; m + 1 < pixels; m += 2) {
    const uint8_t *const a = qcc_mve_next_row(v, &from, 0);
    const uint8_t *const b = qcc_mve_next_row(v, &from, 1);
    const struct qcc_mve_row r = qcc_mve_load_row(a, blocks, is_whole, rest);
    const struct qcc_mve_row s = qcc_mve_load_row(b, blocks, is_whole, rest);
    const int8_t *w = v->w;
    for (int32_t o = 0; o < whole; o += 4) {
      const ptrdiff_t at = (ptrdiff_t)m * oc + o;
      int32x4_t c, d;
      qcc_mve_dot_rows(r, s, &w, blocks, is_whole, rest, &c, &d);
      {
        const int32x4_t bias = vldrwq_s32(v->bias + o);
        const struct qcc_mve_scale scale = qcc_mve_load_scale(v->out.kind, v->scale, o, 4);
        qcc_mve_finish(v->out, vaddq_s32(c, bias), scale, at, 4);
        qcc_mve_finish(v->out, vaddq_s32(d, bias), scale, at + oc, 4);
      }
    }
    if (oc % 4 != 0)
      for (int32_t i = 0; i < 2; i++) qcc_mve_one_row(v, i == 0 ? a : b, m + i, whole);
  }
  if (m < pixels) qcc_mve_one_row(v, qcc_mve_next_row(v, &from, 0), m, 0);
}

/* All pixels, three by three, the last 1 or 2 alone; then the channels that make no four. u, v: where the weights of two
 * channels are; a loop leaves them at the end of the row, in whole blocks. */
QCC_INLINE void qcc_mve_long_rows(const struct qcc_mve_conv2d *v, int32_t pixels) {
  const int32_t k = v->k, k16 = v->k16, oc = v->p.oc, whole = oc / 4 * 4;
  struct qcc_mve_cursor from = qcc_mve_first_row(v);
  int32_t m = 0;
  for (; m + QCC_MVE_ROWS <= pixels; m += QCC_MVE_ROWS) {
    const uint8_t *a = qcc_mve_next_row(v, &from, 0), *b = qcc_mve_next_row(v, &from, 1), *c = qcc_mve_next_row(v, &from, 2);
    const int8_t *first = v->w, *second = first + 2 * k;
    const int32_t *bias = v->bias;
    ptrdiff_t at = (ptrdiff_t)m * oc;
    for (int32_t o = 0; o < whole; o += 4, bias += 4, at += 4) {
      int32x4_t va, vb, vc;
      {
        int32_t a0 = bias[0], a1 = bias[2], b0 = a0, b1 = a1, c0 = a0, c1 = a1;
        QCC_MVE_DOT_3X2(a, b, c, first, second, k, a0, a1, b0, b1, c0, c1);
        QCC_MVE_START_LANES(va, a0, a1);
        QCC_MVE_START_LANES(vb, b0, b1);
        QCC_MVE_START_LANES(vc, c0, c1);
        a -= k16, b -= k16, c -= k16, first += k - k16, second += k - k16;
      }
      {
        int32_t a0 = bias[1], a1 = bias[3], b0 = a0, b1 = a1, c0 = a0, c1 = a1;
        QCC_MVE_DOT_3X2(a, b, c, first, second, k, a0, a1, b0, b1, c0, c1);
        QCC_MVE_JOIN_LANES(va, a0, a1);
        QCC_MVE_JOIN_LANES(vb, b0, b1);
        QCC_MVE_JOIN_LANES(vc, c0, c1);
        a -= k16, b -= k16, c -= k16, first += 3 * k - k16, second += 3 * k - k16;
      }
      {
        const struct qcc_mve_scale scale = qcc_mve_load_scale(v->out.kind, v->scale, o, 4);
        qcc_mve_finish(v->out, va, scale, at, 4);
        qcc_mve_finish(v->out, vb, scale, at + oc, 4);
        qcc_mve_finish(v->out, vc, scale, at + 2 * (ptrdiff_t)oc, 4);
      }
    }
    if (oc % 4 != 0)
      for (int32_t i = 0; i < QCC_MVE_ROWS; i++) qcc_mve_one_row(v, i == 0 ? a : i == 1 ? b : c, m + i, whole);
  }
  for (int32_t left = pixels % QCC_MVE_ROWS; left > 0; left--, m++)
    qcc_mve_one_row(v, qcc_mve_next_row(v, &from, 0), m, 0);
}

/* `is_direct`, a literal: the rows are the image's own pixels, and scratch is not used. */
QCC_INLINE void qcc_mve_conv2d(int32_t is_direct, struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d,
                               const uint8_t *x, const void *w, const int32_t *bias, const void *scale,
                               const uint8_t *residual, const uint8_t *table, void *y, void *scratch) {
  const int32_t k = p.kh * p.kw * p.c, pixels = p.n * p.oh * p.ow;
  const uint8_t flip = p.x_signed ? 0 : 0x80;
  const struct qcc_mve_conv2d v = {p, k, (k + 15) / 16 * 16, is_direct, x, (const int8_t *)w, bias, scale, (uint8_t *)scratch,
                                   {p.kind, d.e, residual, table, y}, flip, (uint8_t)((uint8_t)d.x_pad ^ flip)};
  if (pixels == 1 && is_direct)
    qcc_mve_one_row(&v, x, 0, 0);
  else if (k > 64)
    qcc_mve_long_rows(&v, pixels);
  else if (k == 64)
    qcc_mve_short_rows(&v, pixels, 4, 1);
  else if (k > 48)
    qcc_mve_short_rows(&v, pixels, 4, 0);
  else if (k == 48)
    qcc_mve_short_rows(&v, pixels, 3, 1);
  else if (k > 32)
    qcc_mve_short_rows(&v, pixels, 3, 0);
  else if (k == 32)
    qcc_mve_short_pairs(&v, pixels, 2, 1);
  else if (k > 16)
    qcc_mve_short_pairs(&v, pixels, 2, 0);
  else if (k == 16)
    qcc_mve_short_pairs(&v, pixels, 1, 1);
  else
    qcc_mve_short_pairs(&v, pixels, 1, 0);
}

/* row: one pixel, as in fully connected layers. 1x1, any: no tie of a fixed-point rule shows (NO_TIES); 1x1t, anyt: ties are minded. */
#define QCC_MVE_CONV2D(name, is_direct, level, ...)                                                                       \
  QCC_INLINE void qcc_conv2d_q8__##name##__arm_mve(                                                                  \
      struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x, const void *w,                   \
      const int32_t *bias, const void *scale, const uint8_t *residual, const uint8_t *table, void *y,                \
      void *scratch) {                                                                                               \
    p.kind.proved = level;                                                                                           \
    __VA_ARGS__;                                                                                                     \
    qcc_mve_conv2d(is_direct, p, d, x, w, bias, scale, residual, table, y, scratch);                                 \
  }

QCC_MVE_CONV2D(row, 1, 2, p.n = p.oh = p.ow = 1)
QCC_MVE_CONV2D(rowt, 1, p.kind.proved, p.n = p.oh = p.ow = 1)
QCC_MVE_CONV2D(1x1, 1, 2, (void)0)
QCC_MVE_CONV2D(1x1t, 1, p.kind.proved, (void)0)
QCC_MVE_CONV2D(any, 0, 2, (void)0)
QCC_MVE_CONV2D(anyt, 0, p.kind.proved, (void)0)

#endif
