/* SPDX-License-Identifier: 0BSD */
/* dwconv2d_q8 on AVX2, multiplier 1: 16 channels wide over a ring of widened input rows (dwconv2d_rows.h).
 *
 * 3x3s1, 3x3s2: 4 outputs along x. Rows 0 and 1 of a column are interleaved once and multiplied by (w0k, w1k) for each
 * output that uses the column; row 2 pairs columns 2q, 2q+1 with (w20,w21), (w22,0), (0,w20), (w21,w22):
 * 5 multiplies per 8 channels and output, the least for 9 taps. 8 accumulators (of 5 outputs: 10), 2 interleaved, weights from L1.
 *   Of up to 8 channels the left and the right half of a row go side by side, half a register each.
 * 2x16: any window: taps in pairs, interleaved for each of 2 outputs.
 * 2x16w: weights stored as s16.
 * Where channels come by sixteens and borders are small, dwconv2d_direct.h needs no ring.
 *
 * Accumulators and epilogue stay in vpunpck's order, which packssdw undoes. */
#ifndef QCC_X86_AVX2_DWCONV2D_Q8_H
#define QCC_X86_AVX2_DWCONV2D_Q8_H

#include "dwconv2d_rows.h"
#include "simd_epilogue.h"

enum { QCC_AVX2_DW_3X3_WEIGHTS = 14 * 32 };

/* One output row of one block. */
struct qcc_avx2_dw_row {
  struct qcc_avx2_output out;
  const uint8_t *block;   /* bias, scale, weights */
  const int16_t *rows;    /* the block's ring */
  const int32_t *offsets; /* of each tap (2x16) or kernel row (3x3) in the ring, in elements */
  int32_t width, stride, c, valid, taps;
  ptrdiff_t at;
};

QCC_INLINE __m256i qcc_avx2_dw_dot(__m256i c, __m256i x, const uint8_t *w) {
  c = _mm256_add_epi32(c, _mm256_madd_epi16(x, qcc_avx2_load(w)));
  QCC_AVX2_FENCE(c);
  return c;
}

/* Output o of `count` adds two interleaved taps times weight pair k. */
#define QCC_AVX2_DW_ADD(count, o, k)                           \
  if (count > o) {                                             \
    c##o##0 = qcc_avx2_dw_dot(c##o##0, lo, w + 64 * (k));      \
    c##o##1 = qcc_avx2_dw_dot(c##o##1, hi, w + 64 * (k) + 32); \
  }
/* Interleaves two vectors of 16 activations for the additions that follow in `uses`. */
#define QCC_AVX2_DW_PAIR(first, second, uses)                                        \
  {                                                                                  \
    __m256i even = first, odd = second;                                              \
    __m256i lo = _mm256_unpacklo_epi16(even, odd), hi = _mm256_unpackhi_epi16(even, odd); \
    uses                                                                             \
  }

enum { QCC_AVX2_DW_01 = 3, QCC_AVX2_DW_2_ = 4, QCC_AVX2_DW__0 = 5, QCC_AVX2_DW_12 = 6 };

/* What a tile reads: three rows, its first column `first` bytes behind their beginnings, columns `step` bytes apart. */
struct qcc_avx2_dw_window {
  const uint8_t *rows[3];
  ptrdiff_t first, step;
  int32_t size; /* 2: s16; 1: stored bytes, a literal */
  /* Of bytes: signed; the tile's first or last column lies outside the image, and pad is read in its place. */
  int32_t is_signed, left, right;
  const uint8_t *pad;
};

/* 16 activations of column j as s16; what comes behind the last column that counts meets weights of zero. */
QCC_INLINE __m256i qcc_avx2_dw_column(struct qcc_avx2_dw_window x, int32_t row, int32_t j, int32_t last) {
  const ptrdiff_t at = x.first + j * x.step;
  if (x.size == 2) return qcc_avx2_load(x.rows[row] + at);
  const int32_t is_outside = j > last || (j == 0 && x.left) || (j == last && x.right);
  return qcc_avx2_widen(qcc_avx2_load_half(is_outside ? x.pad : x.rows[row] + at), x.is_signed);
}

/* Column j of rows 0 and 1, used first by output `user`; columns 2q and 2q+1 of row 2. */
#define QCC_AVX2_DW_COLUMN(n, j, user, uses) \
  if (n > user)                              \
    QCC_AVX2_DW_PAIR(qcc_avx2_dw_column(x, 0, j, QCC_AVX2_DW_LAST(n)), qcc_avx2_dw_column(x, 1, j, QCC_AVX2_DW_LAST(n)), uses)
#define QCC_AVX2_DW_BELOW(n, q, user, uses)                                              \
  if (n > user)                                                                          \
    QCC_AVX2_DW_PAIR(qcc_avx2_dw_column(x, 2, 2 * (q), QCC_AVX2_DW_LAST(n)),             \
                     qcc_avx2_dw_column(x, 2, 2 * (q) + 1, QCC_AVX2_DW_LAST(n)), uses)
#define QCC_AVX2_DW_LAST(n) (((n) - 1) * stride + 2)
#define QCC_AVX2_DW_TAPS_1(n, ADD)                                                                                  \
  QCC_AVX2_DW_COLUMN(n, 0, 0, ADD(n, 0, 0))                                                                         \
  QCC_AVX2_DW_COLUMN(n, 1, 0, ADD(n, 0, 1) ADD(n, 1, 0))                                                            \
  QCC_AVX2_DW_COLUMN(n, 2, 0, ADD(n, 0, 2) ADD(n, 1, 1) ADD(n, 2, 0))                                               \
  QCC_AVX2_DW_COLUMN(n, 3, 1, ADD(n, 1, 2) ADD(n, 2, 1) ADD(n, 3, 0))                                               \
  QCC_AVX2_DW_COLUMN(n, 4, 2, ADD(n, 2, 2) ADD(n, 3, 1) ADD(n, 4, 0))                                               \
  QCC_AVX2_DW_COLUMN(n, 5, 3, ADD(n, 3, 2) ADD(n, 4, 1))                                                            \
  QCC_AVX2_DW_COLUMN(n, 6, 4, ADD(n, 4, 2))                                                                         \
  QCC_AVX2_DW_BELOW(n, 0, 0, ADD(n, 0, QCC_AVX2_DW_01) ADD(n, 1, QCC_AVX2_DW__0))                                   \
  QCC_AVX2_DW_BELOW(n, 1, 0, ADD(n, 0, QCC_AVX2_DW_2_) ADD(n, 1, QCC_AVX2_DW_12) ADD(n, 2, QCC_AVX2_DW_01)          \
                                ADD(n, 3, QCC_AVX2_DW__0))                                                          \
  QCC_AVX2_DW_BELOW(n, 2, 2, ADD(n, 2, QCC_AVX2_DW_2_) ADD(n, 3, QCC_AVX2_DW_12) ADD(n, 4, QCC_AVX2_DW_01))         \
  QCC_AVX2_DW_BELOW(n, 3, 4, ADD(n, 4, QCC_AVX2_DW_2_))
#define QCC_AVX2_DW_TAPS_2(n, ADD)                                                  \
  QCC_AVX2_DW_COLUMN(n, 0, 0, ADD(n, 0, 0))                                         \
  QCC_AVX2_DW_COLUMN(n, 1, 0, ADD(n, 0, 1))                                         \
  QCC_AVX2_DW_COLUMN(n, 2, 0, ADD(n, 0, 2) ADD(n, 1, 0))                            \
  QCC_AVX2_DW_COLUMN(n, 3, 1, ADD(n, 1, 1))                                         \
  QCC_AVX2_DW_COLUMN(n, 4, 1, ADD(n, 1, 2) ADD(n, 2, 0))                            \
  QCC_AVX2_DW_COLUMN(n, 5, 2, ADD(n, 2, 1))                                         \
  QCC_AVX2_DW_COLUMN(n, 6, 2, ADD(n, 2, 2) ADD(n, 3, 0))                            \
  QCC_AVX2_DW_COLUMN(n, 7, 3, ADD(n, 3, 1))                                         \
  QCC_AVX2_DW_COLUMN(n, 8, 3, ADD(n, 3, 2))                                         \
  QCC_AVX2_DW_BELOW(n, 0, 0, ADD(n, 0, QCC_AVX2_DW_01))                             \
  QCC_AVX2_DW_BELOW(n, 1, 0, ADD(n, 0, QCC_AVX2_DW_2_) ADD(n, 1, QCC_AVX2_DW_01))   \
  QCC_AVX2_DW_BELOW(n, 2, 1, ADD(n, 1, QCC_AVX2_DW_2_) ADD(n, 2, QCC_AVX2_DW_01))   \
  QCC_AVX2_DW_BELOW(n, 3, 2, ADD(n, 2, QCC_AVX2_DW_2_) ADD(n, 3, QCC_AVX2_DW_01))   \
  QCC_AVX2_DW_BELOW(n, 4, 3, ADD(n, 3, QCC_AVX2_DW_2_))
#define QCC_AVX2_DW_TAPS(n)                \
  if (stride == 1) {                       \
    QCC_AVX2_DW_TAPS_1(n, QCC_AVX2_DW_ADD) \
  } else {                                 \
    QCC_AVX2_DW_TAPS_2(n, QCC_AVX2_DW_ADD) \
  }

#define QCC_AVX2_DW_FINISH(n)                                                                                        \
  qcc_avx2_finish(r.out, n > 1 ? 2 : 1, c00, c01, c10, c11, scale, at, at + r.c, r.valid);                           \
  if (n > 2)                                                                                                         \
    qcc_avx2_finish(r.out, n > 3 ? 2 : 1, c20, c21, c30, c31, scale, at + 2 * (ptrdiff_t)r.c, at + 3 * (ptrdiff_t)r.c, \
                    r.valid);                                                                                        \
  if (n > 4) qcc_avx2_finish(r.out, 1, c40, c41, c40, c41, scale, at + 4 * (ptrdiff_t)r.c, at, r.valid);

#define QCC_AVX2_DW_START                                                                                                    \
  const uint8_t *w = r.block + qcc_avx2_dw_constant_bytes(r.out.kind);                                                       \
  const qcc_avx2_word *scale = (const qcc_avx2_word *)(const void *)(r.block + 64);                                          \
  __m256i c00 = qcc_avx2_channels(r.block, QCC_AVX2_UNPACK, 0), c01 = qcc_avx2_channels(r.block, QCC_AVX2_UNPACK, 1);        \
  __m256i c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01, c40 = c00, c41 = c01;

/* 4 outputs, the first of them the element `at`; stride is a literal at every call. */
QCC_INLINE void qcc_avx2_dw_3x3_tile(struct qcc_avx2_dw_row r, struct qcc_avx2_dw_window x, int32_t stride, ptrdiff_t at) {
  QCC_AVX2_DW_START
  QCC_AVX2_DW_TAPS(4)
  QCC_AVX2_DW_FINISH(4)
}

/* `count` (1 to 4, under stride 1 also 5) outputs at the end of a line. They share one epilogue: compilers see all of them before they
 * know how many there are, and spend their time on epilogues. */
QCC_INLINE void qcc_avx2_dw_3x3_tail(struct qcc_avx2_dw_row r, struct qcc_avx2_dw_window x, int32_t stride, int32_t count,
                                     ptrdiff_t at) {
  QCC_AVX2_DW_START
  switch (count) {
    case 1: QCC_AVX2_DW_TAPS(1) break;
    case 2: QCC_AVX2_DW_TAPS(2) break;
    case 3: QCC_AVX2_DW_TAPS(3) break;
    case 4: QCC_AVX2_DW_TAPS(4) break;
    case 5: QCC_AVX2_DW_TAPS_1(5, QCC_AVX2_DW_ADD) break;
    default: return;
  }
  QCC_AVX2_DW_FINISH(count)
}

QCC_INLINE void qcc_avx2_dw_3x3_row(struct qcc_avx2_dw_row r, int32_t stride) {
  struct qcc_avx2_dw_window x = {{0, 0, 0}, 0, 32, 2, 0, 0, 0, 0};
  for (int32_t i = 0; i < 3; i++) x.rows[i] = (const uint8_t *)(r.rows + r.offsets[i]);
  int32_t ox = 0;
  for (; ox + 4 <= r.width; ox += 4, x.first += 4 * stride * 32) qcc_avx2_dw_3x3_tile(r, x, stride, r.at + (ptrdiff_t)ox * r.c);
  if (r.width % 4 != 0) qcc_avx2_dw_3x3_tail(r, x, stride, r.width % 4, r.at + (ptrdiff_t)ox * r.c);
}

/* `count` (1 or 2) outputs of any window. */
QCC_INLINE void qcc_avx2_dw_any_tile(struct qcc_avx2_dw_row r, int32_t count, int32_t ox) {
  const uint8_t *w = r.block + qcc_avx2_dw_constant_bytes(r.out.kind);
  const qcc_avx2_word *scale = (const qcc_avx2_word *)(const void *)(r.block + 64);
  const int16_t *x0 = r.rows + (ptrdiff_t)ox * r.stride * 16, *x1 = count > 1 ? x0 + (ptrdiff_t)r.stride * 16 : x0;
  const ptrdiff_t at = r.at + (ptrdiff_t)ox * r.c;
  __m256i c00 = qcc_avx2_channels(r.block, QCC_AVX2_UNPACK, 0), c01 = qcc_avx2_channels(r.block, QCC_AVX2_UNPACK, 1);
  __m256i c10 = c00, c11 = c01;
  for (int32_t t = 0; t < r.taps; t += 2, w += 64) {
    const ptrdiff_t first = r.offsets[t], second = r.offsets[t + 1];
    QCC_AVX2_DW_PAIR(qcc_avx2_load(x0 + first), qcc_avx2_load(x0 + second), QCC_AVX2_DW_ADD(2, 0, 0))
    QCC_AVX2_DW_PAIR(qcc_avx2_load(x1 + first), qcc_avx2_load(x1 + second), QCC_AVX2_DW_ADD(2, 1, 0))
  }
  qcc_avx2_finish(r.out, count, c00, c01, c10, c11, scale, at, at + r.c, r.valid);
}

QCC_INLINE void qcc_avx2_dw_any_row(struct qcc_avx2_dw_row r) {
  for (int32_t ox = 0; ox < r.width; ox += 2) qcc_avx2_dw_any_tile(r, r.width - ox < 2 ? 1 : 2, ox);
}

/* Weight pairs of one block. */
QCC_INLINE void qcc_avx2_dw_weights(struct qcc_dwconv2d_q8_params p, int32_t window, const void *w, int32_t wide,
                                    uint8_t *to, int32_t channel) {
  const __m256i zero = _mm256_setzero_si256();
#define TAP(t) qcc_avx2_dw_tap(p, w, wide, t, channel)
  if (window == 0) {
    const int32_t taps = p.kh * p.kw;
    for (int32_t t = 0; t < taps; t += 2, to += 64) qcc_avx2_dw_interleave(to, TAP(t), t + 1 < taps ? TAP(t + 1) : zero);
    return;
  }
  for (int32_t k = 0; k < 3; k++) qcc_avx2_dw_interleave(to + 64 * k, TAP(k), TAP(3 + k));
  qcc_avx2_dw_interleave(to + 64 * QCC_AVX2_DW_01, TAP(6), TAP(7));
  qcc_avx2_dw_interleave(to + 64 * QCC_AVX2_DW_2_, TAP(8), zero);
  qcc_avx2_dw_interleave(to + 64 * QCC_AVX2_DW__0, zero, TAP(6));
  qcc_avx2_dw_interleave(to + 64 * QCC_AVX2_DW_12, TAP(7), TAP(8));
#undef TAP
}

/* Makes the last 8 channels of a 3x3 block those of the first 8. Vectors of weights hold channels 0-3, 8-11 or 4-7, 12-15. */
QCC_INLINE void qcc_avx2_dw_repeat(struct qcc_epilogue_kind k, uint8_t *block) {
  const ptrdiff_t constants = qcc_avx2_dw_constant_bytes(k);
  const int32_t scale_bytes = 32 * qcc_scale_words(k);
  qcc_avx2_store(block + 32, qcc_avx2_load(block));
  for (int32_t i = 0; i < scale_bytes; i += 32) qcc_avx2_store(block + 64 + scale_bytes + i, qcc_avx2_load(block + 64 + i));
  for (ptrdiff_t i = constants; i < constants + QCC_AVX2_DW_3X3_WEIGHTS; i += 32)
    qcc_avx2_store_half(block + i + 16, qcc_avx2_load_half(block + i));
}

/* Where each kernel row (3x3) or tap lies in the ring for the output row whose window starts in slot `slot`. */
QCC_INLINE void qcc_avx2_dw_offsets(struct qcc_avx2_ring ring, int32_t window, int32_t slot, int32_t *offsets) {
  struct qcc_dwconv2d_q8_params p = ring.p;
  int32_t t = 0;
  for (int32_t ky = 0; ky < p.kh; ky++) {
    const int32_t row = (slot + ky * p.dh) % ring.span * ring.columns * 16;
    if (window != 0)
      offsets[t++] = row;
    else
      for (int32_t kx = 0; kx < p.kw; kx++) offsets[t++] = row + kx * p.dw * 16;
  }
  offsets[t] = offsets[t - 1]; /* the partner of an odd last tap; its weight is zero */
}

/* The whole convolution; window (0 any, 1 and 2: 3x3 of that stride), wide (weights of 16 bits) and size (bytes of an activation)
 * are literals at every call. */
QCC_INLINE void qcc_avx2_dwconv2d(int32_t window, int32_t wide, int32_t size, struct qcc_dwconv2d_q8_params p,
                                  struct qcc_dwconv2d_q8_data d, const uint8_t *x, const void *w, const int32_t *bias,
                                  const qcc_avx2_word *scale, const uint8_t *residual, const uint8_t *table, void *y,
                                  void *scratch) {
  const int32_t taps = p.kh * p.kw, channels = 16 * QCC_AVX2_DW_BLOCKS;
  const ptrdiff_t constants = qcc_avx2_dw_constant_bytes(p.kind);
  const ptrdiff_t block_bytes = constants + (window ? QCC_AVX2_DW_3X3_WEIGHTS : (taps + 1) / 2 * 64);
  const int32_t is_halved = window != 0 && size == 1 && p.c <= 8 && p.ow % 2 == 0 && p.kind.out == QCC_OUT_Q8 && !p.kind.has_add;
  const int32_t width = is_halved ? p.ow / 2 : p.ow;
  uint8_t *blocks = (uint8_t *)scratch;
  int32_t *offsets = (int32_t *)(void *)(blocks + QCC_AVX2_DW_BLOCKS * block_bytes);
  struct qcc_avx2_ring ring = {p, (p.kh - 1) * p.dh + 1, qcc_avx2_ring_columns(p, width), d.x_pad, size, x,
                               x + (ptrdiff_t)p.n * p.h * p.w * p.c * size, (int16_t *)(void *)(offsets + (taps + 16) / 16 * 16)};
  struct qcc_avx2_output out = {p.kind, d.e, QCC_AVX2_UNPACK, residual, table, y, is_halved ? (ptrdiff_t)width * p.c : 0};
  struct qcc_avx2_dw_row r = {out, 0, 0, offsets, width, p.sw, p.c, 16, taps, 0};
  qcc_avx2_ring_clear(ring, p.c < channels ? (p.c + 15) / 16 : QCC_AVX2_DW_BLOCKS);
  for (int32_t channel = 0; channel < p.c; channel += channels) {
    const int32_t count = p.c - channel < channels ? (p.c - channel + 15) / 16 : QCC_AVX2_DW_BLOCKS;
    for (int32_t b = 0; b < count; b++) {
      qcc_avx2_dw_constants(p, blocks + b * block_bytes, bias, scale, channel + 16 * b);
      qcc_avx2_dw_weights(p, window, w, wide, blocks + b * block_bytes + constants, channel + 16 * b);
    }
    if (is_halved) qcc_avx2_dw_repeat(p.kind, blocks);
    for (int32_t line = 0; line < p.n * p.oh; line++) {
      const int32_t n = line / p.oh, oy = line % p.oh, top = oy * p.sh;
      /* Rows count from the first window's top; those of the window above are still there. */
      int32_t filled = oy == 0 ? 0 : top - p.sh + ring.span;
      for (int32_t row = filled > top ? filled : top; row < top + ring.span; row++)
        if (is_halved)
          qcc_avx2_ring_fill_halves(ring, row % ring.span, n, row - p.pad_top, width);
        else
          qcc_avx2_ring_fill(ring, row % ring.span, n, row - p.pad_top, channel, count);
      qcc_avx2_dw_offsets(ring, window, top % ring.span, offsets);
      for (int32_t b = 0; b < count; b++) {
        r.block = blocks + b * block_bytes;
        r.rows = qcc_avx2_ring_row(ring, b, 0);
        r.valid = p.c % 16 == 0 || p.c - channel - 16 * b > 16 ? 16 : p.c - channel - 16 * b;
        r.at = (ptrdiff_t)line * p.ow * p.c + channel + 16 * b;
        if (window != 0)
          qcc_avx2_dw_3x3_row(r, window);
        else
          qcc_avx2_dw_any_row(r);
      }
    }
  }
}

#define QCC_AVX2_DWCONV2D(name, window, wide)                                                                     \
  QCC_INLINE void qcc_dwconv2d_q8__##name##__x86_avx2(                                                            \
      struct qcc_dwconv2d_q8_params p, struct qcc_dwconv2d_q8_data d, const uint8_t *x, const void *w,            \
      const int32_t *bias, const void *scale, const uint8_t *residual, const uint8_t *table, void *y,             \
      void *scratch) {                                                                                            \
    qcc_avx2_dwconv2d(window, wide, 1, p, d, x, w, bias, (const qcc_avx2_word *)scale, residual, table, y, scratch);         \
  }

QCC_AVX2_DWCONV2D(3x3s1, 1, 0)
QCC_AVX2_DWCONV2D(3x3s2, 2, 0)
QCC_AVX2_DWCONV2D(2x16, 0, 0)
QCC_AVX2_DWCONV2D(2x16w, 0, 1)

#endif
