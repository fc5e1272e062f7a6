/* SPDX-License-Identifier: 0BSD */
/* What the depthwise kernels keep in scratch while they walk down the image, for up to 4 blocks of 16 channels (a cache
 * line of x) at a time: the input rows under the window as s8 (u8 activations lose 128) with their borders, and the
 * blocks' constants.
 *
 *   ring:   [block][span rows, row iy in slot (iy - first) % span][columns][16 channels] s8
 *   blocks: [block]{ bias s32[16], scale of 16 (1 or 2 words each), weights [taps][16 channels] s8 (s16) }
 *
 * Invariant: ring column j holds image column j - pad_left, or the padding value; columns past the image, too. */
#ifndef QCC_ARM_NEON_DWCONV2D_ROWS_H
#define QCC_ARM_NEON_DWCONV2D_ROWS_H

#include "qcc/dwconv2d_q8.h"
#include "simd_epilogue.h"

enum { QCC_NEON_DW_BLOCKS = 4 };

/* Bytes of a block in front of its weights. */
QCC_INLINE int32_t qcc_neon_dw_constants_bytes(struct qcc_epilogue_kind k) {
  return k.rounding == QCC_ROUND_ONNX ? 128 : 192;
}

struct qcc_neon_ring {
  struct qcc_dwconv2d_q8_params p;
  int32_t wide;    /* keep stored values as bytes: the kernel widens them itself */
  int32_t span;    /* rows of a slot cycle: (kh - 1) * dh + 1 */
  int32_t columns; /* of a ring row */
  int32_t pad;
  const uint8_t *x, *end;
  uint8_t *rows;
};

QCC_INLINE int32_t qcc_neon_ring_columns(struct qcc_dwconv2d_q8_params p) {
  return (p.ow - 1) * p.sw + (p.kw - 1) * p.dw + 1;
}

QCC_INLINE uint8_t *qcc_neon_ring_row(struct qcc_neon_ring r, int32_t block, int32_t slot) {
  return r.rows + ((ptrdiff_t)block * r.span + slot) * r.columns * 16;
}

QCC_INLINE uint8x16_t qcc_neon_ring_stored(struct qcc_neon_ring r, uint8x16_t v) {
  return r.wide || r.p.x_signed ? v : veorq_u8(v, vdupq_n_u8(0x80));
}

QCC_INLINE void qcc_neon_ring_clear(struct qcc_neon_ring r, uint8_t *to, ptrdiff_t columns) {
  const uint8x16_t pad = qcc_neon_ring_stored(r, vdupq_n_u8((uint8_t)r.pad));
  for (ptrdiff_t i = 0; i < columns; i++) vst1q_u8(to + 16 * i, pad);
}

/* Input row iy of image n, channels from `channel` on, into a slot of every block. */
QCC_INLINE void qcc_neon_ring_fill(struct qcc_neon_ring r, int32_t slot, int32_t n, int32_t iy, int32_t channel,
                                   int32_t blocks) {
  const struct qcc_dwconv2d_q8_params p = r.p;
  const int32_t width = p.w < r.columns - p.pad_left ? p.w : r.columns - p.pad_left;
  for (int32_t b = 0; b < blocks; b++) {
    uint8_t *to = qcc_neon_ring_row(r, b, slot) + (ptrdiff_t)p.pad_left * 16;
    if (iy < 0 || iy >= p.h) {
      qcc_neon_ring_clear(r, to, width);
      continue;
    }
    const int32_t first = channel + 16 * b, valid = p.c % 16 == 0 ? 16 : p.c - first;
    const uint8_t *from = r.x + (((ptrdiff_t)n * p.h + iy) * p.w) * p.c + first;
    for (int32_t i = 0; i < width; i++, from += p.c)
      vst1q_u8(to + 16 * i, qcc_neon_ring_stored(r, qcc_neon_load_part(from, valid, r.end)));
  }
}

/* bias, scale and weights of the 16 channels from `channel` on; those of channels that do not exist are any value. */
QCC_INLINE void qcc_neon_dw_constants(struct qcc_dwconv2d_q8_params p, int32_t wide, uint8_t *to, const int32_t *bias,
                                      const int32_t *scale, const void *w, int32_t channel) {
  const int32_t taps = p.kh * p.kw, size = wide ? 2 : 1, left = p.c - channel;
  const int32_t words = qcc_scale_words(p.kind);
  for (int32_t i = 0; i < 16; i += 4) {
    qcc_neon_store_s32(to + 4 * i, qcc_neon_load_words(bias + channel + i, left - i));
  }
  for (int32_t i = 0; i < 16 * words; i += 4)
    qcc_neon_store_s32(to + 64 + 4 * i, qcc_neon_load_words(scale + channel * words + i, left * words - i));
  const uint8_t *from = (const uint8_t *)w + (ptrdiff_t)channel * size;
  const uint8_t *end = (const uint8_t *)w + (ptrdiff_t)taps * p.c * size;
  to += qcc_neon_dw_constants_bytes(p.kind);
  for (int32_t t = 0; t < taps; t++, from += (ptrdiff_t)p.c * size, to += 16 * size) {
    vst1q_u8(to, qcc_neon_load_part(from, left * size, end));
    if (wide && left > 8) vst1q_u8(to + 16, qcc_neon_load_part(from + 16, left * size - 16, end));
  }
}

#endif
