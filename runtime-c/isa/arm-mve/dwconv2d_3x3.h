/* SPDX-License-Identifier: 0BSD */
/* dwconv2d_q8 with a 3x3 window on Helium: one vmladava makes one output of one channel from a patch of 4x4 pixels.
 *
 * Scratch holds a strip of four image rows for each of eight channels, [channel][column][row % 4], so that 16 neighbouring
 * bytes are a patch: four columns of four rows. The window's nine weights lie in a vector of the same shape, the other
 * seven are zero. Stride 1: the patch is met by two vectors, the second a row further down, so two output rows go on
 * together, in steps of two image rows; stride 2: by one. Two new rows replace the two oldest of the strip; the rows of a
 * patch then begin with its third, and so do those of the weights (vrev32).
 *
 *   stride 1: v0 = a0 b0 a1 b1, v1 = a2 b2 a3 b3 (row a, row b), narrowed into one: a0 a2 b0 b2 a1 a3 b1 b3
 *   stride 2: v0 = a0 a1 a2 a3
 *
 * Rows and columns change places where that leaves less work (25x5: 6 groups of 4 and 1 instead of 1 and 1, 25 times).
 * Every value of a channel is in the strip before an output of its rows is written: with stride 1, y may be x. */
#ifndef QCC_ARM_MVE_DWCONV2D_3X3_H
#define QCC_ARM_MVE_DWCONV2D_3X3_H

#include "channel.h"
#include "qcc/dwconv2d_q8.h"

/* The convolution as the loops see it: rows and columns may have changed places. Steps in bytes. */
struct qcc_mve_dw {
  struct qcc_dwconv2d_q8_params p;
  int32_t is_turned;
  int32_t h, w, oh, ow, top, left, stride;
  int32_t x_row, x_column, y_row, y_column;
  int32_t pitch; /* of a channel's strip */
  const uint8_t *x;
  const uint8_t *weights;
  const int32_t *bias;
  const void *scale;
  uint8_t *strips;
  struct qcc_mve_output out;
  uint8_t flip, pad;
  uint16x8_t to8; /* where outputs go: eight of two rows in the order of their lanes, */
  uint32x4_t to4; /* and four */
};

/* Instructions for a channel: groups of four columns, tails of two, what every row costs. */
QCC_INLINE int32_t qcc_mve_dw_cost(int32_t rows, int32_t columns, int32_t stride) {
  const int32_t single = 17 * ((columns + 3) / 4) + 14;
  if (stride == 2) return rows * single;
  return rows / 2 * (31 * (columns / 4) + 18 * ((columns % 4 + 1) / 2) + 14) + rows % 2 * single;
}

/* Two image rows, iy and iy + 1, of eight channels (`valid` of them exist) into half `half` of their strips. */
QCC_INLINE void qcc_mve_dw_load(const struct qcc_mve_dw *v, const uint8_t *image, int32_t iy, int32_t half, int32_t valid) {
  const uint16x8_t to_strips = vmulq_n_u16(vidupq_n_u16(0, 1), (uint16_t)v->pitch);
  const mve_pred16_t first = vctp16q((uint32_t)valid);
  uint16_t *to = (uint16_t *)(void *)(v->strips + 4 * v->left + 2 * half);
  const uint16x8_t flip = vdupq_n_u16((uint16_t)(v->flip * 257));
  const uint8_t *a = image + (ptrdiff_t)iy * v->x_row, *b = a + v->x_row;
  if (valid >= 8 && iy >= 0 && iy + 1 < v->h) {
    for (int32_t i = 0; i < v->w; i++, a += v->x_column, b += v->x_column, to += 2) {
      uint16x8_t both = vsliq_n_u16(vldrbq_u16(a), vldrbq_u16(b), 8);
      if (v->flip) both = veorq_u16(both, flip);
      vstrhq_scatter_offset_u16(to, to_strips, both);
    }
    return;
  }
  {
    const uint16x8_t pad = vdupq_n_u16((uint16_t)(v->pad ^ v->flip));
    const int32_t has_a = iy >= 0 && iy < v->h, has_b = iy + 1 >= 0 && iy + 1 < v->h;
    for (int32_t i = 0; i < v->w; i++, a += v->x_column, b += v->x_column, to += 2) {
      const uint16x8_t va = has_a ? vldrbq_z_u16(a, first) : pad, vb = has_b ? vldrbq_z_u16(b, first) : pad;
      vstrhq_scatter_offset_u16(to, to_strips, v->flip ? veorq_u16(vsliq_n_u16(va, vb, 8), flip) : vsliq_n_u16(va, vb, 8));
    }
  }
}

/* Patches at p, p + 4, p + 8, p + 12 times both rows of weights; p moves by 16. */
#define QCC_MVE_DW_PAIR(v, first, second)                                                                \
  first "vmladav.s8 %[s0], %q[x], %q[a]\n\tvmladav.s8 %[s1], %q[x], %q[b]\n\t" second                    \
        "vmladav.s8 %[s2], %q[x], %q[a]\n\tvmladav.s8 %[s3], %q[x], %q[b]\n\t"                           \
        "vmov %q[" v "][2], %q[" v "][0], %[s0], %[s2]\n\tvmov %q[" v "][3], %q[" v "][1], %[s1], %[s3]\n\t"

/* Stride 1: two rows of outputs, the first one at y. */
QCC_INLINE void qcc_mve_dw_two_rows(const struct qcc_mve_dw *v, const uint8_t *p, uint8x16_t a, uint8x16_t b,
                                    struct qcc_mve_channel c, uint8_t *y) {
  int32_t i = 0, s0, s1, s2, s3;
  uint8x16_t x;
  int32x4_t v0, v1;
  for (; i + 4 <= v->ow; i += 4, y += 4 * v->y_column) {
    __asm__ volatile(
        QCC_MVE_DW_PAIR("v0", "vldrw.u32 %q[x], [%[p]], #16\n\t", "vldrw.u32 %q[x], [%[p], #-12]\n\t")
        QCC_MVE_DW_PAIR("v1", "vldrw.u32 %q[x], [%[p], #-8]\n\t", "vldrw.u32 %q[x], [%[p], #-4]\n\t")
        : [v0] "=&w"(v0), [v1] "=&w"(v1), [x] "=&w"(x), [p] "+r"(p), [s0] "=&Te"(s0), [s1] "=&Te"(s1), [s2] "=&Te"(s2),
          [s3] "=&Te"(s3)
        : [a] "w"(a), [b] "w"(b)
        : "memory");
    v0 = qcc_mve_channel_rounded(v->out.kind, c, v0);
    v1 = qcc_mve_channel_rounded(v->out.kind, c, v1);
    vstrbq_scatter_offset_u16(y, v->to8, qcc_mve_channels_stored(v->out, v0, v1));
  }
  for (; i < v->ow; i += 2, y += 2 * v->y_column) {
    __asm__ volatile(QCC_MVE_DW_PAIR("v0", "vldrw.u32 %q[x], [%[p]], #8\n\t", "vldrw.u32 %q[x], [%[p], #-4]\n\t")
                     : [v0] "=&w"(v0), [x] "=&w"(x), [p] "+r"(p), [s0] "=&Te"(s0), [s1] "=&Te"(s1), [s2] "=&Te"(s2),
                       [s3] "=&Te"(s3)
                     : [a] "w"(a), [b] "w"(b)
                     : "memory");
    v0 = qcc_mve_channel_rounded(v->out.kind, c, v0);
    qcc_mve_scatter_bytes(y, v->to4, qcc_mve_stored(v->out, v0, v0), v->ow - i >= 2 ? 4 : 2);
  }
}

/* One row of outputs, patches `step` bytes apart. */
QCC_INLINE void qcc_mve_dw_one_row(const struct qcc_mve_dw *v, const uint8_t *p, uint8x16_t a, struct qcc_mve_channel c,
                                   uint8_t *y) {
  const uint32x4_t to = vmulq_n_u32(vidupq_n_u32(0, 1), (uint32_t)v->y_column);
  for (int32_t i = 0; i < v->ow; i += 4, y += 4 * v->y_column) {
    int32_t s0, s1, s2, s3;
    uint8x16_t x;
    int32x4_t v0;
#define QCC_MVE_DW_FOUR(first, second, third, fourth)                                                                   \
  __asm__ volatile(first "vmladav.s8 %[s0], %q[x], %q[a]\n\t" second "vmladav.s8 %[s1], %q[x], %q[a]\n\t" third         \
                         "vmladav.s8 %[s2], %q[x], %q[a]\n\t" fourth                                                    \
                         "vmladav.s8 %[s3], %q[x], %q[a]\n\t" QCC_MVE_GATHER_SUMS("v0", "s0", "s1", "s2", "s3")         \
                   : [v0] "=&w"(v0), [x] "=&w"(x), [p] "+r"(p), [s0] "=&Te"(s0), [s1] "=&Te"(s1), [s2] "=&Te"(s2),      \
                     [s3] "=&Te"(s3)                                                                                    \
                   : [a] "w"(a)                                                                                         \
                   : "memory")
    if (v->stride == 1)
      QCC_MVE_DW_FOUR("vldrw.u32 %q[x], [%[p]], #16\n\t", "vldrw.u32 %q[x], [%[p], #-12]\n\t",
                      "vldrw.u32 %q[x], [%[p], #-8]\n\t", "vldrw.u32 %q[x], [%[p], #-4]\n\t");
    else
      QCC_MVE_DW_FOUR("vldrw.u32 %q[x], [%[p]], #32\n\t", "vldrw.u32 %q[x], [%[p], #-24]\n\t",
                      "vldrw.u32 %q[x], [%[p], #-16]\n\t", "vldrw.u32 %q[x], [%[p], #-8]\n\t");
#undef QCC_MVE_DW_FOUR
    v0 = qcc_mve_channel_rounded(v->out.kind, c, v0);
    qcc_mve_scatter_bytes(y, to, qcc_mve_stored(v->out, v0, v0), v->ow % 4 == 0 ? 4 : v->ow - i);
  }
}

/* One step of a block of `valid` channels from o on: `rows` (a literal) output rows, whose patches begin in half `half`. */
QCC_INLINE void qcc_mve_dw_step(const struct qcc_mve_dw *v, int32_t rows, int32_t half, int32_t o, int32_t valid, uint8_t *y) {
  /* Lane 4 * column + row of the patch is tap row * 3 + column, or with rows and columns turned 3 * column + row. */
  const uint32_t first = v->is_turned ? 0x00020100 : 0x00060300, step = v->is_turned ? 0x00030303 : 0x00010101;
  const uint8x16_t taps = vreinterpretq_u8_u32(vmlaq_n_u32(vdupq_n_u32(first), vidupq_n_u32(0, 1), step));
  const mve_pred16_t inside = 0x0777;
  const uint8_t *p = v->strips;
  for (int32_t i = 0; i < valid; i++, p += v->pitch) {
    const uint8_t *const w = v->weights + (ptrdiff_t)(o + i) * 9;
    const struct qcc_mve_channel c = qcc_mve_channel_of(v->out.kind, v->bias, v->scale, o + i);
    uint8x16_t a = vldrbq_gather_offset_z_u8(w, taps, inside);
    uint8x16_t b = vreinterpretq_u8_u32(vshlq_n_u32(vreinterpretq_u32_u8(a), 8));
    if (half != 0) {
      a = vreinterpretq_u8_u16(vrev32q_u16(vreinterpretq_u16_u8(a)));
      b = vreinterpretq_u8_u16(vrev32q_u16(vreinterpretq_u16_u8(b)));
    }
    if (rows == 2)
      qcc_mve_dw_two_rows(v, p, a, b, c, y + i);
    else
      qcc_mve_dw_one_row(v, p, a, c, y + i);
  }
}

QCC_INLINE void qcc_mve_dwconv2d_3x3(int32_t stride, struct qcc_dwconv2d_q8_params p, struct qcc_dwconv2d_q8_data d,
                                     const uint8_t *x, const void *w, const int32_t *bias, const void *scale,
                                     const uint8_t *residual, const uint8_t *table, void *y, void *scratch) {
  const int32_t is_turned = qcc_mve_dw_cost(p.ow, p.oh, stride) < qcc_mve_dw_cost(p.oh, p.ow, stride);
  const int32_t ow = is_turned ? p.oh : p.ow, rows = 3 - stride;
  const uint8_t flip = p.x_signed ? 0 : 0x80;
  const uint32_t row = (uint32_t)(is_turned ? p.c : p.ow * p.c), column = (uint32_t)(is_turned ? p.ow * p.c : p.c);
  const uint16x8_t lane8 = vidupq_n_u16(0, 1), one8 = vdupq_n_u16(1);
  const uint32x4_t lane4 = vidupq_n_u32(0, 1);
  const uint16x8_t columns8 = vaddq_u16(vshlq_n_u16(vandq_u16(lane8, one8), 1), vshrq_n_u16(lane8, 2));
  const uint16x8_t of8 = vmlaq_n_u16(vmulq_n_u16(columns8, (uint16_t)column), vandq_u16(vshrq_n_u16(lane8, 1), one8), (uint16_t)row);
  const uint32x4_t of4 = vmlaq_n_u32(vmulq_n_u32(vshrq_n_u32(lane4, 1), column), vandq_u32(lane4, vdupq_n_u32(1)), row);
  const struct qcc_mve_dw v = {
      p, is_turned, is_turned ? p.w : p.h, is_turned ? p.h : p.w, is_turned ? p.ow : p.oh, ow,
      is_turned ? p.pad_left : p.pad_top, is_turned ? p.pad_top : p.pad_left, stride,
      is_turned ? p.c : p.w * p.c, is_turned ? p.w * p.c : p.c, is_turned ? p.c : p.ow * p.c, is_turned ? p.ow * p.c : p.c,
      4 * (stride * ((ow + 3) / 4 * 4 - 1) + 4), x, (const uint8_t *)w, bias, scale, (uint8_t *)scratch,
      {p.kind, d.e, residual, table, y}, flip, (uint8_t)((uint8_t)d.x_pad ^ flip), of8, of4};
  qcc_mve_fill(v.strips, v.pad, 8 * v.pitch); /* the columns beside the image stay like this */
  for (int32_t n = 0; n < p.n; n++)
    for (int32_t o = 0; o < p.c; o += 8) {
      const int32_t valid = p.c % 8 == 0 || p.c - o > 8 ? 8 : p.c - o;
      const uint8_t *const image = x + (ptrdiff_t)n * p.h * p.w * p.c + o;
      uint8_t *to = (uint8_t *)y + (ptrdiff_t)n * p.oh * p.ow * p.c + o;
      int32_t iy = -v.top;
      qcc_mve_dw_load(&v, image, iy, 0, valid);
      for (int32_t oy = 0, half = 0; oy < v.oh; oy += rows, half ^= 1) {
        iy += 2;
        qcc_mve_dw_load(&v, image, iy, half ^ 1, valid);
        if (rows == 2 && oy + 1 < v.oh)
          qcc_mve_dw_step(&v, 2, half, o, valid, to);
        else
          qcc_mve_dw_step(&v, 1, half, o, valid, to);
        to += rows * v.y_row;
      }
    }
}

#endif
