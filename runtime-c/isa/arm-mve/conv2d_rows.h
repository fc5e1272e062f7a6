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

/* `rows` runs of `bytes` from `from` on, `step` apart, to `to` and on, `run` apart. Kernels with few channels have short ones. */
QCC_INLINE void qcc_mve_copy_runs(uint8_t *to, const uint8_t *from, int32_t rows, int32_t bytes, int32_t step, int32_t run,
                                  uint8_t flip) {
  if (run <= 16) {
    const uint8x16_t mask = vdupq_n_u8(flip);
    uint8x16_t x;
#define QCC_MVE_COPY_RUNS(block, ...)                                                              \
  __asm__ volatile("vctp.8 %[bytes]\n\twls lr, %[rows], 2f\n"                                      \
                   "1:\n\t" block "vstrbt.8 %q[x], [%[to]]\n\t"                                   \
                   "add %[from], %[from], %[step]\n\tadd %[to], %[to], %[run]\n\tle lr, 1b\n2:"    \
                   : [x] "=&w"(x), [from] "+r"(from), [to] "+r"(to)                                \
                   : [rows] "r"(rows), [bytes] "r"(bytes), [step] "r"(step), [run] "r"(run), __VA_ARGS__ \
                   : "lr", "memory")
    if (flip == 0)
      QCC_MVE_COPY_RUNS("vpstt\n\tvldrbt.u8 %q[x], [%[from]]\n\t", [mask] "w"(mask));
    else
      QCC_MVE_COPY_RUNS("vpsttt\n\tvldrbt.u8 %q[x], [%[from]]\n\tveort %q[x], %q[x], %q[mask]\n\t", [mask] "w"(mask));
#undef QCC_MVE_COPY_RUNS
  } else {
    for (; rows > 0; rows--, from += step, to += run) qcc_mve_copy(to, from, bytes, flip);
  }
}

/* The same of three whole runs of at most 16 bytes, the first layers of many networks; up to 15 more bytes are written. */
QCC_INLINE void qcc_mve_copy_three(uint8_t *to, const uint8_t *from, int32_t step, int32_t run, uint8_t flip) {
  const mve_pred16_t all = vctp8q((uint32_t)run);
  const uint8x16_t mask = vdupq_n_u8(flip);
  uint8x16_t a = vldrbq_z_u8(from, all), b = vldrbq_z_u8(from + step, all), c = vldrbq_z_u8(from + 2 * (ptrdiff_t)step, all);
  if (flip) a = veorq_u8(a, mask), b = veorq_u8(b, mask), c = veorq_u8(c, mask);
  vstrbq_u8(to, a);
  vstrbq_u8(to + run, b);
  vstrbq_u8(to + 2 * run, c);
}

/* The window at row iy, column ix of an image that it leaves: padding, and what of the image it sees. */
QCC_INLINE void qcc_mve_border_window(const struct qcc_mve_conv2d *v, const uint8_t *image, int32_t iy, int32_t ix, uint8_t *to) {
  const struct qcc_conv2d_q8_params p = v->p;
  const int32_t run = p.kw * p.c;
  qcc_mve_fill(to, v->pad, p.kh * run);
  if (p.dw == 1 && p.dh == 1) {
    const int32_t top = iy < 0 ? -iy : 0, left = ix < 0 ? -ix : 0;
    const int32_t rows = (p.h - iy < p.kh ? p.h - iy : p.kh) - top, columns = (p.w - ix < p.kw ? p.w - ix : p.kw) - left;
    if (rows > 0 && columns > 0)
      qcc_mve_copy_runs(to + top * run + left * p.c, image + ((ptrdiff_t)(iy + top) * p.w + ix + left) * p.c, rows,
                        columns * p.c, p.w * p.c, run, v->flip);
    return;
  }
  for (int32_t ky = 0; ky < p.kh; ky++, iy += p.dh)
    for (int32_t kx = 0, at = ix; kx < p.kw; kx++, at += p.dw, to += p.c)
      if (iy >= 0 && iy < p.h && at >= 0 && at < p.w)
        qcc_mve_copy(to, image + ((ptrdiff_t)iy * p.w + at) * p.c, p.c, v->flip);
}

/* Where the next pixel's row begins; pixels of all images follow each other. offset: of its window in the image. */
struct qcc_mve_cursor {
  const uint8_t *image; /* or the row itself, where rows are the image's own */
  int32_t offset, iy, ix, oy, ox;
};

QCC_INLINE struct qcc_mve_cursor qcc_mve_first_row(const struct qcc_mve_conv2d *v) {
  const struct qcc_conv2d_q8_params p = v->p;
  const struct qcc_mve_cursor at = {v->x, -(p.pad_top * p.w + p.pad_left) * p.c, -p.pad_top, -p.pad_left, 0, 0};
  return at;
}

QCC_INLINE void qcc_mve_advance(const struct qcc_mve_conv2d *v, struct qcc_mve_cursor *at) {
  const struct qcc_conv2d_q8_params p = v->p;
  at->ix += p.sw;
  at->offset += p.sw * p.c;
  if (++at->ox < p.ow) return;
  at->ox = 0;
  at->ix = -p.pad_left;
  at->iy += p.sh;
  if (++at->oy >= p.oh) {
    at->oy = 0;
    at->iy = -p.pad_top;
    at->image += (ptrdiff_t)p.h * p.w * p.c;
  }
  at->offset = (at->iy * p.w + at->ix) * p.c;
}

/* The next pixel's row, at `row` where it is copied. */
QCC_INLINE const uint8_t *qcc_mve_next_row(const struct qcc_mve_conv2d *v, struct qcc_mve_cursor *at, uint8_t *row) {
  const struct qcc_conv2d_q8_params p = v->p;
  const int32_t run = p.kw * p.c, iy = at->iy, ix = at->ix, step = p.dh * p.w * p.c;
  if (v->is_direct) {
    const uint8_t *const own = at->image;
    at->image += p.c;
    return own;
  }
  if (p.dw == 1 && iy >= 0 && iy + (p.kh - 1) * p.dh < p.h && ix >= 0 && ix + p.kw <= p.w) {
    if (p.kh == 3 && run <= 16)
      qcc_mve_copy_three(row, at->image + at->offset, step, run, v->flip);
    else
      qcc_mve_copy_runs(row, at->image + at->offset, p.kh, run, step, run, v->flip);
  } else {
    qcc_mve_border_window(v, at->image, iy, ix, row);
  }
  qcc_mve_advance(v, at);
  return row;
}

#endif
