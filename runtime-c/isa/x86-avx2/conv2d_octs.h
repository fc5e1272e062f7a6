/* SPDX-License-Identifier: 0BSD */
/* conv2d_q8 by byte multiplications that are exact for any activations and any s8 weights, straight from the image: a step reads 4
 * bytes of a window wherever they lie. vpmaddubsw multiplies u8 by s8 and adds two products in 16 bits; vpaddw adds those of two steps
 * (an oct) where the compiler found that they fit, in each of 16 output channels (src/program/octs.ts):
 *
 *   plain    x as u8, w as s8       2 weights of one sign are 128 at most together; in an oct 4
 *   signed   |w| as u8, x as s8     any weights; in an oct 4 of |w| are 256 at most together
 *
 * The second does with the signs of w, which are the same for all pixels, what conv2d_signs.h does with those of x:
 *
 *   x * w = w >= 0 ? x * |w| : ~x * |w| + |w|        sum over k = sum of |w| * (x ^ (w < 0 ? -1 : 0)) + sum of |w| where w < 0
 *
 * The last sum is a constant of the channel; what makes s8 of u8 is one more bit of the mask.
 *
 *   for each block of lines of results:   the lines under it with their padding, or the image where no window leaves it
 *     for each span of its pixels, for each panel of 16:
 *       for each chunk of 128 steps:      |w| and masks of its signed steps, where each step's 4 bytes are (scratch, in L1)
 *         tiles of 3 pixels:              plain octs, plain steps, signed octs, signed steps; sums wait for the next chunk
 *
 * Weights, per panel: of each chunk how many plain octs, plain steps without a partner, and signed octs (u8 each); then for each step
 * which 4 inputs of its chunk it multiplies, counted by fours (u8), in the order of a tile, up to a multiple of 64; then 64 bytes a
 * step. Registers: 6 accumulators, 4 of weights, 2 activations, 2 products, ones. */
#ifndef QCC_X86_AVX2_CONV2D_OCTS_H
#define QCC_X86_AVX2_CONV2D_OCTS_H

#include "qcc/conv2d_q8.h"
#include "simd.h"
#include "simd_epilogue.h"

/* Steps of a chunk, pixels of a span. */
enum { QCC_AVX2_OCTS_CHUNK = 128, QCC_AVX2_OCTS_SPAN = 256 };

/* Scratch of the kernel before its copy of lines; sums only of several chunks, or where a caller wants them. */
struct qcc_avx2_octs_scratch {
  int32_t bias[16];
  int32_t pixels[QCC_AVX2_OCTS_SPAN + 2]; /* bytes from the first window of a block to that of a pixel, of two more that of the last */
  int32_t unused[14]; /* what follows begins at a cache line */
};

/* A chunk of a panel as tiles read it: 64 bytes of each plain step's weights; of each signed step 64 bytes of |w| and 64 of masks; how
 * far behind a window's first byte each step's 4 inputs lie. Numbers of steps. */
struct qcc_avx2_octs {
  int32_t plain_octs, plain, signed_octs, all; /* each with those before */
  const uint8_t *plain_w, *signed_w;
  const ptrdiff_t *places;
};

/* Bytes before a copy of lines. */
QCC_INLINE ptrdiff_t qcc_avx2_octs_scratch_bytes(int32_t steps) {
  const ptrdiff_t head = (ptrdiff_t)sizeof(struct qcc_avx2_octs_scratch);
  return head + (steps <= QCC_AVX2_OCTS_CHUNK ? 136 * (ptrdiff_t)steps : 136 * QCC_AVX2_OCTS_CHUNK + 64 * (QCC_AVX2_OCTS_SPAN + 2));
}

QCC_INLINE ptrdiff_t qcc_avx2_octs_head(int32_t steps) {
  const int32_t chunks = (steps + QCC_AVX2_OCTS_CHUNK - 1) / QCC_AVX2_OCTS_CHUNK;
  return (ptrdiff_t)(3 * chunks + steps + 63) / 64 * 64;
}

QCC_INLINE ptrdiff_t qcc_avx2_octs_panel_bytes(int32_t steps) { return qcc_avx2_octs_head(steps) + 64 * (ptrdiff_t)steps; }

/* A panel with `valid` of so many channels has no second half; a literal where no panel is like that. */
QCC_INLINE int32_t qcc_avx2_octs_is_half(int32_t channels, int32_t valid) {
  return channels % 16 != 0 && channels % 16 <= 8 && valid <= 8;
}

/* sum += x * u + z * v: 8 inputs of a signed oct, masks in memory at m and n. In this order, which is 3 % faster on Zen 4 than what
 * compilers make of it, who also hold masks in registers that are not there. */
#define QCC_AVX2_SIGNED_OCT(sum, half)                                                                                           \
  {                                                                                                                              \
    __m256i one, other;                                                                                                          \
    __asm__("vpxor %[m], %[x], %[p]\n\tvpmaddubsw %[p], %[u], %[p]\n\tvpxor %[n], %[z], %[q]\n\tvpmaddubsw %[q], %[v], %[q]\n\t" \
            "vpaddw %[q], %[p], %[p]\n\tvpmaddwd %[ones], %[p], %[p]\n\tvpaddd %[p], %[c], %[c]"                                 \
            : [c] "+x"(sum), [p] "=&x"(one), [q] "=&x"(other)                                                                    \
            : [x] "x"(x), [z] "x"(z), [u] "x"(u##half), [v] "x"(v##half), [ones] "x"(ones),                                      \
              [m] "m"(*(const __m256i_u *)(const void *)(w + 64 + 32 * (half))),                                                 \
              [n] "m"(*(const __m256i_u *)(const void *)(w + 192 + 32 * (half))));                                               \
  }
#define QCC_AVX2_PLAIN_OCT(sum, half)                                                                                           \
  sum = qcc_avx2_add_in_place(                                                                                                  \
      sum, _mm256_madd_epi16(_mm256_add_epi16(_mm256_maddubs_epi16(x, u##half), _mm256_maddubs_epi16(z, v##half)), ones));
#define QCC_AVX2_SIGNED_QUAD(sum, half) \
  sum = qcc_avx2_add_in_place(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(u##half, _mm256_xor_si256(x, v##half)), ones));
#define QCC_AVX2_PLAIN_QUAD(sum, half) sum = qcc_avx2_add_in_place(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(x, u##half), ones));

/* The 4 inputs of row r at `place`; plain: as u8. */
#define QCC_AVX2_OCTS_X(r, place, plain) \
  (plain && flips ? _mm256_xor_si256(qcc_avx2_broadcast_word(a##r + (place)), flip) : qcc_avx2_broadcast_word(a##r + (place)))
#define QCC_AVX2_OCTS_ROW(r, STEP, plain, second)                                                   \
  {                                                                                                 \
    const __m256i x = QCC_AVX2_OCTS_X(r, places[0], plain), z = QCC_AVX2_OCTS_X(r, second, plain);  \
    STEP(c##r##0, 0)                                                                                \
    if (!is_half) STEP(c##r##1, 1)                                                                  \
    (void)z;                                                                                        \
  }
/* Steps up to `end`, `taken` at a time of `bytes` each; the second vectors of weights lie `apart` bytes behind the first. */
#define QCC_AVX2_OCTS_STEPS(end, taken, bytes, apart, STEP, plain)                                   \
  for (; s < (end); s += taken, w += (taken) * (bytes)) {                                            \
    const ptrdiff_t *const places = q.places + s;                                                    \
    const __m256i u0 = qcc_avx2_load(w), u1 = qcc_avx2_load(w + 32);                                 \
    const __m256i v0 = qcc_avx2_load(w + (apart)), v1 = qcc_avx2_load(w + (apart) + 32);             \
    QCC_AVX2_OCTS_ROW(0, STEP, plain, places[(taken)-1])                                             \
    QCC_AVX2_OCTS_ROW(1, STEP, plain, places[(taken)-1])                                             \
    QCC_AVX2_OCTS_ROW(2, STEP, plain, places[(taken)-1])                                             \
    (void)v0, (void)v1;                                                                              \
  }

/* What tiles begin with and leave, of a panel's 16 channels: `bias`, and of several chunks the sums of each pixel before and behind
 * this one. */
struct qcc_avx2_octs_sums {
  const int32_t *bias, *before;
  int32_t *behind;
};

/* 3 pixels, whose windows begin at a0, a1, a2; `count` of them exist. is_half: only the panel's first 8 channels do. flips: x is s8.
 * is_half, flips and count are literals at most calls. */
QCC_INLINE void qcc_avx2_octs_tile(struct qcc_avx2_octs q, int32_t is_half, int32_t flips, const uint8_t *a0, const uint8_t *a1,
                                   const uint8_t *a2, int32_t count, struct qcc_avx2_octs_sums sums, struct qcc_avx2_output out,
                                   const void *scale, ptrdiff_t at, ptrdiff_t y_stride, int32_t valid) {
  __m256i ones = _mm256_set1_epi16(1);
  QCC_AVX2_FENCE(ones); /* a register of its own, not one for each use */
  const __m256i flip = _mm256_set1_epi8(-128);
  __m256i c00 = qcc_avx2_load(sums.bias), c01 = qcc_avx2_load(sums.bias + 8);
  __m256i c10 = c00, c11 = c01, c20 = c00, c21 = c01;
  if (sums.before != 0) {
    c00 = _mm256_add_epi32(c00, qcc_avx2_load(sums.before)), c01 = _mm256_add_epi32(c01, qcc_avx2_load(sums.before + 8));
    c10 = _mm256_add_epi32(c10, qcc_avx2_load(sums.before + 16)), c11 = _mm256_add_epi32(c11, qcc_avx2_load(sums.before + 24));
    c20 = _mm256_add_epi32(c20, qcc_avx2_load(sums.before + 32)), c21 = _mm256_add_epi32(c21, qcc_avx2_load(sums.before + 40));
  }
  const uint8_t *w = q.plain_w;
  int32_t s = 0;
  QCC_AVX2_OCTS_STEPS(q.plain_octs, 2, 64, 64, QCC_AVX2_PLAIN_OCT, 1)
  QCC_AVX2_OCTS_STEPS(q.plain, 1, 64, 0, QCC_AVX2_PLAIN_QUAD, 1)
  w = q.signed_w;
  QCC_AVX2_OCTS_STEPS(q.signed_octs, 2, 128, 128, QCC_AVX2_SIGNED_OCT, 0)
  QCC_AVX2_OCTS_STEPS(q.all, 1, 128, 64, QCC_AVX2_SIGNED_QUAD, 0)
  if (sums.behind != 0) {
    qcc_avx2_store(sums.behind, c00), qcc_avx2_store(sums.behind + 8, c01);
    qcc_avx2_store(sums.behind + 16, c10), qcc_avx2_store(sums.behind + 24, c11);
    qcc_avx2_store(sums.behind + 32, c20), qcc_avx2_store(sums.behind + 40, c21);
    return;
  }
  qcc_avx2_finish(out, 2, c00, c01, c10, c11, scale, at, count > 1 ? at + y_stride : at, valid);
  if (count > 2) qcc_avx2_finish(out, 1, c20, c21, c20, c21, scale, at + 2 * y_stride, at, valid);
}

/* Where the 4 inputs from `input` on (of a group's kh*kw*cg) lie behind a window's first byte, in lines `pitch` bytes apart. */
QCC_INLINE ptrdiff_t qcc_avx2_octs_place(struct qcc_conv2d_q8_params p, ptrdiff_t pitch, int32_t input) {
  const int32_t cg = p.c / p.groups, line = p.kw * cg;
  if (p.kh == 1 && p.kw == 1) return input;
  const int32_t ky = input / line, kx = input % line / cg, c = input % cg;
  return ky * p.dh * pitch + (ptrdiff_t)kx * p.dw * p.c + c;
}

/* A chunk whose weights lie at `from` and whose first input is `input`. Brings bias to what tiles have to begin with: takes off the 128
 * that plain steps read more, adds |w| for each negative w of signed ones. */
QCC_INLINE struct qcc_avx2_octs qcc_avx2_octs_chunk(struct qcc_conv2d_q8_params p, ptrdiff_t pitch, int32_t steps, const uint8_t *counts,
                                                    const uint8_t *order, int32_t input, const uint8_t *from, ptrdiff_t *places,
                                                    uint8_t *to, int32_t *bias) {
  const __m256i zero = _mm256_setzero_si256(), flip = _mm256_set1_epi8((int8_t)(p.x_signed ? 0 : 128));
  const __m256i ones = _mm256_set1_epi16(1), bytes = _mm256_set1_epi8(1);
  const int32_t plain = 2 * counts[0] + counts[1];
  const struct qcc_avx2_octs chunk = {2 * counts[0], plain, plain + 2 * counts[2], steps, from, to, places};
  __m256i sums[2] = {qcc_avx2_load(bias), qcc_avx2_load(bias + 8)};
  for (int32_t s = 0; s < steps; s++) places[s] = qcc_avx2_octs_place(p, pitch, input + 4 * order[s]);
  __m256i less[2] = {zero, zero}; /* pairs of plain weights are 128 at most: 128 of them fit 16 bits */
  for (int32_t s = 0; s < plain; s++, from += 64)
    for (int32_t half = 0; half < 2; half++)
      less[half] = _mm256_add_epi16(less[half], _mm256_maddubs_epi16(bytes, qcc_avx2_load(from + 32 * half)));
  for (int32_t half = 0; half < 2; half++)
    sums[half] = _mm256_sub_epi32(sums[half], _mm256_slli_epi32(_mm256_madd_epi16(less[half], ones), 7));
  for (int32_t s = plain; s < steps; s++, from += 64, to += 128)
    for (int32_t half = 0; half < 2; half++) {
      const __m256i w = qcc_avx2_load(from + 32 * half), is_negative = _mm256_cmpgt_epi8(zero, w), size = _mm256_abs_epi8(w);
      const __m256i negative = _mm256_maddubs_epi16(_mm256_and_si256(size, is_negative), bytes);
      qcc_avx2_store(to + 32 * half, size);
      qcc_avx2_store(to + 32 * half + 64, _mm256_xor_si256(is_negative, flip));
      sums[half] = _mm256_add_epi32(sums[half], _mm256_madd_epi16(negative, ones));
    }
  qcc_avx2_store(bias, sums[0]);
  qcc_avx2_store(bias + 8, sums[1]);
  return chunk;
}

/* A panel over a span of pixels; the scratch's bias is that of its channels. Returns where sums of several chunks lie, of each pixel 16;
 * keeps_sums: those of one chunk, too, and there are no other results. */
QCC_INLINE int32_t *qcc_avx2_octs_panel(struct qcc_conv2d_q8_params p, ptrdiff_t pitch, int32_t is_half, int32_t keeps_sums,
                                        const uint8_t *packed, const uint8_t *x, int32_t pixels,
                                        struct qcc_avx2_octs_scratch *scratch, struct qcc_avx2_output out, const void *scale,
                                        ptrdiff_t at, int32_t valid) {
  const int32_t all = p.kh * p.kw * (p.c / p.groups) / 4, chunks = (all + QCC_AVX2_OCTS_CHUNK - 1) / QCC_AVX2_OCTS_CHUNK;
  const int32_t most = all < QCC_AVX2_OCTS_CHUNK ? all : QCC_AVX2_OCTS_CHUNK;
  ptrdiff_t *const places = (ptrdiff_t *)(void *)(scratch + 1);
  uint8_t *const w = (uint8_t *)(places + most);
  int32_t *const sums = (int32_t *)(void *)(w + 128 * most);
  for (int32_t chunk = 0; chunk < chunks; chunk++) {
    const int32_t first = chunk * QCC_AVX2_OCTS_CHUNK, steps = chunks == 1 ? all : all - first < most ? all - first : most;
    struct qcc_avx2_octs_sums s = {scratch->bias, chunk > 0 ? sums : 0, keeps_sums || chunk + 1 < chunks ? sums : 0};
    for (int32_t i = 0; chunk > 0 && i < 16; i++) scratch->bias[i] = 0;
    const struct qcc_avx2_octs q =
        qcc_avx2_octs_chunk(p, pitch, steps, packed + 3 * chunk, packed + 3 * chunks + first, 4 * first,
                            packed + qcc_avx2_octs_head(all) + 64 * (ptrdiff_t)first, places, w, scratch->bias);
    const int32_t *window = scratch->pixels;
    ptrdiff_t to = at;
    int32_t left = pixels;
    for (; left >= 3; left -= 3, window += 3, to += 3 * p.oc) {
      qcc_avx2_octs_tile(q, is_half, p.x_signed, x + window[0], x + window[1], x + window[2], 3, s, out, scale, to, p.oc, valid);
      if (s.before != 0) s.before += 48;
      if (s.behind != 0) s.behind += 48;
    }
    if (left > 0)
      qcc_avx2_octs_tile(q, is_half, p.x_signed, x + window[0], x + window[1], x + window[2], left, s, out, scale, to, p.oc, valid);
  }
  return sums;
}

/* `count` lines of an image from iy on, `columns` wide, those outside of the image being padding; `end` is that of x. Writes up to 15 bytes
 * more. */
QCC_INLINE void qcc_avx2_octs_copy(struct qcc_conv2d_q8_params p, int32_t pad, const uint8_t *image, const uint8_t *end, int32_t iy,
                                   int32_t count, int32_t columns, uint8_t *to) {
  const int32_t before = p.pad_left < columns ? p.pad_left : columns, inside = columns - before < p.w ? columns - before : p.w;
  const int32_t left = before * p.c, bytes = inside * p.c, all = columns * p.c;
  for (int32_t i = 0; i < count; i++, iy++, to += all) {
    if (iy < 0 || iy >= p.h) {
      qcc_avx2_fill_bytes(to, pad, all);
      continue;
    }
    qcc_avx2_fill_bytes(to, pad, left);
    qcc_avx2_copy_run(to + left, image + (ptrdiff_t)iy * p.w * p.c, bytes, end);
    qcc_avx2_fill_bytes(to + left + bytes, pad, all - left - bytes);
  }
}

/* Of results `first` .. first+count-1 of a block of lines of `width` results: where their windows begin. */
QCC_INLINE void qcc_avx2_octs_windows(int32_t *to, int32_t first, int32_t count, int32_t width, int32_t line, int32_t column) {
  int32_t ox = first % width, start = first / width * line;
  for (int32_t i = 0; i < count; i++) {
    to[i] = start + ox * column;
    if (++ox == width) {
      ox = 0;
      start += line;
    }
  }
  to[count] = to[count + 1] = to[count - 1];
}

QCC_INLINE void qcc_conv2d_q8__3x16o__x86_avx2(struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x,
                                               const void *w, const int32_t *bias, const void *scale, const uint8_t *residual,
                                               const uint8_t *table, void *y, void *scratch) {
  const int32_t ocg = p.oc / p.groups, cg = p.c / p.groups, steps = p.kh * p.kw * cg / 4, words = qcc_scale_words(p.kind);
  const int32_t columns = (p.ow - 1) * p.sw + (p.kw - 1) * p.dw + 1, rows = (p.oh - 1) * p.sh + (p.kh - 1) * p.dh + 1;
  const int32_t in_place = p.pad_top == 0 && p.pad_left == 0 && columns <= p.w && rows <= p.h;
  /* Where the image is the matrix, all pixels are one line. */
  const int32_t is_matrix = in_place && p.kh == 1 && p.kw == 1 && p.sh == 1 && p.sw == 1 && p.oh == p.h && p.ow == p.w;
  const int32_t width = is_matrix ? p.n * p.oh * p.ow : p.ow, lines = is_matrix ? 1 : p.oh, images = is_matrix ? 1 : p.n;
  const int32_t together = width > QCC_AVX2_OCTS_SPAN ? 1 : QCC_AVX2_OCTS_SPAN / width;
  const ptrdiff_t pitch = (ptrdiff_t)(in_place ? p.w : columns) * p.c, panel_bytes = qcc_avx2_octs_panel_bytes(steps);
  struct qcc_avx2_octs_scratch *const held = (struct qcc_avx2_octs_scratch *)scratch;
  uint8_t *const copy = (uint8_t *)scratch + qcc_avx2_octs_scratch_bytes(steps);
  const struct qcc_avx2_output out = {p.kind, d.e, QCC_AVX2_NATURAL, residual, table, y, 0};
  for (int32_t line = 0; line < images * lines; line += together) {
    /* Blocks do not go on from image to image. */
    const int32_t oy = line % lines, top = oy * p.sh - p.pad_top;
    const int32_t count = lines - oy < together ? lines - oy : together, pixels = count * width;
    const uint8_t *const image = x + (ptrdiff_t)(line / lines) * p.h * p.w * p.c;
    const int32_t read = (count - 1) * p.sh + (p.kh - 1) * p.dh + 1;
    if (!in_place) qcc_avx2_octs_copy(p, d.x_pad, image, x + (ptrdiff_t)p.n * p.h * p.w * p.c, top, read, columns, copy);
    for (int32_t first = 0; first < pixels; first += QCC_AVX2_OCTS_SPAN) {
      const int32_t span = pixels - first < QCC_AVX2_OCTS_SPAN ? pixels - first : QCC_AVX2_OCTS_SPAN;
      qcc_avx2_octs_windows(held->pixels, first, span, width, (int32_t)(p.sh * pitch), p.sw * p.c);
      for (int32_t g = 0; g < p.groups; g++) {
        const uint8_t *packed = (const uint8_t *)w + g * ((ocg + 15) / 16 * panel_bytes);
        const uint8_t *const from = (in_place ? image + top * pitch : copy) + g * cg;
        for (int32_t o = 0; o < ocg; o += 16, packed += panel_bytes) {
          const int32_t valid = ocg % 16 == 0 || ocg - o > 16 ? 16 : ocg - o, all = g * ocg + o;
          int32_t own[32] = {0};
          const qcc_avx2_word *factors = (const qcc_avx2_word *)scale + (ptrdiff_t)all * words;
          for (int32_t i = 0; i < 16; i++) held->bias[i] = i < valid ? bias[all + i] : 0;
          if (valid < 16) {
            for (int32_t i = 0; i < valid * words; i++) own[i] = factors[i];
            factors = own;
          }
          qcc_avx2_octs_panel(p, pitch, qcc_avx2_octs_is_half(ocg, valid), 0, packed, from, span, held, out, factors,
                              ((ptrdiff_t)line * width + first) * p.oc + all, valid);
        }
      }
    }
    if (oy + together > lines) line += lines - oy - together;
  }
}

#endif
