/* SPDX-License-Identifier: 0BSD */
/* dwconv2d_q8 on NEON, multiplier 1: 16 channels wide over a ring of input rows (dwconv2d_rows.h).
 *
 * PAIRS    s8 weights in -127..127: two taps with smull, smlal (at most 2 * 128 * 127 = 32512, fits s16), then saddw
 * SINGLES  any s8 weights: one tap with smull, then saddw
 * WIDE     s16 weights: smlal
 *
 * 3x3s1, 3x3s2 (PAIRS): dwconv2d_3x3.h
 * 2x16, 2x16m, 2x16w: any window, 2 outputs along x share the weights. */
#ifndef QCC_ARM_NEON_DWCONV2D_Q8_H
#define QCC_ARM_NEON_DWCONV2D_Q8_H

#include "dwconv2d_3x3.h"

enum { QCC_NEON_DW_PAIRS = 0, QCC_NEON_DW_SINGLES = 1, QCC_NEON_DW_WIDE = 2 };

QCC_INLINE struct qcc_neon_x16 qcc_neon_dw_wide(struct qcc_neon_x16 c, int16x8_t low, int16x8_t high, int16x8_t w0,
                                                int16x8_t w1) {
  c.v0 = vmlal_s16(c.v0, vget_low_s16(low), vget_low_s16(w0));
  c.v1 = qcc_neon_mlal_high_s16(c.v1, low, w0);
  c.v2 = vmlal_s16(c.v2, vget_low_s16(high), vget_low_s16(w1));
  c.v3 = qcc_neon_mlal_high_s16(c.v3, high, w1);
  return c;
}

/* One or, where the next exists, two taps from t on for the output whose window starts at x. */
QCC_INLINE struct qcc_neon_x16 qcc_neon_dw_taps(int32_t scheme, struct qcc_neon_dw_row r, struct qcc_neon_x16 c,
                                                const uint8_t *x, const uint8_t *w, int32_t t, int32_t taps) {
  if (scheme == QCC_NEON_DW_WIDE) {
    const uint8x16_t v = vld1q_u8(x + r.offsets[t]);
    return qcc_neon_dw_wide(c, qcc_neon_widen_low(v, r.x_signed), qcc_neon_widen_high(v, r.x_signed),
                            qcc_neon_load_s16(w), qcc_neon_load_s16(w + 16));
  }
  const int8x16_t first = qcc_neon_load_s8(x + r.offsets[t]);
  if (taps < 2) return qcc_neon_dw_one(c, first, qcc_neon_load_s8(w));
  return qcc_neon_dw_two(c, first, qcc_neon_load_s8(w), qcc_neon_load_s8(x + r.offsets[t + 1]),
                         qcc_neon_load_s8(w + 16));
}

/* `count` (1 or 2) outputs of any window. */
QCC_INLINE void qcc_neon_dw_any_tile(int32_t scheme, struct qcc_neon_dw_row r, int32_t count, int32_t ox) {
  const uint8_t *w = r.block + qcc_neon_dw_constants_bytes(r.out.kind);
  const int32_t *scale = (const int32_t *)(const void *)(r.block + 64);
  const uint8_t *x0 = r.rows + (ptrdiff_t)ox * r.stride * 16, *x1 = x0 + (ptrdiff_t)r.stride * 16;
  const ptrdiff_t at = r.at + (ptrdiff_t)ox * r.c;
  const int32_t step = scheme == QCC_NEON_DW_PAIRS ? 2 : 1;
  struct qcc_neon_x16 c0 = qcc_neon_dw_bias(r.block), c1 = c0;
  int32_t t = 0;
#if !QCC_NEON_64
  QCC_NEON_HIDE(r.taps); /* unrolled completely, the loads would spill */
#endif
  for (; t + step <= r.taps; t += step, w += scheme == QCC_NEON_DW_SINGLES ? 16 : 32) {
    c0 = qcc_neon_dw_taps(scheme, r, c0, x0, w, t, step);
    if (count > 1) c1 = qcc_neon_dw_taps(scheme, r, c1, x1, w, t, step);
  }
  if (t < r.taps) {
    c0 = qcc_neon_dw_taps(scheme, r, c0, x0, w, t, 1);
    if (count > 1) c1 = qcc_neon_dw_taps(scheme, r, c1, x1, w, t, 1);
  }
  qcc_neon_finish_16(r.out, c0, scale, at, r.valid);
  if (count > 1) qcc_neon_finish_16(r.out, c1, scale, at + r.c, r.valid);
}

QCC_INLINE void qcc_neon_dw_any_row(int32_t scheme, struct qcc_neon_dw_row r) {
  int32_t ox = 0;
  for (; ox + 2 <= r.width; ox += 2) qcc_neon_dw_any_tile(scheme, r, 2, ox);
  if (r.width % 2) qcc_neon_dw_any_tile(scheme, r, 1, ox);
}

/* Where each kernel row (3x3) or tap lies in the ring for the output row whose window starts in slot `slot`. */
QCC_INLINE void qcc_neon_dw_offsets(struct qcc_neon_ring ring, int32_t window, int32_t slot, int32_t *offsets) {
  const struct qcc_dwconv2d_q8_params p = ring.p;
  int32_t t = 0;
  for (int32_t ky = 0; ky < p.kh; ky++) {
    const int32_t row = (slot + ky * p.dh) % ring.span * ring.columns * 16;
    if (window != 0)
      offsets[t++] = row;
    else
      for (int32_t kx = 0; kx < p.kw; kx++) offsets[t++] = row + kx * p.dw * 16;
  }
}

/* The whole convolution; window (0 any, 1 and 2: 3x3 of that stride) and scheme are literals at every call. */
QCC_INLINE void qcc_neon_dwconv2d(int32_t window, int32_t scheme, struct qcc_dwconv2d_q8_params p,
                                  struct qcc_dwconv2d_q8_data d, const uint8_t *x, const void *w, const int32_t *bias,
                                  const int32_t *scale, const uint8_t *residual, const uint8_t *table, void *y,
                                  void *scratch) {
  const int32_t taps = p.kh * p.kw, channels = 16 * QCC_NEON_DW_BLOCKS, wide = scheme == QCC_NEON_DW_WIDE;
  const ptrdiff_t block_bytes = qcc_neon_dw_constants_bytes(p.kind) + taps * (wide ? 32 : 16);
  uint8_t *blocks = (uint8_t *)scratch;
  int32_t *offsets = (int32_t *)(void *)(blocks + QCC_NEON_DW_BLOCKS * block_bytes);
  const struct qcc_neon_ring ring = {p, wide, (p.kh - 1) * p.dh + 1, qcc_neon_ring_columns(p), d.x_pad, x,
                                     x + (ptrdiff_t)p.n * p.h * p.w * p.c,
                                     (uint8_t *)(void *)(offsets + (taps + 3) / 4 * 4)};
  const struct qcc_neon_output out = {p.kind, d.e, residual, table, y};
  struct qcc_neon_dw_row r = {out, 0, 0, offsets, p.ow, p.sw, p.c, 16, taps, p.x_signed, 0};
  const int32_t most = p.c < channels ? (p.c + 15) / 16 : QCC_NEON_DW_BLOCKS;
  qcc_neon_ring_clear(ring, ring.rows, (ptrdiff_t)most * ring.span * ring.columns);
  for (int32_t channel = 0; channel < p.c; channel += channels) {
    const int32_t count = p.c - channel < channels ? (p.c - channel + 15) / 16 : QCC_NEON_DW_BLOCKS;
    for (int32_t b = 0; b < count; b++)
      qcc_neon_dw_constants(p, wide, blocks + b * block_bytes, bias, scale, w, channel + 16 * b);
    for (int32_t line = 0; line < p.n * p.oh; line++) {
      const int32_t n = line / p.oh, oy = line % p.oh, top = oy * p.sh;
      /* Rows count from the first window's top; those of the window above are still there. */
      const int32_t filled = oy == 0 ? 0 : top - p.sh + ring.span;
      for (int32_t row = filled > top ? filled : top; row < top + ring.span; row++)
        qcc_neon_ring_fill(ring, row % ring.span, n, row - p.pad_top, channel, count);
      qcc_neon_dw_offsets(ring, window, top % ring.span, offsets);
      for (int32_t b = 0; b < count; b++) {
        r.block = blocks + b * block_bytes;
        r.rows = qcc_neon_ring_row(ring, b, 0);
        r.valid = p.c % 16 == 0 || p.c - channel - 16 * b > 16 ? 16 : p.c - channel - 16 * b;
        r.at = (ptrdiff_t)line * p.ow * p.c + channel + 16 * b;
        if (window != 0)
          qcc_neon_dw_3x3_row(r, window);
        else
          qcc_neon_dw_any_row(scheme, r);
      }
    }
  }
}

#define QCC_NEON_DWCONV2D(name, isa, window, scheme)                                                         \
  QCC_INLINE void qcc_dwconv2d_q8__##name##__##isa(                                                          \
      struct qcc_dwconv2d_q8_params p, struct qcc_dwconv2d_q8_data d, const uint8_t *x, const void *w,       \
      const int32_t *bias, const void *scale, const uint8_t *residual, const uint8_t *table, void *y,        \
      void *scratch) {                                                                                       \
    qcc_neon_dwconv2d(window, scheme, p, d, x, w, bias, (const int32_t *)scale, residual, table, y, scratch);    \
  }

#if QCC_NEON_64
QCC_NEON_DWCONV2D(3x3s1, arm_neon, 1, QCC_NEON_DW_PAIRS)
QCC_NEON_DWCONV2D(3x3s2, arm_neon, 2, QCC_NEON_DW_PAIRS)
QCC_NEON_DWCONV2D(2x16, arm_neon, 0, QCC_NEON_DW_PAIRS)
QCC_NEON_DWCONV2D(2x16m, arm_neon, 0, QCC_NEON_DW_SINGLES)
QCC_NEON_DWCONV2D(2x16w, arm_neon, 0, QCC_NEON_DW_WIDE)
#endif

#endif
