/* SPDX-License-Identifier: 0BSD */
/* The taps of one pixel of conv2d_q8 on arm-dsp, in the order of the weights. Copies are words, for a few bytes each: a call of
 * memcpy would cost more than it moves. */
#ifndef QCC_ARM_DSP_CONV2D_GATHER_H
#define QCC_ARM_DSP_CONV2D_GATHER_H

#include "qcc/conv2d_q8.h"
#include "simd.h"

/* The last word of four bytes or more ends where they end, over what is there already. */
QCC_INLINE void qcc_dsp_copy(uint8_t *to, const uint8_t *from, int32_t bytes) {
  if (bytes < 4) {
    for (; bytes > 0; bytes--) *to++ = *from++;
    return;
  }
  const uint32_t last = qcc_dsp_load(from + bytes - 4);
  uint8_t *const end = to + bytes - 4;
  for (; to < end; to += 4, from += 4) qcc_copy(to, from, 4);
  qcc_copy(end, &last, 4);
}

/* The same of a number of bytes that may be a literal: then it is a few loads and stores. */
QCC_INLINE void qcc_dsp_copy_run(uint8_t *to, const uint8_t *from, int32_t bytes) {
#if QCC_GNU
  if (__builtin_constant_p(bytes) && bytes <= 16) {
    qcc_copy(to, from, (size_t)bytes);
    return;
  }
#endif
  qcc_dsp_copy(to, from, bytes);
}

/* Where a pixel's window lies: kx from `inside` to `outside` is in the image. */
struct qcc_dsp_window {
  const uint8_t *image;
  int32_t top, left, inside, outside;
};

QCC_INLINE struct qcc_dsp_window qcc_dsp_window_of(struct qcc_conv2d_q8_params p, const uint8_t *x, int32_t n, int32_t oy, int32_t ox) {
  struct qcc_dsp_window at = {x + (ptrdiff_t)n * p.h * p.w * p.c, oy * p.sh - p.pad_top, ox * p.sw - p.pad_left, 0, p.kw};
  if (at.left < 0) at.inside = -at.left < p.kw ? -at.left : p.kw;
  if (at.left + p.kw > p.w) at.outside = p.w - at.left > at.inside ? p.w - at.left : at.inside;
  return at;
}

QCC_INLINE void qcc_dsp_pads(uint8_t *to, uint8_t *end, int32_t x_pad) {
  while (to < end) *to++ = (uint8_t)x_pad;
}

/* Row ky: kw * c bytes. */
QCC_INLINE void qcc_dsp_gather_row(struct qcc_conv2d_q8_params p, int32_t x_pad, struct qcc_dsp_window at, int32_t ky, uint8_t *to) {
  const int32_t iy = at.top + ky * p.dh;
  if ((uint32_t)iy >= (uint32_t)p.h) {
    qcc_dsp_pads(to, to + p.kw * p.c, x_pad);
  } else if (p.dw == 1) {
    const int32_t lead = at.inside * p.c, bytes = (at.outside - at.inside) * p.c;
    qcc_dsp_pads(to, to + lead, x_pad);
    if (bytes > 0) qcc_dsp_copy(to + lead, at.image + ((ptrdiff_t)iy * p.w + at.left + at.inside) * p.c, bytes);
    qcc_dsp_pads(to + lead + bytes, to + p.kw * p.c, x_pad);
  } else {
    for (int32_t kx = 0; kx < p.kw; kx++, to += p.c) {
      const int32_t ix = at.left + kx * p.dw;
      if ((uint32_t)ix < (uint32_t)p.w)
        qcc_dsp_copy(to, at.image + ((ptrdiff_t)iy * p.w + ix) * p.c, p.c);
      else
        qcc_dsp_pads(to, to + p.c, x_pad);
    }
  }
}

/* All rows of a window, one after the other. */
QCC_INLINE void qcc_dsp_gather_window(struct qcc_conv2d_q8_params p, int32_t x_pad, struct qcc_dsp_window at, uint8_t *to) {
  const int32_t run = p.kw * p.c, down = p.dh * p.w * p.c;
  if (p.dw == 1 && at.inside == 0 && at.outside == p.kw && at.top >= 0 && at.top + (p.kh - 1) * p.dh < p.h) {
    const uint8_t *from = at.image + ((ptrdiff_t)at.top * p.w + at.left) * p.c;
    for (int32_t ky = 0; ky < p.kh; ky++, from += down, to += run) qcc_dsp_copy_run(to, from, run);
    return;
  }
  for (int32_t ky = 0; ky < p.kh; ky++) qcc_dsp_gather_row(p, x_pad, at, ky, to + ky * run);
}

/* Pixels one after another. */
struct qcc_dsp_place {
  int32_t n, oy, ox;
};

QCC_INLINE struct qcc_dsp_place qcc_dsp_next(struct qcc_conv2d_q8_params p, struct qcc_dsp_place at) {
  if (++at.ox == p.ow) {
    at.ox = 0;
    if (++at.oy == p.oh) at.oy = 0, at.n++;
  }
  return at;
}

#endif
