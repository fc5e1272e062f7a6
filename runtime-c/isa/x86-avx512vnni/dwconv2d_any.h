/* SPDX-License-Identifier: 0BSD */
/* dwconv2d_q8 for any window with vpdpbusd, multiplier 1: 32 channels wide over the ring of dwconv2d_rows.h.
 *
 * The taps of a window, row by row, four at a time, whatever their rows: their vectors of 32 channels are interleaved to one
 * doubleword a channel for each of 4 outputs, and 4 vpdpbusd add 4 taps of 32 channels. 16 accumulators, 4 of quads, 4 of
 * weights; 8 shuffles for each 128 products are what bounds it. Taps that a window lacks have weight zero. */
#ifndef QCC_X86_AVX512VNNI_DWCONV2D_ANY_H
#define QCC_X86_AVX512VNNI_DWCONV2D_ANY_H

#include "dwconv2d_q8.h"

/* One output row of one block. */
struct qcc_vnni_dw_any {
  struct qcc_vnni_dw_row row;
  int32_t width;
  ptrdiff_t at; /* output element of the row */
  const uint8_t *ring;        /* the block's */
  const int32_t *offsets;     /* of each tap in the ring; as many as `taps` */
  int32_t taps, stride;       /* taps: rounded up to four */
};

#define QCC_VNNI_ANY_TAP(x, k) qcc_vnni_load_up_to_32((x) + r.offsets[t + (k)], 32)
/* Output o, whose window's first column lies at x, adds four taps. */
#define QCC_VNNI_ANY_ADD(o, x)                                                                                   \
  if (count > o) {                                                                                               \
    const struct qcc_vnni_quads q = qcc_vnni_quads_of_four(QCC_VNNI_ANY_TAP(x, 0), QCC_VNNI_ANY_TAP(x, 1),        \
                                                           QCC_VNNI_ANY_TAP(x, 2), QCC_VNNI_ANY_TAP(x, 3));       \
    QCC_VNNI_DW_DOTS(o, 0)                                                                                       \
  }

#define QCC_VNNI_ANY_FINISH(o, u, pixels, to)                                                                        \
  qcc_vnni_dw_finish(r.row, pixels, QCC_VNNI_BITS8(c##o##0), QCC_VNNI_BITS8(c##o##1), QCC_VNNI_BITS8(c##o##2),       \
                     QCC_VNNI_BITS8(c##o##3), QCC_VNNI_BITS8(c##u##0), QCC_VNNI_BITS8(c##u##1),                      \
                     QCC_VNNI_BITS8(c##u##2), QCC_VNNI_BITS8(c##u##3), to)

/* `count` (1 to 4, a literal) outputs from column ox on. */
QCC_INLINE void qcc_vnni_dw_any_tile(struct qcc_vnni_dw_any r, int32_t count, int32_t ox) {
  const uint8_t *w = r.row.block + QCC_VNNI_DW_WEIGHTS;
  const ptrdiff_t next = (ptrdiff_t)r.stride * 32, at = r.at + (ptrdiff_t)ox * r.row.c;
  const uint8_t *const x0 = r.ring + ox * next, *const x1 = count > 1 ? x0 + next : x0;
  const uint8_t *const x2 = count > 2 ? x1 + next : x0, *const x3 = count > 3 ? x2 + next : x0;
#define QCC_VNNI_ANY_START(n) \
  qcc_vnni_sums8 c0##n = QCC_VNNI_SUMS8(qcc_vnni_load_up_to_32(r.row.block + 32 * n, 32)), c1##n = c0##n, c2##n = c0##n, c3##n = c0##n;
  QCC_VNNI_ANY_START(0)
  QCC_VNNI_ANY_START(1)
  QCC_VNNI_ANY_START(2)
  QCC_VNNI_ANY_START(3)
#undef QCC_VNNI_ANY_START
  for (int32_t t = 0; t < r.taps; t += 4, w += 128) {
    QCC_VNNI_ANY_ADD(0, x0)
    QCC_VNNI_ANY_ADD(1, x1)
    QCC_VNNI_ANY_ADD(2, x2)
    QCC_VNNI_ANY_ADD(3, x3)
  }
  QCC_VNNI_ANY_FINISH(0, 1, count > 1 ? 2 : 1, at);
  if (count > 2) QCC_VNNI_ANY_FINISH(2, 3, count > 3 ? 2 : 1, at + 2 * (ptrdiff_t)r.row.c);
}

/* A row of outputs. */
QCC_INLINE void qcc_vnni_dw_any_line(struct qcc_vnni_dw_any r) {
  int32_t ox = 0;
  for (; ox + 4 <= r.width; ox += 4) qcc_vnni_dw_any_tile(r, 4, ox);
  switch (r.width % 4) {
    case 1: qcc_vnni_dw_any_tile(r, 1, ox); break;
    case 2: qcc_vnni_dw_any_tile(r, 2, ox); break;
    case 3: qcc_vnni_dw_any_tile(r, 3, ox); break;
    default: break;
  }
}

#undef QCC_VNNI_ANY_FINISH
#undef QCC_VNNI_ANY_TAP
#undef QCC_VNNI_ANY_ADD

/* Constants of the 32 channels from `channel` on. */
QCC_INLINE void qcc_vnni_dw_any_constants(struct qcc_dwconv2d_q8_params p, uint8_t *to, const uint8_t *w, const int32_t *bias,
                                          const qcc_vnni_word *scale, int32_t channel) {
  const int32_t valid = p.c - channel < 32 ? p.c - channel : 32, taps = p.kh * p.kw;
  qcc_vnni_dw_scales(p, 1, to, bias, scale, channel);
  to += QCC_VNNI_DW_WEIGHTS;
#define QCC_VNNI_ANY_WEIGHTS(k) \
  (t + (k) < taps ? qcc_vnni_load_up_to_32(w + (ptrdiff_t)(t + (k)) * p.c + channel, valid) : _mm256_setzero_si256())
  for (int32_t t = 0; t < taps; t += 4, to += 128) {
    const struct qcc_vnni_quads q =
        qcc_vnni_quads_of_four(QCC_VNNI_ANY_WEIGHTS(0), QCC_VNNI_ANY_WEIGHTS(1), QCC_VNNI_ANY_WEIGHTS(2), QCC_VNNI_ANY_WEIGHTS(3));
    qcc_vnni_put_32(to, q.q0);
    qcc_vnni_put_32(to + 32, q.q1);
    qcc_vnni_put_32(to + 64, q.q2);
    qcc_vnni_put_32(to + 96, q.q3);
  }
#undef QCC_VNNI_ANY_WEIGHTS
}

/* Where each tap lies in the ring for the output row whose window starts in slot `slot`; what rounds them up to four: anywhere. */
QCC_INLINE void qcc_vnni_dw_any_offsets(struct qcc_vnni_ring ring, int32_t slot, int32_t *offsets) {
  const struct qcc_dwconv2d_q8_params p = ring.p;
  int32_t t = 0;
  for (int32_t ky = 0; ky < p.kh; ky++) {
    const int32_t row = (slot + ky * p.dh) % ring.span * ring.columns * 32;
    for (int32_t kx = 0; kx < p.kw; kx++) offsets[t++] = row + kx * p.dw * 32;
  }
  for (; t % 4 != 0; t++) offsets[t] = 0;
}

/* scratch: constants of two blocks, offsets, the ring. */
QCC_INLINE void qcc_dwconv2d_q8__4x32__x86_avx512vnni(struct qcc_dwconv2d_q8_params p, struct qcc_dwconv2d_q8_data d,
                                                      const uint8_t *x, const void *w, const int32_t *bias, const void *scale,
                                                      const uint8_t *residual, const uint8_t *table, void *y, void *scratch) {
  const int32_t channels = 32 * QCC_VNNI_DW_BLOCKS, flip = p.x_signed ? 128 : 0, taps = (p.kh * p.kw + 3) / 4 * 4;
  const ptrdiff_t bytes = QCC_VNNI_DW_WEIGHTS + 32 * (ptrdiff_t)taps;
  uint8_t *const blocks = (uint8_t *)scratch;
  int32_t *const offsets = (int32_t *)(void *)(blocks + QCC_VNNI_DW_BLOCKS * bytes);
  const struct qcc_vnni_ring ring = {p, (p.kh - 1) * p.dh + 1, p.ow * p.sw + (p.kw - 1) * p.dw + 1,
                                     _mm256_set1_epi8((int8_t)(uint8_t)flip),
                                     _mm256_set1_epi8((int8_t)(uint8_t)((d.x_pad & 255) ^ flip)), x,
                                     (uint8_t *)(void *)(offsets + taps)};
  const struct qcc_vnni_output out = {p.kind, d.e, residual, table, y};
  struct qcc_vnni_dw_any r = {{out, 0, p.c, 32}, p.ow, 0, 0, offsets, taps, p.sw};
  qcc_vnni_ring_clear(ring, p.c <= 32 ? 1 : QCC_VNNI_DW_BLOCKS);
  for (int32_t channel = 0; channel < p.c; channel += channels) {
    const int32_t count = p.c - channel <= 32 ? 1 : QCC_VNNI_DW_BLOCKS;
    for (int32_t b = 0; b < count; b++)
      qcc_vnni_dw_any_constants(p, blocks + b * bytes, (const uint8_t *)w, bias, (const qcc_vnni_word *)scale, channel + 32 * b);
    for (int32_t line = 0; line < p.n * p.oh; line++) {
      const int32_t n = line / p.oh, oy = line % p.oh, top = oy * p.sh;
      /* Rows count from the first window's top; those of the window above are still there. */
      const int32_t filled = oy == 0 ? 0 : top - p.sh + ring.span;
      for (int32_t row = filled > top ? filled : top; row < top + ring.span; row++)
        qcc_vnni_ring_fill(ring, row % ring.span, n, row - p.pad_top, channel, count);
      qcc_vnni_dw_any_offsets(ring, top % ring.span, offsets);
      for (int32_t b = 0; b < count; b++) {
        r.row.block = blocks + b * bytes;
        r.ring = qcc_vnni_ring_row(ring, b, 0);
        r.row.valid = p.c % 32 == 0 || p.c - channel - 32 * b > 32 ? 32 : p.c - channel - 32 * b;
        r.at = (ptrdiff_t)line * p.ow * p.c + channel + 32 * b;
        qcc_vnni_dw_any_line(r);
      }
    }
  }
}

#endif
