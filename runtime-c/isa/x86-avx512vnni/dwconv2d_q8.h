/* SPDX-License-Identifier: 0BSD */
/* dwconv2d_q8 for 3x3 windows with vpdpbusd, multiplier 1, straight from the image: a row is swept once for all channels, 32 at
 * a time. A ring of copied rows costs more than it saves: under stride 2 a value is read 1.5 to 2.25 times.
 *
 *   for each line of results:   3 input rows, or a row of padding
 *     for each 4 results:       for each 32 channels: tile
 *
 * The three rows of a column are interleaved once, to one doubleword a channel (the fourth byte is zero), and each output
 * that uses the column adds its products with the weights of the window's column: 3 vpdpbusd for 9 taps. 4 outputs along x:
 * 16 accumulators cON (output O, vector N), 4 of a column, weights from L1. ymm: on Zen 4 as fast as zmm, and 32 channels
 * leave less over. Two outputs share an epilogue in zmm. Outside of the image a window has at most one column on either side
 * (BORDER_OF_ONE), read from the row of padding. Where 32 is a multiple of the channels vectors hold several outputs, which come
 * from a ring of packed rows (dwconv2d_rows.h).
 *
 * 3x3s1w, 3x3s2w: weights that are the sum of two s8. Blocks of channels in which some weight needs the second one are passed
 * twice; of unsigned weights with a zero point these are few. */
#ifndef QCC_X86_AVX512VNNI_DWCONV2D_Q8_H
#define QCC_X86_AVX512VNNI_DWCONV2D_Q8_H

#include "dwconv2d_rows.h"
#include "qcc/requantize.h"
#include "simd_epilogue.h"

/* What tiles share. */
struct qcc_vnni_dw_row {
  struct qcc_vnni_output out;
  const uint8_t *block; /* constants */
  int32_t c, valid;
};

/* What a tile reads: element `from` of each row is its first column's; the last one is `right` if it lies outside the image, the
 * first one `left`. */
struct qcc_vnni_dw_window {
  const uint8_t *rows[3];
  ptrdiff_t from;
  int32_t is_signed, left, right;
  const uint8_t *pad;
};

/* A channel's words in the order of qcc_vnni_quads_of, one by one: s32, f32 and s16 outputs. */
QCC_INLINE void qcc_vnni_dw_words(struct qcc_vnni_dw_row r, __m256i a, __m256i b, __m256i c, __m256i d, ptrdiff_t at) {
  int32_t sums[32];
  qcc_vnni_put_32((uint8_t *)sums, a);
  qcc_vnni_put_32((uint8_t *)(sums + 8), b);
  qcc_vnni_put_32((uint8_t *)(sums + 16), c);
  qcc_vnni_put_32((uint8_t *)(sums + 24), d);
  for (int32_t i = 0; i < r.valid; i++) {
    const int32_t k = i / 4 % 4 * 8 + i / 16 * 4 + i % 4;
    qcc_vnni_word mult = ((const qcc_vnni_word *)(const void *)(r.block + QCC_VNNI_DW_MULT))[k];
    const float product = qcc_mulf((float)sums[k], qcc_f32_of_bits((uint32_t)mult));
    if (r.out.kind.out == QCC_OUT_S32)
      ((int32_t *)r.out.y)[at + i] = sums[k];
    else if (r.out.kind.out == QCC_OUT_S16)
      ((int16_t *)r.out.y)[at + i] = (int16_t)qcc_round_to_stored(product, 0, r.out.data.y_min, r.out.data.y_max);
    else if (r.out.kind.rounding == QCC_ROUND_AFFINE)
      ((float *)r.out.y)[at + i] = product + ((const float *)(const void *)(r.block + QCC_VNNI_DW_MULT))[k + 32];
    else
      ((float *)r.out.y)[at + i] = product;
  }
}

/* The outputs at `at` and, where `pixels` is 2, at the next pixel. */
#define QCC_VNNI_DW_FINISH(o, u, pixels, to)                                                                         \
  qcc_vnni_dw_finish(r, pixels, QCC_VNNI_BITS8(c##o##0), QCC_VNNI_BITS8(c##o##1), QCC_VNNI_BITS8(c##o##2),           \
                     QCC_VNNI_BITS8(c##o##3), QCC_VNNI_BITS8(c##u##0), QCC_VNNI_BITS8(c##u##1),                      \
                     QCC_VNNI_BITS8(c##u##2), QCC_VNNI_BITS8(c##u##3), to)

QCC_INLINE __m512i qcc_vnni_join(__m256i low, __m256i high) { return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1); }

QCC_INLINE void qcc_vnni_dw_finish(struct qcc_vnni_dw_row r, int32_t pixels, __m256i a, __m256i b, __m256i c, __m256i d,
                                   __m256i a2, __m256i b2, __m256i c2, __m256i d2, ptrdiff_t at) {
  if (r.out.kind.out != QCC_OUT_Q8) {
    qcc_vnni_dw_words(r, a, b, c, d, at);
    if (pixels > 1) qcc_vnni_dw_words(r, a2, b2, c2, d2, at + r.c);
    return;
  }
  const uint8_t *mult = r.block + QCC_VNNI_DW_MULT, *residual = r.out.residual;
  struct qcc_vnni_four acc = {qcc_vnni_join(a, a2), qcc_vnni_join(b, b2), qcc_vnni_join(c, c2), qcc_vnni_join(d, d2)};
#define QCC_VNNI_TWICE(k) _mm512_broadcast_i64x4(qcc_vnni_load_up_to_32(mult + 32 * (k), 32))
  const struct qcc_vnni_four m = {QCC_VNNI_TWICE(0), QCC_VNNI_TWICE(1), QCC_VNNI_TWICE(2), QCC_VNNI_TWICE(3)};
  if (r.out.kind.rounding != QCC_ROUND_ONNX) {
    acc.a = qcc_vnni_fixed(r.out.kind, acc.a, (struct qcc_vnni_pairs){m.a, QCC_VNNI_TWICE(4)});
    acc.b = qcc_vnni_fixed(r.out.kind, acc.b, (struct qcc_vnni_pairs){m.b, QCC_VNNI_TWICE(5)});
    acc.c = qcc_vnni_fixed(r.out.kind, acc.c, (struct qcc_vnni_pairs){m.c, QCC_VNNI_TWICE(6)});
    acc.d = qcc_vnni_fixed(r.out.kind, acc.d, (struct qcc_vnni_pairs){m.d, QCC_VNNI_TWICE(7)});
  }
#undef QCC_VNNI_TWICE
  struct qcc_vnni_four add = acc; /* idle without a residual */
  if (r.out.kind.has_add) {
    const __m256i first = qcc_vnni_load_up_to_32(residual + at, r.valid);
    const __m256i second = pixels > 1 ? qcc_vnni_load_up_to_32(residual + at + r.c, r.valid) : first;
    add = qcc_vnni_widen_lanes(qcc_vnni_join(first, second), r.out.kind.r_signed);
  }
  __m512i v = qcc_vnni_bytes(r.out, QCC_VNNI_LANES, acc, m, add);
  if (r.out.kind.has_lookup) v = qcc_vnni_lookup(r.out.table, v);
  uint8_t *y = (uint8_t *)r.out.y + at;
  qcc_vnni_store_up_to_32(y, _mm512_castsi512_si256(v), r.valid);
  if (pixels > 1) qcc_vnni_store_up_to_32(y + r.c, _mm512_extracti64x4_epi64(v, 1), r.valid);
}

#define QCC_VNNI_DW_DOTS(o, at)                                        \
  {                                                                    \
    c##o##0 = qcc_vnni_dot8(c##o##0, q.q0, w + (at));                  \
    c##o##1 = qcc_vnni_dot8(c##o##1, q.q1, w + (at) + 32);             \
    c##o##2 = qcc_vnni_dot8(c##o##2, q.q2, w + (at) + 64);             \
    c##o##3 = qcc_vnni_dot8(c##o##3, q.q3, w + (at) + 96);             \
  }
#define QCC_VNNI_DW_START(n) \
  qcc_vnni_sums8 c0##n = QCC_VNNI_SUMS8(qcc_vnni_load_up_to_32(r.block + 32 * n, 32)), c1##n = c0##n, c2##n = c0##n, c3##n = c0##n;

/* 32 activations of column j, of which `last` is the last, as u8. */
QCC_INLINE __m256i qcc_vnni_dw_column(struct qcc_vnni_dw_window x, int32_t row, int32_t j, int32_t last, int32_t c) {
  const int32_t is_outside = (j == 0 && x.left) || (j == last && x.right);
  const __m256i v = qcc_vnni_load_up_to_32(is_outside ? x.pad : x.rows[row] + (x.from + (ptrdiff_t)j * c), 32);
  return x.is_signed ? _mm256_xor_si256(v, _mm256_set1_epi8(-128)) : v;
}

/* Output o adds the products of the column's quads with column k of the window. */
#define QCC_VNNI_DW_ADD(count, o, k) \
  if (count > o) QCC_VNNI_DW_DOTS(o, 128 * (k))
/* Column j of the tile, used first by output `user`. The weights are loaded anew: there is no room to keep them. */
#define QCC_VNNI_DW_COLUMN(count, j, user, uses)                                                                \
  if (count > user) {                                                                                           \
    const int32_t last = ((count) - 1) * stride + 2;                                                            \
    const struct qcc_vnni_quads q = qcc_vnni_quads_of(                                                          \
        qcc_vnni_dw_column(x, 0, j, last, r.c), qcc_vnni_dw_column(x, 1, j, last, r.c), qcc_vnni_dw_column(x, 2, j, last, r.c)); \
    QCC_VNNI_HERE(w);                                                                                           \
    uses                                                                                                        \
  }
#define QCC_VNNI_DW_COLUMNS_1(n)                                                                                                 \
  QCC_VNNI_DW_COLUMN(n, 0, 0, QCC_VNNI_DW_ADD(n, 0, 0))                                                                          \
  QCC_VNNI_DW_COLUMN(n, 1, 0, QCC_VNNI_DW_ADD(n, 0, 1) QCC_VNNI_DW_ADD(n, 1, 0))                                                 \
  QCC_VNNI_DW_COLUMN(n, 2, 0, QCC_VNNI_DW_ADD(n, 0, 2) QCC_VNNI_DW_ADD(n, 1, 1) QCC_VNNI_DW_ADD(n, 2, 0))                        \
  QCC_VNNI_DW_COLUMN(n, 3, 1, QCC_VNNI_DW_ADD(n, 1, 2) QCC_VNNI_DW_ADD(n, 2, 1) QCC_VNNI_DW_ADD(n, 3, 0))                        \
  QCC_VNNI_DW_COLUMN(n, 4, 2, QCC_VNNI_DW_ADD(n, 2, 2) QCC_VNNI_DW_ADD(n, 3, 1))                                                 \
  QCC_VNNI_DW_COLUMN(n, 5, 3, QCC_VNNI_DW_ADD(n, 3, 2))
#define QCC_VNNI_DW_COLUMNS_2(n)                                                          \
  QCC_VNNI_DW_COLUMN(n, 0, 0, QCC_VNNI_DW_ADD(n, 0, 0))                                   \
  QCC_VNNI_DW_COLUMN(n, 1, 0, QCC_VNNI_DW_ADD(n, 0, 1))                                   \
  QCC_VNNI_DW_COLUMN(n, 2, 0, QCC_VNNI_DW_ADD(n, 0, 2) QCC_VNNI_DW_ADD(n, 1, 0))          \
  QCC_VNNI_DW_COLUMN(n, 3, 1, QCC_VNNI_DW_ADD(n, 1, 1))                                   \
  QCC_VNNI_DW_COLUMN(n, 4, 1, QCC_VNNI_DW_ADD(n, 1, 2) QCC_VNNI_DW_ADD(n, 2, 0))          \
  QCC_VNNI_DW_COLUMN(n, 5, 2, QCC_VNNI_DW_ADD(n, 2, 1))                                   \
  QCC_VNNI_DW_COLUMN(n, 6, 2, QCC_VNNI_DW_ADD(n, 2, 2) QCC_VNNI_DW_ADD(n, 3, 0))          \
  QCC_VNNI_DW_COLUMN(n, 7, 3, QCC_VNNI_DW_ADD(n, 3, 1))                                   \
  QCC_VNNI_DW_COLUMN(n, 8, 3, QCC_VNNI_DW_ADD(n, 3, 2))
#define QCC_VNNI_DW_CASE(n)       \
  case n:                         \
    if (stride == 1) {            \
      QCC_VNNI_DW_COLUMNS_1(n)    \
    } else {                      \
      QCC_VNNI_DW_COLUMNS_2(n)    \
    }                             \
    break;

/* `count` outputs, the first of them the element `at`; stride is a literal at every call. */
QCC_INLINE void qcc_vnni_dw_tile(struct qcc_vnni_dw_row r, struct qcc_vnni_dw_window x, int32_t stride, int32_t passes,
                                 int32_t count, ptrdiff_t at) {
  const uint8_t *w = r.block + QCC_VNNI_DW_WEIGHTS;
  QCC_VNNI_DW_START(0)
  QCC_VNNI_DW_START(1)
  QCC_VNNI_DW_START(2)
  QCC_VNNI_DW_START(3)
  for (int32_t pass = 0; pass < passes; pass++, w += QCC_VNNI_DW_BEYOND - QCC_VNNI_DW_WEIGHTS) {
    switch (count) {
      QCC_VNNI_DW_CASE(1)
      QCC_VNNI_DW_CASE(2)
      QCC_VNNI_DW_CASE(3)
      QCC_VNNI_DW_CASE(4)
      default: break;
    }
  }
  QCC_VNNI_DW_FINISH(0, 1, count > 1 ? 2 : 1, at);
  if (count > 2) QCC_VNNI_DW_FINISH(2, 3, count > 3 ? 2 : 1, at + 2 * (ptrdiff_t)r.c);
}

/* Vector o of a tile of a packed row. */
#define QCC_VNNI_DW_PACKED(o, k)                                                                                      \
  {                                                                                                                   \
    const ptrdiff_t at_column = columns[k] + 32 * (ptrdiff_t)(first + (o));                                           \
    const struct qcc_vnni_quads q =                                                                                   \
        qcc_vnni_quads_of(qcc_vnni_load_up_to_32(rows[0] + at_column, 32), qcc_vnni_load_up_to_32(rows[1] + at_column, 32), \
                          qcc_vnni_load_up_to_32(rows[2] + at_column, 32));                                           \
    QCC_VNNI_HERE(w);                                                                                                 \
    QCC_VNNI_DW_DOTS(o, 128 * (k))                                                                                    \
  }
#define QCC_VNNI_DW_PACKED_3(o) \
  if (count > o) QCC_VNNI_DW_PACKED(o, 0) \
  if (count > o) QCC_VNNI_DW_PACKED(o, 1) \
  if (count > o) QCC_VNNI_DW_PACKED(o, 2)

/* `count` vectors of outputs side by side (1 or 4) from vector `first` of a packed row on, whose first output is the element `at`;
 * column k of their windows lies at k of `columns`. r.c is 32: from vector to vector. */
QCC_INLINE void qcc_vnni_dw_packed_tile(struct qcc_vnni_dw_row r, int32_t passes, int32_t count, const uint8_t *const rows[3],
                                        const ptrdiff_t columns[3], int32_t first, ptrdiff_t at) {
  const uint8_t *w = r.block + QCC_VNNI_DW_WEIGHTS;
  QCC_VNNI_DW_START(0)
  QCC_VNNI_DW_START(1)
  QCC_VNNI_DW_START(2)
  QCC_VNNI_DW_START(3)
  for (int32_t pass = 0; pass < passes; pass++, w += QCC_VNNI_DW_BEYOND - QCC_VNNI_DW_WEIGHTS) {
    QCC_VNNI_DW_PACKED_3(0)
    QCC_VNNI_DW_PACKED_3(1)
    QCC_VNNI_DW_PACKED_3(2)
    QCC_VNNI_DW_PACKED_3(3)
  }
  at += 32 * (ptrdiff_t)first;
  QCC_VNNI_DW_FINISH(0, 1, count > 1 ? 2 : 1, at);
  if (count > 2) QCC_VNNI_DW_FINISH(2, 3, 2, at + 64);
}

/* The whole convolution where vectors hold several outputs. scratch: constants, the ring. */
QCC_INLINE void qcc_vnni_dw_packed(struct qcc_dwconv2d_q8_params p, struct qcc_vnni_dw_row r, int32_t wide, int32_t x_pad,
                                   const uint8_t *x, const uint8_t *w, const int32_t *bias, const qcc_vnni_word *scale,
                                   uint8_t *scratch) {
  const int32_t flip = p.x_signed ? 128 : 0;
  const struct qcc_vnni_ring ring = {p, 3, qcc_vnni_ring_columns(p), _mm256_set1_epi8((int8_t)(uint8_t)flip),
                                     _mm256_set1_epi8((int8_t)(uint8_t)((x_pad & 255) ^ flip)), x, scratch + qcc_vnni_dw_bytes(wide)};
  const ptrdiff_t half = qcc_vnni_packed_half(ring);
  const ptrdiff_t columns[3] = {0, qcc_vnni_packed_at(p, half, 1), qcc_vnni_packed_at(p, half, 2)};
  const int32_t passes = 1 + qcc_vnni_dw_constants(p, wide, scratch, w, bias, scale, 0), bytes = p.ow * p.c;
  r.block = scratch;
  r.c = 32;
  qcc_vnni_ring_clear(ring, 1);
  for (int32_t line = 0; line < p.n * p.oh; line++) {
    const int32_t n = line / p.oh, oy = line % p.oh, top = oy * p.sh, filled = oy == 0 ? 0 : top - p.sh + 3;
    for (int32_t row = filled > top ? filled : top; row < top + 3; row++) qcc_vnni_packed_fill(ring, row % 3, n, row - p.pad_top);
    const uint8_t *const rows[3] = {qcc_vnni_ring_row(ring, 0, top % 3), qcc_vnni_ring_row(ring, 0, (top + 1) % 3),
                                    qcc_vnni_ring_row(ring, 0, (top + 2) % 3)};
    for (int32_t i = 0; 32 * i < bytes;) {
      const int32_t count = 32 * (i + 4) <= bytes ? 4 : 1;
      r.valid = bytes - 32 * i < 32 ? bytes - 32 * i : 32;
      qcc_vnni_dw_packed_tile(r, wide ? passes : 1, count, rows, columns, i, (ptrdiff_t)line * bytes);
      i += count;
    }
  }
}

/* The whole convolution; stride and wide are literals at every call. scratch: constants of all blocks, the row of padding. */
QCC_INLINE void qcc_vnni_dwconv2d(int32_t stride, int32_t wide, struct qcc_dwconv2d_q8_params p, struct qcc_dwconv2d_q8_data d, const uint8_t *x,
                                  const void *w, const int32_t *bias, const qcc_vnni_word *scale, const uint8_t *residual,
                                  const uint8_t *table, void *y, void *scratch) {
  const int32_t blocks = (p.c + 31) / 32, bytes = qcc_vnni_dw_bytes(wide), line_bytes = p.w * p.c;
  uint8_t *const constants = (uint8_t *)scratch, *const pad = constants + (ptrdiff_t)blocks * bytes;
  struct qcc_vnni_dw_row r = {{p.kind, d.e, residual, table, y}, 0, p.c, 32};
  if (qcc_vnni_dw_packs(p) > 1) {
    qcc_vnni_dw_packed(p, r, wide, d.x_pad, x, (const uint8_t *)w, bias, scale, constants);
    return;
  }
  for (int32_t b = 0; b < blocks; b++) {
    uint8_t *const block = constants + (ptrdiff_t)b * bytes;
    const int32_t twice = qcc_vnni_dw_constants(p, wide, block, (const uint8_t *)w, bias, scale, 32 * b);
    if (wide) *(qcc_vnni_word *)(void *)(block + QCC_VNNI_DW_PASSES) = 1 + twice;
  }
  for (int32_t i = 0; i < line_bytes + 32; i += 32) qcc_vnni_put_32(pad + i, _mm256_set1_epi8((int8_t)d.x_pad));
  struct qcc_vnni_dw_window window = {{0, 0, 0}, 0, p.x_signed, 0, 0, pad};
  for (int32_t line = 0; line < p.n * p.oh; line++) {
    const uint8_t *const image = x + (ptrdiff_t)(line / p.oh) * p.h * line_bytes;
    const int32_t top = line % p.oh * stride - p.pad_top;
    for (int32_t i = 0; i < 3; i++)
      window.rows[i] = top + i >= 0 && top + i < p.h ? image + (ptrdiff_t)(top + i) * line_bytes : pad;
    for (int32_t ox = 0; ox < p.ow; ox += 4) {
      const int32_t count = p.ow - ox < 4 ? p.ow - ox : 4;
      const ptrdiff_t at = ((ptrdiff_t)line * p.ow + ox) * p.c;
      window.left = ox == 0 && p.pad_left > 0;
      window.right = (ox + count - 1) * stride + 2 - p.pad_left >= p.w;
      window.from = ((ptrdiff_t)ox * stride - p.pad_left) * p.c;
      r.block = constants;
      for (int32_t channel = 0; channel < p.c; channel += 32, window.from += 32, r.block += bytes) {
        const int32_t passes = wide ? *(const qcc_vnni_word *)(const void *)(r.block + QCC_VNNI_DW_PASSES) : 1;
        r.valid = p.c % 32 == 0 || p.c - channel > 32 ? 32 : p.c - channel;
        qcc_vnni_dw_tile(r, window, stride, passes, count, at + channel);
      }
    }
  }
}

#define QCC_VNNI_DWCONV2D(name, stride, wide)                                                                          \
  QCC_INLINE void qcc_dwconv2d_q8__##name##__x86_avx512vnni(                                                     \
      struct qcc_dwconv2d_q8_params p, struct qcc_dwconv2d_q8_data d, const uint8_t *x, const void *w,           \
      const int32_t *bias, const void *scale, const uint8_t *residual, const uint8_t *table, void *y,            \
      void *scratch) {                                                                                           \
    qcc_vnni_dwconv2d(stride, wide, p, d, x, w, bias, (const qcc_vnni_word *)scale, residual, table, y, scratch);        \
  }

QCC_VNNI_DWCONV2D(3x3s1, 1, 0)
QCC_VNNI_DWCONV2D(3x3s2, 2, 0)
QCC_VNNI_DWCONV2D(3x3s1w, 1, 1)
QCC_VNNI_DWCONV2D(3x3s2w, 2, 1)

#endif
