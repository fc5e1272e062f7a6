/* SPDX-License-Identifier: 0BSD */
/* conv2d_q8 with vpdpbusd for groups of 4 or 8 channels in and out, as x86-avx2/conv2d_groups.h has it: a panel of 16 output channels
 * takes several groups, each lane its own group's activations.
 *
 *   for each panel:            channels o .. o + 15, of x and of y
 *     for each row of y:       the rows of x under it, as u8, in a ring
 *       for each 8 pixels:     for each tap, for each 4 of a group's channels: vpdpbusd
 *
 * A pixel in the ring: 64 bytes of groups of 4, a word for each lane, [a a a a b b b b c c c c d d d d]; of groups of 8 two times
 * that, [a0 x 8, b0 x 8], [a1 x 8, b1 x 8]. Registers: 8 accumulators, weights, activations. */
#ifndef QCC_X86_AVX512VNNI_CONV2D_GROUPS_H
#define QCC_X86_AVX512VNNI_CONV2D_GROUPS_H

#include "conv2d_tile.h"
#include "qcc/conv2d_q8.h"

enum { QCC_VNNI_GROUP_PIXELS = 8 };

/* The ring of one panel: row iy of the image, counted from the first window's top, in slot iy % span; column i holds the image's
 * column i - pad_left or padding. */
struct qcc_vnni_group_ring {
  struct qcc_conv2d_q8_params p;
  int32_t span, columns;
  int32_t each; /* channels of a group, a literal; a pixel takes 16 times as many bytes */
  __m128i flip, pad;
  uint8_t *rows;
};

QCC_INLINE int32_t qcc_vnni_group_columns(struct qcc_conv2d_q8_params p) {
  return ((p.ow + 7) / 8 * 8 - 1) * p.sw + (p.kw - 1) * p.dw + 1;
}

QCC_INLINE void qcc_vnni_group_put(struct qcc_vnni_group_ring r, uint8_t *to, __m128i v) {
  const __m512i x = _mm512_castsi128_si512(v);
  if (r.each == 4) {
    qcc_vnni_store(to, _mm512_permutexvar_epi32(_mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3), x));
    return;
  }
  qcc_vnni_store(to, _mm512_permutexvar_epi32(_mm512_setr_epi32(0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 2, 2, 2, 2, 2, 2), x));
  qcc_vnni_store(to + 64, _mm512_permutexvar_epi32(_mm512_setr_epi32(1, 1, 1, 1, 1, 1, 1, 1, 3, 3, 3, 3, 3, 3, 3, 3), x));
}

/* Row iy of an image, whose first pixel's channels of this panel lie at `from`. */
QCC_INLINE void qcc_vnni_group_fill(struct qcc_vnni_group_ring r, int32_t slot, const uint8_t *from, int32_t iy, int32_t valid) {
  const struct qcc_conv2d_q8_params p = r.p;
  const ptrdiff_t pixel = 16 * r.each;
  uint8_t *to = r.rows + (ptrdiff_t)slot * r.columns * pixel;
  const int32_t most = r.columns > p.pad_left ? r.columns - p.pad_left : 0, inside = p.w < most ? p.w : most;
  const int32_t count = iy >= 0 && iy < p.h ? inside : 0, left = count > 0 ? p.pad_left : 0;
  const uint8_t *x = from + (ptrdiff_t)iy * p.w * p.c;
  for (int32_t i = 0; i < left; i++, to += pixel) qcc_vnni_group_put(r, to, r.pad);
  for (int32_t i = 0; i < count; i++, to += pixel, x += p.c)
    qcc_vnni_group_put(r, to, _mm_xor_si128(qcc_vnni_load_up_to_16(x, valid), r.flip));
  for (int32_t i = left + count; i < r.columns; i++, to += pixel) qcc_vnni_group_put(r, to, r.pad);
}

#define QCC_VNNI_GROUP_STEP(word)                                             \
  {                                                                           \
    const __m512i v = qcc_vnni_load(w + 64 * (word));                         \
    const uint8_t *const x = a + 64 * (word);                                 \
    c0 = qcc_vnni_dot(c0, qcc_vnni_load(x), v);                               \
    c1 = qcc_vnni_dot(c1, qcc_vnni_load(x + next), v);                        \
    c2 = qcc_vnni_dot(c2, qcc_vnni_load(x + 2 * next), v);                    \
    c3 = qcc_vnni_dot(c3, qcc_vnni_load(x + 3 * next), v);                    \
    c4 = qcc_vnni_dot(c4, qcc_vnni_load(x + 4 * next), v);                    \
    c5 = qcc_vnni_dot(c5, qcc_vnni_load(x + 5 * next), v);                    \
    c6 = qcc_vnni_dot(c6, qcc_vnni_load(x + 6 * next), v);                    \
    c7 = qcc_vnni_dot(c7, qcc_vnni_load(x + 7 * next), v);                    \
  }

/* The sums of 8 pixels from column ox; slot: that of the window's first row. */
QCC_INLINE void qcc_vnni_group_tile(struct qcc_vnni_group_ring ring, int32_t slot, int32_t ox, const uint8_t *w, const int32_t *bias,
                                    int32_t *sums) {
  const struct qcc_conv2d_q8_params p = ring.p;
  const ptrdiff_t pixel = 16 * ring.each, next = p.sw * pixel;
  qcc_vnni_sums c0 = QCC_VNNI_SUMS(qcc_vnni_load(bias)), c1 = c0, c2 = c0, c3 = c0, c4 = c0, c5 = c0, c6 = c0, c7 = c0;
  for (int32_t ky = 0; ky < p.kh; ky++) {
    const int32_t row = (slot + ky * p.dh) % ring.span;
    const uint8_t *a = ring.rows + (ptrdiff_t)row * ring.columns * pixel + ox * next;
    for (int32_t kx = 0; kx < p.kw; kx++, a += p.dw * pixel, w += pixel) {
      QCC_VNNI_GROUP_STEP(0)
      if (ring.each == 8) QCC_VNNI_GROUP_STEP(1)
    }
  }
  qcc_vnni_store(sums, QCC_VNNI_BITS(c0));
  qcc_vnni_store(sums + 16, QCC_VNNI_BITS(c1));
  qcc_vnni_store(sums + 32, QCC_VNNI_BITS(c2));
  qcc_vnni_store(sums + 48, QCC_VNNI_BITS(c3));
  qcc_vnni_store(sums + 64, QCC_VNNI_BITS(c4));
  qcc_vnni_store(sums + 80, QCC_VNNI_BITS(c5));
  qcc_vnni_store(sums + 96, QCC_VNNI_BITS(c6));
  qcc_vnni_store(sums + 112, QCC_VNNI_BITS(c7));
}

/* each, the channels of a group, is a literal at every call. */
QCC_INLINE void qcc_vnni_conv2d_groups(int32_t each, struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x,
                                       const uint8_t *w, const int32_t *bias, const qcc_vnni_word *scale, const uint8_t *residual,
                                       const uint8_t *table, void *y, void *scratch) {
  const int32_t flip = p.x_signed ? 128 : 0;
  const struct qcc_vnni_output out = {p.kind, d.e, residual, table, y};
  const struct qcc_vnni_group_ring ring = {p, (p.kh - 1) * p.dh + 1, qcc_vnni_group_columns(p), each,
                                           _mm_set1_epi8((int8_t)(uint8_t)flip),
                                           _mm_set1_epi8((int8_t)(uint8_t)((d.x_pad & 255) ^ flip)), (uint8_t *)scratch};
  int32_t sums[16 * QCC_VNNI_GROUP_PIXELS];
  struct qcc_vnni_panels q = {0, w, bias, scale, out, p.oc, 0, 16, 0, NULL, NULL, 0, 0};
  for (int32_t o = 0; o < p.oc; o += 16, q.w += 16 * (ptrdiff_t)p.kh * p.kw * each, q.bias += 16) {
    q.valid = p.oc % 16 == 0 || p.oc - o > 16 ? 16 : p.oc - o;
    for (int32_t line = 0; line < p.n * p.oh; line++) {
      const int32_t oy = line % p.oh, top = oy * p.sh;
      /* Those of the window above are still there. */
      const int32_t filled = oy == 0 ? 0 : top - p.sh + ring.span;
      for (int32_t row = filled > top ? filled : top; row < top + ring.span; row++)
        qcc_vnni_group_fill(ring, row % ring.span, x + (ptrdiff_t)(line / p.oh) * p.h * p.w * p.c + o, row - p.pad_top, q.valid);
      for (int32_t ox = 0; ox < p.ow; ox += QCC_VNNI_GROUP_PIXELS) {
        const int32_t left = p.ow - ox, count = left < QCC_VNNI_GROUP_PIXELS ? left : QCC_VNNI_GROUP_PIXELS;
        qcc_vnni_group_tile(ring, top % ring.span, ox, q.w, q.bias, sums);
        qcc_vnni_finish_sums(count, 1, q, sums, ((ptrdiff_t)line * p.ow + ox) * p.oc + o);
      }
    }
    q.scale += 16 * qcc_scale_words(p.kind);
  }
}

QCC_INLINE void qcc_conv2d_q8__8x16g__x86_avx512vnni(struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x,
                                                     const void *w, const int32_t *bias, const void *scale, const uint8_t *residual,
                                                     const uint8_t *table, void *y, void *scratch) {
  if (p.c == 8 * p.groups)
    qcc_vnni_conv2d_groups(8, p, d, x, (const uint8_t *)w, bias, (const qcc_vnni_word *)scale, residual, table, y, scratch);
  else
    qcc_vnni_conv2d_groups(4, p, d, x, (const uint8_t *)w, bias, (const qcc_vnni_word *)scale, residual, table, y, scratch);
}

#endif
