/* SPDX-License-Identifier: 0BSD */
/* conv2d_q8 on Helium: every output pixel's window is one row of k = kh * kw * c bytes; four of them meet two channels at
 * a time (conv2d_dot.h), then the epilogue takes those eight.
 *
 * Rows of a 1x1 convolution of s8 values are the image's own; others are copied to scratch, with the padding filled in (and
 * u8 values turned to s8), before they join a tile: a copy costs 2 instructions for 16 bytes, little beside 16 * oc products.
 * Invariant: nothing past the end of x is read: the last block of a row is predicated. */
#ifndef QCC_ARM_MVE_CONV2D_Q8_H
#define QCC_ARM_MVE_CONV2D_Q8_H

#include "channel.h"
#include "conv2d_dot.h"
#include "conv2d_rows.h"

/* Pixels of a tile. */
enum { QCC_MVE_ROWS = 4 };

/* A pixel's channels, four by four; a missing one is computed as the last one and not stored. */
QCC_INLINE void qcc_mve_one_row(const struct qcc_mve_conv2d *v, const uint8_t *a, int32_t m) {
  const int32_t k = v->k, oc = v->p.oc, rest = oc % 4;
  const int8_t *w = v->w;
  int32_t o = 0;
  for (; o < oc - rest; o += 4, w += 4 * (ptrdiff_t)k) {
    const int32x4_t c = vaddq_s32(qcc_mve_dot_long_row(a, w, w + k, w + 2 * k, w + 3 * k, k), vldrwq_s32(v->bias + o));
    qcc_mve_finish(v->out, c, qcc_mve_load_scale(v->out.kind, v->scale, o, 4), (ptrdiff_t)m * oc + o, 4);
  }
  if (rest != 0) {
    const int8_t *const second = rest > 1 ? w + k : w, *const third = rest > 2 ? second + k : second;
    int32x4_t c = qcc_mve_dot_long_row(a, w, second, third, third, k);
    c = vaddq_s32(c, vldrwq_z_s32(v->bias + o, vctp32q((uint32_t)rest)));
    qcc_mve_finish(v->out, c, qcc_mve_load_scale(v->out.kind, v->scale, o, rest), (ptrdiff_t)m * oc + o, rest);
  }
}

/* Puts a row into a tile, where its blocks are 64 bytes apart. */
QCC_INLINE void qcc_mve_place_row(uint8_t *to, const uint8_t *row, int32_t k) {
  int8x16_t x;
  __asm__ volatile(
      "dlstp.8 lr, %[k]\n"
      "1:\n\t"
      "vldrb.u8 %q[x], [%[row]], #16\n\t"
      "vstrb.8 %q[x], [%[to]], #64\n\t"
      "letp lr, 1b"
      : [x] "=&w"(x), [row] "+r"(row), [to] "+r"(to)
      : [k] "r"(k)
      : "lr", "memory");
}

/* The same of a short row, but for its first block, which is returned. blocks, is_whole: as in qcc_mve_dot_tile. */
QCC_INLINE int8x16_t qcc_mve_take_row(uint8_t *to, const uint8_t *row, int32_t k, int32_t blocks, int32_t is_whole) {
  const int32_t rest = is_whole ? 16 : k % 16;
  if (blocks <= 1) return qcc_mve_load_part(row, rest);
  if (blocks > 2) vstrbq_s8((int8_t *)to, qcc_mve_load_part(row + 16, 16));
  if (blocks > 3) vstrbq_s8((int8_t *)to + 64, qcc_mve_load_part(row + 32, 16));
  vstrbq_s8((int8_t *)to + 64 * (blocks - 2), qcc_mve_load_part(row + 16 * (blocks - 1), rest));
  return qcc_mve_load_part(row, 16);
}

/* Stores eight requantized values, lane i of u as y[to[2 * i]] and of v as y[to[2 * i + 1]]; residual: y's. */
QCC_INLINE void qcc_mve_finish_eight(struct qcc_mve_output out, int32x4_t u, int32x4_t v, uint16x8_t to,
                                     const uint8_t *residual, uint8_t *y) {
  uint16x8_t stored;
  if (out.kind.has_add) {
    const int16x8_t r = out.kind.r_signed ? vldrbq_gather_offset_s16((const int8_t *)residual, to)
                                          : vreinterpretq_s16_u16(vldrbq_gather_offset_u16(residual, to));
    const uint32x4_t even = qcc_mve_stored(out, u, vmovlbq_s16(r)), odd = qcc_mve_stored(out, v, vmovltq_s16(r));
    stored = vmovntq_u32(vreinterpretq_u16_u32(even), odd);
  } else {
    stored = qcc_mve_channels_stored(out, u, v);
  }
  vstrbq_scatter_offset_u16(y, to, stored);
}

/* Where the outputs of four pixels and two channels go: qcc_mve_finish_eight. Pixels behind number `last` lie over it. */
QCC_INLINE uint16x8_t qcc_mve_places(int32_t oc, int32_t last) {
  const uint16x8_t lanes = vidupq_n_u16(0, 1);
  const uint16x8_t pixel = vminq_u16(vshrq_n_u16(lanes, 1), vdupq_n_u16((uint16_t)last));
  return vaddq_u16(vmulq_n_u16(pixel, (uint16_t)oc), vandq_u16(lanes, vdupq_n_u16(1)));
}

/* All pixels, four by four; missing ones are computed as the last one and stored over it. Those of `is_direct` are a multiple of
 * four. tile: what the first block of the rows leaves, 16 bytes of each row in turn; of long rows the first block too; not used
 * for whole rows of an image. row: place for four short rows, or a long one. */
QCC_INLINE void qcc_mve_tiles(const struct qcc_mve_conv2d *v, uint8_t *tile, uint8_t *row, int32_t pixels, int32_t blocks,
                              int32_t is_whole) {
  const struct qcc_mve_output out = v->out;
  const int32_t k = v->k, oc = v->p.oc, are_apart = v->is_direct && is_whole;
  const int32_t k16 = (k + 15) / 16 * 16;
  struct qcc_mve_cursor from = qcc_mve_first_row(v);
  uint16x8_t to = qcc_mve_places(oc, QCC_MVE_ROWS - 1);
  const int32_t step = v->is_direct ? k : k16;
  int32_t second = step, third = 2 * step, fourth = 3 * step;
  for (int32_t m = 0; m < pixels; m += QCC_MVE_ROWS) {
    const int8_t *w = v->w;
    const int32_t *bias = v->bias, *scale = (const int32_t *)v->scale;
    uint8_t *y = (uint8_t *)out.y + (ptrdiff_t)m * oc;
    const uint8_t *residual = out.kind.has_add ? out.residual + (ptrdiff_t)m * oc : 0;
    const int32_t last = !v->is_direct && pixels - m < QCC_MVE_ROWS ? pixels - m - 1 : QCC_MVE_ROWS - 1;
    const uint8_t *behind = blocks != 0 ? tile : tile + 64;
    struct qcc_mve_rows rows;
    if (last != QCC_MVE_ROWS - 1) {
      to = qcc_mve_places(oc, last);
      second = last > 0 ? step : 0;
      third = last > 1 ? 2 * step : second;
      fourth = third;
    }
    if (are_apart) {
      const int8_t *const a = (const int8_t *)v->x + (ptrdiff_t)m * k;
      rows.v0 = vldrbq_s8(a);
      rows.v1 = vldrbq_s8(a + k);
      rows.v2 = vldrbq_s8(a + 2 * k);
      rows.v3 = vldrbq_s8(a + 3 * k);
      behind = (const uint8_t *)a + 128;
    } else if (blocks != 0) {
      const uint8_t *const a = v->is_direct ? v->x + (ptrdiff_t)m * k : row;
      const int32_t is_full = is_whole || !v->is_direct;
      if (!v->is_direct)
        for (int32_t i = 0; i <= last; i++) (void)qcc_mve_next_row(v, &from, row + i * k16);
      rows.v0 = qcc_mve_take_row(tile, a, k, blocks, is_full);
      rows.v1 = qcc_mve_take_row(tile + 16, a + second, k, blocks, is_full);
      rows.v2 = qcc_mve_take_row(tile + 32, a + third, k, blocks, is_full);
      rows.v3 = qcc_mve_take_row(tile + 48, a + fourth, k, blocks, is_full);
    } else {
      for (int32_t i = 0; i < QCC_MVE_ROWS; i++) {
        if (i <= last) (void)qcc_mve_next_row(v, &from, row);
        qcc_mve_place_row(tile + 16 * i, row, k);
      }
      rows.v0 = vldrbq_s8((const int8_t *)tile);
      rows.v1 = vldrbq_s8((const int8_t *)tile + 16);
      rows.v2 = vldrbq_s8((const int8_t *)tile + 32);
      rows.v3 = vldrbq_s8((const int8_t *)tile + 48);
    }
    for (int32_t o = 0; o + 2 <= oc; o += 2, y += 2, residual += 2) {
      struct qcc_mve_channel a, b;
      int32x4_t sums, others;
      qcc_mve_dot_tile(rows, behind, &w, k, k, blocks, is_whole, are_apart, &sums, &others);
      qcc_mve_next_channels(out.kind, &bias, &scale, &a, &b);
      qcc_mve_finish_eight(out, qcc_mve_channel_rounded(out.kind, a, sums), qcc_mve_channel_rounded(out.kind, b, others), to,
                           residual, y);
    }
    if (oc % 2 != 0) {
      const struct qcc_mve_channel c = qcc_mve_channel_of(out.kind, bias, scale, 0);
      int32x4_t sums, others;
      qcc_mve_dot_tile(rows, behind, &w, k, 0, blocks, is_whole, are_apart, &sums, &others);
      qcc_mve_finish_eight(out, qcc_mve_channel_rounded(out.kind, c, sums), qcc_mve_channel_rounded(out.kind, c, others),
                           vsubq_u16(to, vandq_u16(vidupq_n_u16(0, 1), vdupq_n_u16(1))), residual, y);
    }
  }
}

/* `is_direct`, a literal: the rows are the image's own pixels; then, and with is_short, they have at most 64 bytes, unless there
 * is only one. */
QCC_INLINE void qcc_mve_conv2d(int32_t is_direct, int32_t is_short, struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d,
                               const uint8_t *x, const void *w, const int32_t *bias, const void *scale,
                               const uint8_t *residual, const uint8_t *table, void *y, void *scratch) {
  const int32_t k = p.kh * p.kw * p.c, pixels = p.n * p.oh * p.ow, k16 = (k + 15) / 16 * 16;
  const uint8_t flip = p.x_signed ? 0 : 0x80;
  uint8_t *const tile = (uint8_t *)scratch;
  uint8_t *const row = is_direct ? (uint8_t *)0 : tile + QCC_MVE_ROWS * (is_short ? k16 - 16 : k16);
  const struct qcc_mve_conv2d v = {p, k, is_direct, x, (const int8_t *)w, bias, scale,
                                   {p.kind, d.e, residual, table, y}, flip, (uint8_t)((uint8_t)d.x_pad ^ flip)};
  /* Steps from pixel to pixel must fit 16 bits in a tile. */
  const int32_t tiled = p.kind.out != QCC_OUT_Q8 || p.oc > 16384 ? 0 : is_direct ? pixels / QCC_MVE_ROWS * QCC_MVE_ROWS : pixels;
  if (tiled < pixels) {
    struct qcc_mve_cursor from = qcc_mve_first_row(&v);
    if (is_direct) from.image += (ptrdiff_t)tiled * p.c;
    for (int32_t m = tiled; m < pixels; m++) qcc_mve_one_row(&v, qcc_mve_next_row(&v, &from, row), m);
  }
  if (tiled == 0) return;
  if (!is_short) {
    if (k % 16 == 0)
      qcc_mve_tiles(&v, tile, row, tiled, 0, 1);
    else
      qcc_mve_tiles(&v, tile, row, tiled, 0, 0);
  } else if (k == 64) {
    qcc_mve_tiles(&v, tile, row, tiled, 4, 1);
  } else if (k > 48) {
    qcc_mve_tiles(&v, tile, row, tiled, 4, 0);
  } else if (k == 48) {
    qcc_mve_tiles(&v, tile, row, tiled, 3, 1);
  } else if (k > 32) {
    qcc_mve_tiles(&v, tile, row, tiled, 3, 0);
  } else if (k == 32) {
    qcc_mve_tiles(&v, tile, row, tiled, 2, 1);
  } else if (k > 16) {
    qcc_mve_tiles(&v, tile, row, tiled, 2, 0);
  } else if (k == 16) {
    qcc_mve_tiles(&v, tile, row, tiled, 1, 1);
  } else {
    qcc_mve_tiles(&v, tile, row, tiled, 1, 0);
  }
}

/* All pixels, two by two, of whole blocks and panels of four channels; a missing pixel is computed and stored as the last one.
 * `rows`: two of them, where they are copied. */
QCC_INLINE void qcc_mve_panels(int32_t is_direct, struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x,
                               const void *weights, const int32_t *biases, const void *scales, const uint8_t *residuals,
                               const uint8_t *table, void *y, void *scratch) {
  const int32_t k = p.kh * p.kw * p.c, pixels = p.n * p.oh * p.ow, oc = p.oc;
  const uint8_t flip = p.x_signed ? 0 : 0x80;
  const struct qcc_mve_conv2d v = {p, k, is_direct, x, (const int8_t *)weights, biases, scales, {p.kind, d.e, residuals, table, y},
                                   flip, (uint8_t)((uint8_t)d.x_pad ^ flip)};
  const uint16x8_t lanes = vidupq_n_u16(0, 1), both = vshrq_n_u16(lanes, 1);
  const uint16x8_t to = vmlaq_n_u16(both, vandq_u16(lanes, vdupq_n_u16(1)), (uint16_t)oc);
  struct qcc_mve_cursor from = qcc_mve_first_row(&v);
  for (int32_t m = 0; m < pixels; m += 2) {
    const uint8_t *const a = qcc_mve_next_row(&v, &from, (uint8_t *)scratch);
    const int32_t is_pair = m + 1 < pixels;
    const uint8_t *const b = is_pair ? qcc_mve_next_row(&v, &from, (uint8_t *)scratch + k) : a;
    const int8x16_t x0 = vldrbq_s8((const int8_t *)a), y0 = vldrbq_s8((const int8_t *)b);
    const int8_t *w = v.w;
    const int32_t *bias = v.bias;
    const uint16x8_t places = is_pair ? to : both;
    for (int32_t o = 0; o < oc; o += 4, bias += 4) {
      const ptrdiff_t at = (ptrdiff_t)m * oc + o;
      int32x4_t of_a, of_b;
      qcc_mve_dot_panel(x0, y0, a + 16, b + 16, &w, k, &of_a, &of_b);
      {
        const struct qcc_mve_scale scale = qcc_mve_load_scale(p.kind, scales, o, 4);
        const int32x4_t four = vldrwq_s32(bias);
        of_a = qcc_mve_rounded(p.kind, vaddq_s32(of_a, four), scale);
        of_b = qcc_mve_rounded(p.kind, vaddq_s32(of_b, four), scale);
        qcc_mve_finish_eight(v.out, of_a, of_b, places, residuals + (p.kind.has_add ? at : 0), (uint8_t *)y + at);
      }
    }
  }
}

/* row: one pixel, as in fully connected layers. short: windows of at most 64 values, any: of more. No tie of a fixed-point rule
 * shows (NO_TIES); with a t, ties are minded. */
#define QCC_MVE_CONV2D(name, is_direct, is_short, level, ...)                                                        \
  QCC_INLINE void qcc_conv2d_q8__##name##__arm_mve(                                                                  \
      struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x, const void *w,                   \
      const int32_t *bias, const void *scale, const uint8_t *residual, const uint8_t *table, void *y,                \
      void *scratch) {                                                                                               \
    p.kind.proved = level;                                                                                           \
    __VA_ARGS__;                                                                                                     \
    qcc_mve_conv2d(is_direct, is_short, p, d, x, w, bias, scale, residual, table, y, scratch);                                 \
  }

QCC_MVE_CONV2D(row, 1, 1, 2, p.n = p.oh = p.ow = 1)
QCC_MVE_CONV2D(rowt, 1, 1, p.kind.proved, p.n = p.oh = p.ow = 1)
QCC_MVE_CONV2D(1x1, 1, 1, 2, (void)0)
QCC_MVE_CONV2D(1x1t, 1, 1, p.kind.proved, (void)0)
QCC_MVE_CONV2D(short, 0, 1, 2, (void)0)
QCC_MVE_CONV2D(shortt, 0, 1, p.kind.proved, (void)0)
QCC_MVE_CONV2D(any, 0, 0, 2, (void)0)
QCC_MVE_CONV2D(anyt, 0, 0, p.kind.proved, (void)0)

/* 1x1p, anyp: of weights in panels of four channels, 16 bytes of each in turn; t: ties are minded. */
#define QCC_MVE_CONV2D_PANELS(name, is_direct, level)                                                                \
  QCC_INLINE void qcc_conv2d_q8__##name##__arm_mve(                                                                  \
      struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x, const void *w,                   \
      const int32_t *bias, const void *scale, const uint8_t *residual, const uint8_t *table, void *y,                \
      void *scratch) {                                                                                               \
    p.kind.proved = level;                                                                                           \
    qcc_mve_panels(is_direct, p, d, x, w, bias, scale, residual, table, y, scratch);                                 \
  }

QCC_MVE_CONV2D_PANELS(1x1p, 1, 2)
QCC_MVE_CONV2D_PANELS(1x1pt, 1, p.kind.proved)
QCC_MVE_CONV2D_PANELS(anyp, 0, 2)
QCC_MVE_CONV2D_PANELS(anypt, 0, p.kind.proved)

#endif
