/* SPDX-License-Identifier: 0BSD */
/* conv2d_q8 on NEON: blocks of output pixels become matrix rows (conv2d_rows.h), then every panel of output channels
 * passes over the block in tiles of MR rows (conv2d_tile.h): the panel stays in L1, the block in L2.
 *
 *   for each block of pixels:   rows = activations under each window
 *     for each panel:           for each MR rows: tile; then tiles of the rows that are left
 *
 * 4x4c16 multiplies s8 by s8. For u8 activations its rows hold x - 128, so that its sums lack 128 * sum of weights per
 * channel: that is added to the bias, once per call, in scratch. Products and sums are exact modulo 2^32, and so is acc. */
#ifndef QCC_ARM_NEON_CONV2D_Q8_H
#define QCC_ARM_NEON_CONV2D_Q8_H

#include "conv2d_rows.h"
#include "conv2d_tile.h"

enum { QCC_NEON_CONV2D_ROWS = 56, QCC_NEON_CONV2D_BLOCK_BYTES = 1 << 18 };

/* Rows per block: a multiple of mr, at most QCC_NEON_CONV2D_ROWS, L2-sized, and evenly filled blocks. */
QCC_INLINE int32_t qcc_neon_block_rows(int32_t pixels, ptrdiff_t stride, int32_t mr) {
  int32_t most = (int32_t)(QCC_NEON_CONV2D_BLOCK_BYTES / stride);
  if (most > QCC_NEON_CONV2D_ROWS) most = QCC_NEON_CONV2D_ROWS;
  most = most < mr ? mr : most / mr * mr;
  const int32_t blocks = (pixels + most - 1) / most;
  const int32_t even = (pixels + blocks - 1) / blocks;
  return (even + mr - 1) / mr * mr;
}

/* The bytes of one panel: nr4_kr16_s8 or nr8_kr1_s16. */
QCC_INLINE ptrdiff_t qcc_neon_panel_bytes(int32_t nr, int32_t k) {
  return nr == 4 ? (ptrdiff_t)((k + 15) / 16) * 64 : (ptrdiff_t)k * 16;
}

/* to[o] = bias[o] + 128 * sum of weights, for the 4 channels of a panel nr4_kr16_s8. */
QCC_INLINE void qcc_neon_shift_bias(int32_t *to, const int32_t *bias, int32_t valid, const uint8_t *w, int32_t k) {
  int32x4_t s0 = vdupq_n_s32(0), s1 = s0, s2 = s0, s3 = s0;
  for (; k > 0; k -= 16, w += 64) {
    s0 = vpadalq_s16(s0, vpaddlq_s8(qcc_neon_load_s8(w)));
    s1 = vpadalq_s16(s1, vpaddlq_s8(qcc_neon_load_s8(w + 16)));
    s2 = vpadalq_s16(s2, vpaddlq_s8(qcc_neon_load_s8(w + 32)));
    s3 = vpadalq_s16(s3, vpaddlq_s8(qcc_neon_load_s8(w + 48)));
  }
  s0 = vshlq_n_s32(vpaddq_s32(vpaddq_s32(s0, s1), vpaddq_s32(s2, s3)), 7);
  qcc_neon_store_s32(to, vaddq_s32(s0, qcc_neon_load_words(bias, valid)));
}

/* All rows of a block against one panel. */
QCC_INLINE void qcc_neon_panel_pass(int32_t nr, struct qcc_neon_tile t, int32_t rows) {
#define QCC_NEON_ROWS(mr)                          \
  {                                                \
    if (nr == 4)                                   \
      qcc_neon_tile_4x4(mr, t);                    \
    else                                           \
      qcc_neon_tile_8x8(mr, t);                    \
    t.a += mr * t.stride;                          \
    t.at += mr * t.y_stride;                       \
    rows -= mr;                                    \
  }
  if (nr == 8)
    while (rows >= 8) QCC_NEON_ROWS(8)
  while (rows >= 4) QCC_NEON_ROWS(4)
  if (rows >= 2) QCC_NEON_ROWS(2)
  if (rows >= 1) QCC_NEON_ROWS(1)
#undef QCC_NEON_ROWS
}

/* All panels of one group over one block of rows, whose first output element is t.at. `whole`: bias has the panels'
 * channels, padded; otherwise it has ocg, like mult. */
QCC_INLINE void qcc_neon_block_pass(int32_t nr, struct qcc_neon_tile t, int32_t rows, int32_t ocg, int32_t whole) {
  const ptrdiff_t panel_bytes = qcc_neon_panel_bytes(nr, t.k), at = t.at;
  const int32_t *all_bias = t.bias;
  const float *all_mult = t.mult;
  int32_t bias[8];
  float mult[8];
  for (int32_t o = 0; o < ocg; o += nr, t.w += panel_bytes) {
    t.valid = ocg - o > nr ? nr : ocg - o;
    t.at = at + o;
    t.bias = all_bias + o;
    if (t.out.kind.out != QCC_OUT_S32) t.mult = all_mult + o;
    if (t.valid < nr) {
      for (int32_t i = 0; i < nr; i += 4) {
        if (!whole) qcc_neon_store_s32(bias + i, qcc_neon_load_words(t.bias + i, t.valid - i));
        vst1q_f32(mult + i, qcc_neon_mult(t.out, t.out.kind.out == QCC_OUT_S32 ? mult : t.mult + i, t.valid - i));
      }
      if (!whole) t.bias = bias;
      t.mult = mult;
    }
    qcc_neon_panel_pass(nr, t, rows);
  }
}

/* The whole convolution; nr = 4: 4x4c16, nr = 8: 8x8. A literal at every call. */
QCC_INLINE void qcc_neon_conv2d(int32_t nr, struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d,
                                const uint8_t *x, const void *w, const int32_t *bias, const float *mult,
                                const uint8_t *residual, const uint8_t *table, void *y, void *scratch) {
  const int32_t wide = nr == 8;
  const int32_t k = p.kh * p.kw * (p.c / p.groups), ocg = p.oc / p.groups, pixels = p.n * p.oh * p.ow;
  const int32_t padded = (ocg + nr - 1) / nr * nr; /* channels of a group in whole panels */
  const ptrdiff_t group_bytes = padded / nr * qcc_neon_panel_bytes(nr, k);
  const uint8_t *weights = (const uint8_t *)w;
  /* s8 activations are the matrix where a row is a whole number of steps. */
  const int32_t in_place = !wide && p.x_signed && p.c % 8 == 0 && qcc_neon_is_matrix(p);
  const int32_t shifted = !wide && !p.x_signed;
  const ptrdiff_t stride = in_place ? p.c : qcc_neon_row_stride(k, wide ? 2 : 1);
  const int32_t block = qcc_neon_block_rows(pixels, stride, wide ? 8 : 4);
  uint8_t *rows = (uint8_t *)scratch;
  if (shifted) {
    int32_t *to = (int32_t *)scratch;
    for (int32_t g = 0; g < p.groups; g++)
      for (int32_t o = 0; o < ocg; o += 4, to += 4)
        qcc_neon_shift_bias(to, bias + g * ocg + o, ocg - o, weights + g * group_bytes + o / 4 * qcc_neon_panel_bytes(4, k), k);
    bias = (const int32_t *)scratch;
    rows += (ptrdiff_t)p.groups * padded * 4;
  }
  struct qcc_neon_rows r = {p, wide, d.x_pad, 0, x, x + (ptrdiff_t)p.n * p.h * p.w * p.c, rows, stride};
  for (int32_t first = 0; first < pixels; first += block) {
    const int32_t count = first + block <= pixels ? block : pixels - first;
    for (int32_t g = 0; g < p.groups; g++) {
      r.group = g;
      if (!in_place) qcc_neon_put_rows(r, first, count);
      struct qcc_neon_tile t = {in_place ? x + (ptrdiff_t)first * p.c : rows,
                                weights + g * group_bytes,
                                stride,
                                (ptrdiff_t)first * p.oc + (ptrdiff_t)g * ocg,
                                p.oc,
                                k,
                                nr,
                                bias + g * (shifted ? padded : ocg),
                                mult,
                                {p.kind, d.e, residual, table, y}};
      if (p.kind.out != QCC_OUT_S32) t.mult += g * ocg;
      qcc_neon_block_pass(nr, t, count, ocg, shifted);
    }
  }
}

#define QCC_NEON_CONV2D(name, nr)                                                                          \
  QCC_INLINE void qcc_conv2d_q8__##name##__arm_neon(                                                       \
      struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x, const void *w,         \
      const int32_t *bias, const float *mult, const uint8_t *residual, const uint8_t *table, void *y,      \
      void *scratch) {                                                                                     \
    qcc_neon_conv2d(nr, p, d, x, w, bias, mult, residual, table, y, scratch);                              \
  }

QCC_NEON_CONV2D(4x4c16, 4)
QCC_NEON_CONV2D(8x8, 8)

#endif
