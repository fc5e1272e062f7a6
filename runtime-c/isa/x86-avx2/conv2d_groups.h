/* SPDX-License-Identifier: 0BSD */
/* conv2d_q8 on AVX2 for groups of 4 or 8 channels in and out: a panel of 16 output channels takes several groups, each lane its own
 * group's activations. Neither lanes nor products are idle, and a pixel's epilogue stands once for all groups of its panel.
 *
 *   for each panel:            channels o .. o + 15, of x and of y
 *     for each row of y:       the rows of x under it, widened to s16, in a ring
 *       for each 4 pixels:     for each tap, for each pair of a group's channels: vpmaddwd, vpaddd
 *
 * A pixel in the ring. Groups of 8: its 16 channels; a pair broadcast is what 8 lanes want. Groups of 4: each pair four times,
 *
 *   [a01 a01 a01 a01 b01 b01 b01 b01 | c01 .. d01 ..] [a23 .. b23 .. | c23 .. d23 ..]       a, b, c, d: groups; |: lanes 0-7, 8-15
 *
 * Registers: 8 accumulators cR0 (lanes 0-7), cR1 (8-15), 2 of weights, activations, product. */
#ifndef QCC_X86_AVX2_CONV2D_GROUPS_H
#define QCC_X86_AVX2_CONV2D_GROUPS_H

#include "conv2d_tile.h"
#include "qcc/conv2d_q8.h"

enum { QCC_AVX2_GROUP_PIXELS = 4 };

/* The ring of one panel: row iy of the image, counted from the first window's top, in slot iy % span; column i holds the image's
 * column i - pad_left or padding. */
struct qcc_avx2_group_ring {
  struct qcc_conv2d_q8_params p;
  int32_t span, columns;
  int32_t each;  /* channels of a group, a literal */
  int32_t pixel; /* bytes */
  __m256i pad;
  const uint8_t *end; /* of x */
  uint8_t *rows;
};

QCC_INLINE int32_t qcc_avx2_group_columns(struct qcc_conv2d_q8_params p) {
  return ((p.ow + 3) / 4 * 4 - 1) * p.sw + (p.kw - 1) * p.dw + 1;
}

QCC_INLINE void qcc_avx2_group_put(struct qcc_avx2_group_ring r, uint8_t *to, __m256i v) {
  if (r.each == 8) {
    qcc_avx2_store(to, v);
    return;
  }
  qcc_avx2_store(to, _mm256_permutevar8x32_epi32(v, _mm256_setr_epi32(0, 0, 0, 0, 2, 2, 2, 2)));
  qcc_avx2_store(to + 32, _mm256_permutevar8x32_epi32(v, _mm256_setr_epi32(4, 4, 4, 4, 6, 6, 6, 6)));
  qcc_avx2_store(to + 64, _mm256_permutevar8x32_epi32(v, _mm256_setr_epi32(1, 1, 1, 1, 3, 3, 3, 3)));
  qcc_avx2_store(to + 96, _mm256_permutevar8x32_epi32(v, _mm256_setr_epi32(5, 5, 5, 5, 7, 7, 7, 7)));
}

/* Row iy of an image, whose first pixel's channels of this panel lie at `from`. */
QCC_INLINE void qcc_avx2_group_fill(struct qcc_avx2_group_ring r, int32_t slot, const uint8_t *from, int32_t iy, int32_t valid) {
  const struct qcc_conv2d_q8_params p = r.p;
  uint8_t *to = r.rows + (ptrdiff_t)slot * r.columns * r.pixel;
  const int32_t most = r.columns > p.pad_left ? r.columns - p.pad_left : 0, inside = p.w < most ? p.w : most;
  const int32_t count = iy >= 0 && iy < p.h ? inside : 0, left = count > 0 ? p.pad_left : 0;
  const uint8_t *x = from + (ptrdiff_t)iy * p.w * p.c;
  for (int32_t i = 0; i < left; i++, to += r.pixel) qcc_avx2_group_put(r, to, r.pad);
  for (int32_t i = 0; i < count; i++, to += r.pixel, x += p.c)
    qcc_avx2_group_put(r, to, qcc_avx2_widen(qcc_avx2_load_up_to_16(x, valid, r.end), p.x_signed));
  for (int32_t i = left + count; i < r.columns; i++, to += r.pixel) qcc_avx2_group_put(r, to, r.pad);
}

/* Pair `pair` of the groups of lanes 0-7 (half 0) or 8-15, of the pixel at `at`. */
QCC_INLINE __m256i qcc_avx2_group_x(int32_t each, const uint8_t *at, int32_t pair, int32_t half) {
  return each == 8 ? qcc_avx2_broadcast_word(at + 16 * half + 4 * pair) : qcc_avx2_load(at + 64 * pair + 32 * half);
}

#define QCC_AVX2_GROUP_ROW(r)                                                                                      \
  c##r##0 = qcc_avx2_dot(QCC_AVX2_PAIRS, c##r##0, qcc_avx2_group_x(ring.each, a + (r) * next, pair, 0), w0);      \
  c##r##1 = qcc_avx2_dot(QCC_AVX2_PAIRS, c##r##1, qcc_avx2_group_x(ring.each, a + (r) * next, pair, 1), w1);
#define QCC_AVX2_GROUP_PAIR(i)                                                          \
  {                                                                                     \
    const int32_t pair = (i);                                                           \
    const __m256i w0 = qcc_avx2_load(w + 64 * pair), w1 = qcc_avx2_load(w + 64 * pair + 32); \
    QCC_AVX2_GROUP_ROW(0)                                                               \
    QCC_AVX2_GROUP_ROW(1)                                                               \
    QCC_AVX2_GROUP_ROW(2)                                                               \
    QCC_AVX2_GROUP_ROW(3)                                                               \
  }
#define QCC_AVX2_GROUP_KEEP(r)           \
  qcc_avx2_store(sums + 16 * (r), c##r##0); \
  qcc_avx2_store(sums + 16 * (r) + 8, c##r##1);

/* The sums of 4 pixels from column ox; slot: that of the window's first row. */
QCC_INLINE void qcc_avx2_group_tile(struct qcc_avx2_group_ring ring, int32_t slot, int32_t ox, const uint8_t *w, const int32_t *bias,
                                    int32_t *sums) {
  const struct qcc_conv2d_q8_params p = ring.p;
  const ptrdiff_t next = (ptrdiff_t)p.sw * ring.pixel;
  __m256i c00 = qcc_avx2_load(bias), c01 = qcc_avx2_load(bias + 8);
  __m256i c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01;
  for (int32_t ky = 0; ky < p.kh; ky++) {
    const int32_t row = (slot + ky * p.dh) % ring.span;
    const uint8_t *a = ring.rows + (ptrdiff_t)row * ring.columns * ring.pixel + ox * next;
    for (int32_t kx = 0; kx < p.kw; kx++, a += p.dw * ring.pixel, w += 32 * ring.each) {
      QCC_AVX2_OPAQUE(a); /* gcc keeps what the next tap's pixels share, on the stack */
      QCC_AVX2_GROUP_PAIR(0)
      QCC_AVX2_GROUP_PAIR(1)
      if (ring.each == 8) QCC_AVX2_GROUP_PAIR(2)
      if (ring.each == 8) QCC_AVX2_GROUP_PAIR(3)
    }
  }
  QCC_AVX2_GROUP_KEEP(0)
  QCC_AVX2_GROUP_KEEP(1)
  QCC_AVX2_GROUP_KEEP(2)
  QCC_AVX2_GROUP_KEEP(3)
}

/* Of `count` pixels by twos, the last one of an odd number twice. */
QCC_INLINE void qcc_avx2_group_finish(struct qcc_avx2_output out, const int32_t *sums, int32_t count, const void *scale, ptrdiff_t at,
                                      ptrdiff_t y_stride, int32_t valid) {
  for (int32_t i = 0; i < count; i += 2) {
    const int32_t second = i + 1 < count ? i + 1 : i;
    qcc_avx2_finish(out, 2, qcc_avx2_load(sums + 16 * i), qcc_avx2_load(sums + 16 * i + 8), qcc_avx2_load(sums + 16 * second),
                    qcc_avx2_load(sums + 16 * second + 8), scale, at + i * y_stride, at + second * y_stride, valid);
  }
}

/* each, the channels of a group, is a literal at every call. */
QCC_INLINE void qcc_avx2_conv2d_groups(int32_t each, struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x,
                                       const uint8_t *w, const int32_t *bias, const qcc_avx2_word *scale, const uint8_t *residual,
                                       const uint8_t *table, void *y, void *scratch) {
  const int32_t words = qcc_scale_words(p.kind);
  const struct qcc_avx2_output out = {p.kind, d.e, QCC_AVX2_NATURAL, residual, table, y, 0};
  const struct qcc_avx2_group_ring ring = {
      p, (p.kh - 1) * p.dh + 1, qcc_avx2_group_columns(p), each, each == 8 ? 32 : 128, _mm256_set1_epi16((int16_t)d.x_pad),
      x + (ptrdiff_t)p.n * p.h * p.w * p.c, (uint8_t *)scratch};
  int32_t sums[16 * QCC_AVX2_GROUP_PIXELS];
  for (int32_t o = 0; o < p.oc; o += 16, w += 32 * (ptrdiff_t)p.kh * p.kw * each) {
    const int32_t valid = p.oc % 16 == 0 || p.oc - o > 16 ? 16 : p.oc - o;
    for (int32_t line = 0; line < p.n * p.oh; line++) {
      const int32_t oy = line % p.oh, top = oy * p.sh;
      /* Those of the window above are still there. */
      const int32_t filled = oy == 0 ? 0 : top - p.sh + ring.span;
      for (int32_t row = filled > top ? filled : top; row < top + ring.span; row++)
        qcc_avx2_group_fill(ring, row % ring.span, x + (ptrdiff_t)(line / p.oh) * p.h * p.w * p.c + o, row - p.pad_top, valid);
      for (int32_t ox = 0; ox < p.ow; ox += QCC_AVX2_GROUP_PIXELS) {
        qcc_avx2_group_tile(ring, top % ring.span, ox, w, bias + o, sums);
        qcc_avx2_group_finish(out, sums, p.ow - ox < QCC_AVX2_GROUP_PIXELS ? p.ow - ox : QCC_AVX2_GROUP_PIXELS,
                              words ? scale + (ptrdiff_t)o * words : scale, ((ptrdiff_t)line * p.ow + ox) * p.oc + o, p.oc, valid);
      }
    }
  }
}

QCC_INLINE void qcc_conv2d_q8__4x16g__x86_avx2(struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x,
                                               const void *w, const int32_t *bias, const void *scale, const uint8_t *residual,
                                               const uint8_t *table, void *y, void *scratch) {
  if (p.c == 8 * p.groups)
    qcc_avx2_conv2d_groups(8, p, d, x, (const uint8_t *)w, bias, (const qcc_avx2_word *)scale, residual, table, y, scratch);
  else
    qcc_avx2_conv2d_groups(4, p, d, x, (const uint8_t *)w, bias, (const qcc_avx2_word *)scale, residual, table, y, scratch);
}

#endif
