/* SPDX-License-Identifier: 0BSD */
/* The windows of a convolution as rows of bytes: those of a 1x1 convolution of s8 values are the image's own, others are copied,
 * with the padding filled in and u8 values turned to s8. */
#ifndef QCC_ARM_MVE_CONV2D_ROWS_H
#define QCC_ARM_MVE_CONV2D_ROWS_H

#include "qcc/conv2d_q8.h"
#include "simd_epilogue.h"

/* Where the rows of pixels come from, and what they meet. */
struct qcc_mve_conv2d {
  struct qcc_conv2d_q8_params p;
  int32_t k;       /* bytes of a row */
  int32_t is_direct;
  const uint8_t *x;
  const int8_t *w;
  const int32_t *bias;
  const void *scale;
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

/* The next pixel's row, at `row` where it is copied. */
QCC_INLINE const uint8_t *qcc_mve_next_row(const struct qcc_mve_conv2d *v, struct qcc_mve_cursor *at, uint8_t *row) {
  const struct qcc_conv2d_q8_params p = v->p;
  const int32_t run = p.kw * p.c, iy = at->iy, ix = at->ix;
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

#endif
