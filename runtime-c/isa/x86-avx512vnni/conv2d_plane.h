/* SPDX-License-Identifier: 0BSD */
/* conv2d_q8 of images with one channel (grey pictures, spectrograms), with vpdpbusd: a vector holds 16 pixels of one output row,
 * not 16 output channels, so that few output channels waste nothing and no activation is copied once for each tap.
 *
 *   rows:    the kh input rows under the window, u8, with their borders; columns j * sw + f apart for each phase f
 *   streams: doublewords of four taps for each column: of four rows, of what rows are left over (kh % 4 is 1: four columns of the
 *            row, 2: two columns of two rows, 3: three rows and a tap of weight 0)
 *   tile:    c[o] += stream[column of the step + 0..15] * the step's four weights of output channel o
 *
 * An output row's streams serve all its taps: each step reads one of them from another column on. The weights lie as
 * `columns4_s8` says, [oc][steps][4]. Registers: 8 or 16 sums, the pixels' taps; weights are broadcast from memory.
 * Invariant: columns past the last window hold any value, their results are not stored. */
#ifndef QCC_X86_AVX512VNNI_CONV2D_PLANE_H
#define QCC_X86_AVX512VNNI_CONV2D_PLANE_H

#include "qcc/conv2d_q8.h"
#include "simd.h"
#include "simd_epilogue.h"

struct qcc_vnni_plane {
  struct qcc_conv2d_q8_params p;
  int32_t length;    /* columns of a stream */
  int32_t *offsets;  /* of each step: bytes from a line's streams to the doubleword of column 0 */
  uint8_t *rows;     /* [kh][phases][length + 32] */
  __m512i flip, pad; /* pad: as it is stored in a row */
};

QCC_INLINE int32_t qcc_vnni_plane_length(struct qcc_conv2d_q8_params p) { return (p.ow / 16 + p.kw / 16 + 4) * 16; }

/* Columns of one step of a quad that begins with row ky: 1, or the taps of each row that it takes. */
QCC_INLINE int32_t qcc_vnni_plane_columns(struct qcc_conv2d_q8_params p, int32_t ky) {
  return p.kh - ky == 1 ? 4 : p.kh - ky == 2 ? 2 : 1;
}

QCC_INLINE int32_t qcc_vnni_plane_steps(struct qcc_conv2d_q8_params p) {
  const int32_t last = p.kh / 4 * 4, columns = qcc_vnni_plane_columns(p, last);
  return p.kh / 4 * p.kw + (last < p.kh ? (p.kw + columns - 1) / columns : 0);
}

QCC_INLINE uint8_t *qcc_vnni_plane_row(struct qcc_vnni_plane s, int32_t row, int32_t phase) {
  return s.rows + (ptrdiff_t)(row % s.p.kh * s.p.sw + phase) * (s.length + 32);
}

QCC_INLINE void qcc_vnni_plane_offsets(struct qcc_vnni_plane s) {
  int32_t *to = s.offsets;
  for (int32_t ky = 0; ky < s.p.kh; ky += 4)
    for (int32_t kx = 0; kx < s.p.kw; kx += qcc_vnni_plane_columns(s.p, ky))
      *to++ = ((ky / 4 * s.p.sw + kx % s.p.sw) * s.length + kx / s.p.sw) * 4;
}

/* Padding in `count` phases of rows. */
QCC_INLINE void qcc_vnni_plane_clear(struct qcc_vnni_plane s, uint8_t *to, int32_t count) {
  for (int32_t i = 0; i < count * (s.length + 32); i += 16)
    _mm_storeu_si128((__m128i *)(void *)(to + i), _mm512_castsi512_si128(s.pad));
}

/* The first `count` of 16 words that are bytes. */
QCC_INLINE void qcc_vnni_plane_put(uint8_t *to, __m256i words, int32_t count) {
  qcc_vnni_store_up_to_16(to, _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1)), count);
}

/* Row `row`, counted from the top of the first window, of image n into its place. */
QCC_INLINE void qcc_vnni_plane_fill(struct qcc_vnni_plane s, int32_t row, int32_t n, const uint8_t *x) {
  const struct qcc_conv2d_q8_params p = s.p;
  const int32_t iy = row - p.pad_top, room = s.length * p.sw - p.pad_left, width = p.w < room ? p.w : room;
  const uint8_t *const from = x + ((ptrdiff_t)n * p.h + iy) * p.w;
  if (iy < 0 || iy >= p.h) {
    uint8_t *const to = qcc_vnni_plane_row(s, row, 0);
    qcc_vnni_plane_clear(s, to, p.sw);
  } else if (p.sw == 1) {
    uint8_t *const to = qcc_vnni_plane_row(s, row, 0) + p.pad_left;
    for (int32_t i = 0; i < width; i += 64)
      qcc_vnni_store_up_to_64(to + i, _mm512_xor_si512(qcc_vnni_load_up_to_64(from + i, width - i), s.flip), width - i);
  } else if (p.sw == 2) {
    /* Columns of even number lie in the phase of pad_left. */
    uint8_t *const even = qcc_vnni_plane_row(s, row, p.pad_left % 2) + p.pad_left / 2;
    uint8_t *const odd = qcc_vnni_plane_row(s, row, (p.pad_left + 1) % 2) + (p.pad_left + 1) / 2;
    for (int32_t i = 0; i < width; i += 32) {
      const int32_t count = width - i < 32 ? width - i : 32;
      const __m512i stored = _mm512_xor_si512(qcc_vnni_load_up_to_64(from + i, count), s.flip);
      const __m256i v = _mm512_castsi512_si256(stored);
      qcc_vnni_plane_put(even + i / 2, _mm256_and_si256(v, _mm256_set1_epi16(255)), (count + 1) / 2);
      qcc_vnni_plane_put(odd + i / 2, _mm256_srli_epi16(v, 8), count / 2);
    }
  } else {
    for (int32_t i = 0; i < width; i++)
      qcc_vnni_plane_row(s, row, (p.pad_left + i) % p.sw)[(p.pad_left + i) / p.sw] = (uint8_t)(from[i] ^ (p.x_signed ? 128 : 0));
  }
}

/* The rows under the windows of an output row that the ones before had not. */
QCC_INLINE void qcc_vnni_plane_rows(struct qcc_vnni_plane s, int32_t line, const uint8_t *x) {
  const int32_t oy = line % s.p.oh, top = oy * s.p.sh, filled = oy == 0 ? 0 : top - s.p.sh + s.p.kh;
  for (int32_t row = filled > top ? filled : top; row < top + s.p.kh; row++) qcc_vnni_plane_fill(s, row, line / s.p.oh, x);
}

/* Doublewords of the bytes at a, b, c and d, `length` of them, a multiple of 16. */
QCC_INLINE void qcc_vnni_plane_interleave(uint8_t *to, const uint8_t *a, const uint8_t *b, const uint8_t *c, const uint8_t *d,
                                          int32_t length) {
#define QCC_VNNI_PLANE_LOAD(p) _mm_loadu_si128((const __m128i *)(const void *)((p) + i))
#define QCC_VNNI_PLANE_PUT(k, v) _mm_storeu_si128((__m128i *)(void *)(to + 4 * (ptrdiff_t)i + 16 * (k)), v)
  for (int32_t i = 0; i < length; i += 16) {
    const __m128i va = QCC_VNNI_PLANE_LOAD(a), vb = QCC_VNNI_PLANE_LOAD(b);
    const __m128i vc = QCC_VNNI_PLANE_LOAD(c), vd = QCC_VNNI_PLANE_LOAD(d);
    const __m128i ab = _mm_unpacklo_epi8(va, vb), ab_high = _mm_unpackhi_epi8(va, vb);
    const __m128i cd = _mm_unpacklo_epi8(vc, vd), cd_high = _mm_unpackhi_epi8(vc, vd);
    QCC_VNNI_PLANE_PUT(0, _mm_unpacklo_epi16(ab, cd));
    QCC_VNNI_PLANE_PUT(1, _mm_unpackhi_epi16(ab, cd));
    QCC_VNNI_PLANE_PUT(2, _mm_unpacklo_epi16(ab_high, cd_high));
    QCC_VNNI_PLANE_PUT(3, _mm_unpackhi_epi16(ab_high, cd_high));
  }
#undef QCC_VNNI_PLANE_LOAD
#undef QCC_VNNI_PLANE_PUT
}

/* The streams of the windows whose first row is `top`: [quads of rows][phases][length] doublewords. */
QCC_INLINE void qcc_vnni_plane_streams(struct qcc_vnni_plane s, uint8_t *to, int32_t top) {
  const int32_t phases = s.p.sw;
  for (int32_t ky = 0; ky < s.p.kh; ky += 4)
    for (int32_t f = 0; f < phases; f++, to += 4 * (ptrdiff_t)s.length) {
      const int32_t columns = qcc_vnni_plane_columns(s.p, ky), rows = s.p.kh - ky < 4 ? s.p.kh - ky : 4;
      const uint8_t *from[4];
      for (int32_t i = 0; i < 4; i++) {
        /* Four rows in order, one four times, two twice; of three the first stands in for the missing one. */
        const int32_t column = f + (columns == 1 ? 0 : i / rows);
        from[i] = qcc_vnni_plane_row(s, top + ky + i % rows, column % phases) + column / phases;
      }
      qcc_vnni_plane_interleave(to, from[0], from[1], from[2], from[3], s.length);
    }
}

/* What the tiles of one group of output channels share. */
struct qcc_vnni_plane_group {
  int32_t steps, oc, valid; /* channels that exist, of 8 or 16 */
  const uint8_t *w;
  const int32_t *bias;
  const qcc_vnni_word *scale;
  struct qcc_vnni_output out;
};

/* Bytes of 16 pixels and four channels, of a pixel side by side. */
QCC_INLINE __m512i qcc_vnni_plane_finish(struct qcc_vnni_plane_group g, struct qcc_vnni_four acc, int32_t o) {
#define QCC_VNNI_PLANE_WORD(k, i) \
  _mm512_set1_epi32(g.scale[qcc_scale_words(g.out.kind) * (o + (k) < g.valid ? o + (k) : 0) + (i)])
  const struct qcc_vnni_four m = {QCC_VNNI_PLANE_WORD(0, 0), QCC_VNNI_PLANE_WORD(1, 0), QCC_VNNI_PLANE_WORD(2, 0),
                                  QCC_VNNI_PLANE_WORD(3, 0)};
  if (g.out.kind.rounding != QCC_ROUND_ONNX) {
    acc.a = qcc_vnni_fixed(g.out.kind, acc.a, (struct qcc_vnni_pairs){m.a, QCC_VNNI_PLANE_WORD(0, 1)});
    acc.b = qcc_vnni_fixed(g.out.kind, acc.b, (struct qcc_vnni_pairs){m.b, QCC_VNNI_PLANE_WORD(1, 1)});
    acc.c = qcc_vnni_fixed(g.out.kind, acc.c, (struct qcc_vnni_pairs){m.c, QCC_VNNI_PLANE_WORD(2, 1)});
    acc.d = qcc_vnni_fixed(g.out.kind, acc.d, (struct qcc_vnni_pairs){m.d, QCC_VNNI_PLANE_WORD(3, 1)});
  }
#undef QCC_VNNI_PLANE_WORD
  __m512i v = qcc_vnni_bytes(g.out, QCC_VNNI_LANES, acc, m, acc);
  if (g.out.kind.has_lookup) v = qcc_vnni_lookup(g.out.table, v);
  const int32_t p0 = 0x0c080400, p1 = 0x0d090501, p2 = 0x0e0a0602, p3 = 0x0f0b0703;
  return _mm512_shuffle_epi8(v, _mm512_setr_epi32(p0, p1, p2, p3, p0, p1, p2, p3, p0, p1, p2, p3, p0, p1, p2, p3));
}

QCC_INLINE void qcc_vnni_plane_put_pixel(uint8_t *y, __m128i v, int32_t valid) {
  if (valid == 8)
    _mm_storel_epi64((__m128i *)(void *)y, v);
  else
    qcc_vnni_store_up_to_16(y, v, valid);
}

/* Pixels 4 * lane + k, k = 0 to 3, of which `pixels` exist: a lane of v is a pixel's bytes. */
#define QCC_VNNI_PLANE_STORE(lane, k, v) \
  if (4 * (lane) + (k) < pixels)         \
    qcc_vnni_plane_put_pixel(y + (ptrdiff_t)(4 * (lane) + (k)) * g.oc, _mm512_extracti32x4_epi32(v, lane), g.valid);
#define QCC_VNNI_PLANE_LANE(lane)   \
  QCC_VNNI_PLANE_STORE(lane, 0, p0) \
  QCC_VNNI_PLANE_STORE(lane, 1, p1) \
  QCC_VNNI_PLANE_STORE(lane, 2, p2) \
  QCC_VNNI_PLANE_STORE(lane, 3, p3)

/* b: bytes of 16 pixels' channels 0 to 3, 4 to 7, 8 to 11, 12 to 15. */
QCC_INLINE void qcc_vnni_plane_store_16(struct qcc_vnni_plane_group g, uint8_t *y, int32_t pixels, struct qcc_vnni_four b) {
  const __m512i low = _mm512_unpacklo_epi32(b.a, b.b), high = _mm512_unpackhi_epi32(b.a, b.b);
  const __m512i low2 = _mm512_unpacklo_epi32(b.c, b.d), high2 = _mm512_unpackhi_epi32(b.c, b.d);
  const __m512i p0 = _mm512_unpacklo_epi64(low, low2), p1 = _mm512_unpackhi_epi64(low, low2);
  const __m512i p2 = _mm512_unpacklo_epi64(high, high2), p3 = _mm512_unpackhi_epi64(high, high2);
  QCC_VNNI_PLANE_LANE(0)
  QCC_VNNI_PLANE_LANE(1)
  QCC_VNNI_PLANE_LANE(2)
  QCC_VNNI_PLANE_LANE(3)
}

/* Where there are no other channels than 8, pixels are side by side: eight in each vector. */
QCC_INLINE void qcc_vnni_plane_store_8(struct qcc_vnni_plane_group g, uint8_t *y, int32_t pixels, __m512i u, __m512i v) {
  if (g.oc == 8) {
    const __m512i order = _mm512_setr_epi32(0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15);
    u = _mm512_permutexvar_epi32(order, u);
    v = _mm512_permutexvar_epi32(order, v);
  }
  const __m512i low = _mm512_unpacklo_epi32(u, v), high = _mm512_unpackhi_epi32(u, v);
  if (g.oc == 8) {
    qcc_vnni_store_up_to_64(y, low, 8 * pixels);
    qcc_vnni_store_up_to_64(y + 64, high, 8 * pixels - 64);
    return;
  }
  const __m512i p0 = low, p1 = _mm512_unpackhi_epi64(low, low), p2 = high, p3 = _mm512_unpackhi_epi64(high, high);
  QCC_VNNI_PLANE_LANE(0)
  QCC_VNNI_PLANE_LANE(1)
  QCC_VNNI_PLANE_LANE(2)
  QCC_VNNI_PLANE_LANE(3)
}

#define QCC_VNNI_PLANE_EIGHT(DO, n) DO(n, 0) DO(n, 1) DO(n, 2) DO(n, 3) DO(n, 4) DO(n, 5) DO(n, 6) DO(n, 7)
#define QCC_VNNI_PLANE_AT(n, k) (8 * (n) + (k) < g.valid ? 8 * (n) + (k) : 0)
#define QCC_VNNI_PLANE_START(n, k) qcc_vnni_sums c##n##k = QCC_VNNI_SUMS(_mm512_set1_epi32(g.bias[QCC_VNNI_PLANE_AT(n, k)]));
#define QCC_VNNI_PLANE_DOT(n, k) \
  c##n##k = qcc_vnni_dot(c##n##k, x, qcc_vnni_broadcast_word(w + 4 * (ptrdiff_t)g.steps * QCC_VNNI_PLANE_AT(n, k)));
#define QCC_VNNI_PLANE_FOUR(a, b, c, d) \
  (struct qcc_vnni_four) { QCC_VNNI_BITS(a), QCC_VNNI_BITS(b), QCC_VNNI_BITS(c), QCC_VNNI_BITS(d) }

/* 16 pixels and 8 or 16 channels, a literal; y: the first channel of the first pixel, of which `pixels` exist. */
QCC_INLINE void qcc_vnni_plane_tile(int32_t channels, struct qcc_vnni_plane_group g, const uint8_t *streams, const int32_t *offsets,
                                    uint8_t *y, int32_t pixels) {
  const uint8_t *w = g.w;
  /* Read for every tile anew: broadcast once they would fill the stack. */
  QCC_VNNI_HERE(w);
  QCC_VNNI_HERE(g.bias);
  QCC_VNNI_HERE(g.scale);
  QCC_VNNI_PLANE_EIGHT(QCC_VNNI_PLANE_START, 0)
  QCC_VNNI_PLANE_EIGHT(QCC_VNNI_PLANE_START, 1)
  for (int32_t s = 0; s < g.steps; s++, w += 4) {
    const __m512i x = qcc_vnni_load(streams + offsets[s]);
    QCC_VNNI_PLANE_EIGHT(QCC_VNNI_PLANE_DOT, 0)
    if (channels > 8) {
      QCC_VNNI_PLANE_EIGHT(QCC_VNNI_PLANE_DOT, 1)
    }
  }
  const __m512i u = qcc_vnni_plane_finish(g, QCC_VNNI_PLANE_FOUR(c00, c01, c02, c03), 0);
  const __m512i v = g.valid > 4 ? qcc_vnni_plane_finish(g, QCC_VNNI_PLANE_FOUR(c04, c05, c06, c07), 4) : u;
  if (channels == 8) {
    qcc_vnni_plane_store_8(g, y, pixels, u, v);
  } else {
    const __m512i s = qcc_vnni_plane_finish(g, QCC_VNNI_PLANE_FOUR(c10, c11, c12, c13), 8);
    const __m512i t = g.valid > 12 ? qcc_vnni_plane_finish(g, QCC_VNNI_PLANE_FOUR(c14, c15, c16, c17), 12) : s;
    qcc_vnni_plane_store_16(g, y, pixels, (struct qcc_vnni_four){u, v, s, t});
  }
}

/* One output row, one group of channels. */
QCC_INLINE void qcc_vnni_plane_line(int32_t channels, struct qcc_vnni_plane_group g, struct qcc_vnni_plane s, const uint8_t *streams,
                                    uint8_t *y) {
  for (int32_t ox = 0; ox < s.p.ow; ox += 16)
    qcc_vnni_plane_tile(channels, g, streams + 4 * (ptrdiff_t)ox, s.offsets, y + (ptrdiff_t)ox * g.oc,
                        s.p.ow - ox < 16 ? s.p.ow - ox : 16);
}

QCC_INLINE void qcc_conv2d_q8__row16__x86_avx512vnni(struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x,
                                                     const void *w, const int32_t *bias, const void *scale, const uint8_t *residual,
                                                     const uint8_t *table, void *y, void *scratch) {
  const int32_t length = qcc_vnni_plane_length(p), quads = (p.kh + 3) / 4, steps = qcc_vnni_plane_steps(p), lines = p.n * p.oh;
  const int32_t flip = p.x_signed ? 128 : 0, words = qcc_scale_words(p.kind);
  const ptrdiff_t bytes = 4 * (ptrdiff_t)length * p.sw * quads;
  uint8_t *const streams = (uint8_t *)scratch, *const offsets = streams + 2 * bytes;
  const struct qcc_vnni_plane s = {p, length, (int32_t *)(void *)offsets, offsets + 4 * (ptrdiff_t)quads * p.kw,
                                   _mm512_set1_epi8((int8_t)(uint8_t)flip), _mm512_set1_epi8((int8_t)(uint8_t)((d.x_pad & 255) ^ flip))};
  struct qcc_vnni_plane_group g = {steps, p.oc, 0, 0, 0, 0, {p.kind, d.e, residual, table, y}};
  qcc_vnni_plane_offsets(s);
  qcc_vnni_plane_clear(s, s.rows, p.kh * p.sw);
  /* What a line is made of is written a line before it is read: loads that span two stores wait until those are done. */
  for (int32_t line = 0; line < lines + 2; line++) {
    if (line > 0 && line <= lines) qcc_vnni_plane_streams(s, streams + (line - 1) % 2 * bytes, (line - 1) % p.oh * p.sh);
    if (line < lines) qcc_vnni_plane_rows(s, line, x);
    for (int32_t o = 0; line > 1 && o < p.oc; o += 16) {
      const uint8_t *const now = streams + (line - 2) % 2 * bytes;
      uint8_t *const to = (uint8_t *)y + (ptrdiff_t)(line - 2) * p.ow * p.oc + o;
      g.valid = p.oc - o < 16 ? p.oc - o : 16;
      g.w = (const uint8_t *)w + 4 * (ptrdiff_t)steps * o;
      g.bias = bias + o;
      g.scale = (const qcc_vnni_word *)scale + words * (ptrdiff_t)o;
      if (g.valid > 8)
        qcc_vnni_plane_line(16, g, s, now, to);
      else
        qcc_vnni_plane_line(8, g, s, now, to);
    }
  }
}

#endif
