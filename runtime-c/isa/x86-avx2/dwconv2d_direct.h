/* SPDX-License-Identifier: 0BSD */
/* dwconv2d_q8 with 3x3 windows on AVX2, straight from the image (w: weights stored as s16): the tiles of dwconv2d_q8.h widen what they read, and a row is swept
 * once for all channels. A ring of widened rows costs more than it saves: under stride 2 a value is read 1.5 to 2.25 times, under
 * stride 1 in 4.5 loads for 16 results instead of 4.5 and a load and a store.
 *
 *   for each line of results:   3 input rows, or a row of padding
 *     for each 4 results:       for each 16 channels: tile; the last 5 under stride 1 rather than 4 and 1
 *
 * Outside of the image a window has at most one column on either side (BORDER_OF_ONE), which a tile reads from the row of padding.
 * scratch: for each 16 channels bias, scale and weights (dwconv2d_rows.h); the row of padding. */
#ifndef QCC_X86_AVX2_DWCONV2D_DIRECT_H
#define QCC_X86_AVX2_DWCONV2D_DIRECT_H

#include "dwconv2d_q8.h"

/* Columns from column `ox * stride - pad_left` on: 4 results for all channels, or `count` of them at the end of a line. */
QCC_INLINE void qcc_avx2_dw_direct_tiles(struct qcc_avx2_dw_row r, struct qcc_avx2_dw_window x, int32_t stride, int32_t count,
                                         const uint8_t *blocks, ptrdiff_t block_bytes) {
  for (int32_t channel = 0; channel < r.c; channel += 16, x.first += 16, blocks += block_bytes) {
    r.block = blocks;
    if (count == 0)
      qcc_avx2_dw_3x3_tile(r, x, stride, r.at + channel);
    else
      qcc_avx2_dw_3x3_tail(r, x, stride, count, r.at + channel);
  }
}

/* stride and wide (weights of 16 bits) are literals at every call. */
QCC_INLINE void qcc_avx2_dw_direct(int32_t stride, int32_t wide, struct qcc_dwconv2d_q8_params p, struct qcc_dwconv2d_q8_data d,
                                   const uint8_t *x, const void *w, const int32_t *bias, const qcc_avx2_word *scale,
                                   const uint8_t *residual, const uint8_t *table, void *y, void *scratch) {
  const ptrdiff_t constants = qcc_avx2_dw_constant_bytes(p.kind), block_bytes = constants + QCC_AVX2_DW_3X3_WEIGHTS;
  const ptrdiff_t line_bytes = (ptrdiff_t)p.w * p.c;
  /* A single result at the end of a line would cost half a tile: the last five go together. */
  const int32_t last = stride == 1 && p.ow > 4 && p.ow % 4 == 1 ? 5 : (p.ow - 1) % 4 + 1;
  const int32_t blocks = p.c / 16, whole = p.ow - last;
  uint8_t *const pad = (uint8_t *)scratch + blocks * block_bytes;
  for (int32_t b = 0; b < blocks; b++) {
    uint8_t *const block = (uint8_t *)scratch + b * block_bytes;
    qcc_avx2_dw_constants(p, block, bias, scale, 16 * b);
    qcc_avx2_dw_weights(p, stride, w, wide, block + constants, 16 * b);
  }
  qcc_avx2_fill_bytes(pad, d.x_pad, p.w * p.c);
  const struct qcc_avx2_output out = {p.kind, d.e, QCC_AVX2_UNPACK, residual, table, y, 0};
  struct qcc_avx2_dw_row r = {out, 0, 0, 0, p.ow, p.sw, p.c, 16, 9, 0};
  struct qcc_avx2_dw_window window = {{0, 0, 0}, 0, p.c, 1, p.x_signed, 0, 0, pad};
  for (int32_t line = 0; line < p.n * p.oh; line++) {
    const uint8_t *const image = x + line / p.oh * p.h * line_bytes;
    const int32_t top = line % p.oh * stride - p.pad_top;
    for (int32_t i = 0; i < 3; i++)
      window.rows[i] = top + i >= 0 && top + i < p.h ? image + (top + i) * line_bytes : pad;
    window.right = 0;
    for (int32_t ox = 0; ox < whole; ox += 4) {
      window.left = ox == 0 && p.pad_left > 0;
      window.first = ((ptrdiff_t)ox * stride - p.pad_left) * p.c;
      r.at = ((ptrdiff_t)line * p.ow + ox) * p.c;
      qcc_avx2_dw_direct_tiles(r, window, stride, 0, (const uint8_t *)scratch, block_bytes);
    }
    window.left = whole == 0 && p.pad_left > 0;
    window.right = (p.ow - 1) * stride + 2 - p.pad_left >= p.w;
    window.first = ((ptrdiff_t)whole * stride - p.pad_left) * p.c;
    r.at = ((ptrdiff_t)line * p.ow + whole) * p.c;
    qcc_avx2_dw_direct_tiles(r, window, stride, last, (const uint8_t *)scratch, block_bytes);
  }
}

#define QCC_AVX2_DW_DIRECT(name, stride, wide)                                                                              \
  QCC_INLINE void qcc_dwconv2d_q8__##name##__x86_avx2(                                                                      \
      struct qcc_dwconv2d_q8_params p, struct qcc_dwconv2d_q8_data d, const uint8_t *x, const void *w, const int32_t *bias, \
      const void *scale, const uint8_t *residual, const uint8_t *table, void *y, void *scratch) {                           \
    qcc_avx2_dw_direct(stride, wide, p, d, x, w, bias, (const qcc_avx2_word *)scale, residual, table, y, scratch);          \
  }

QCC_AVX2_DW_DIRECT(3x3s1d, 1, 0)
QCC_AVX2_DW_DIRECT(3x3s2d, 2, 0)
QCC_AVX2_DW_DIRECT(3x3s1w, 1, 1)
QCC_AVX2_DW_DIRECT(3x3s2w, 2, 1)

#endif
