/* SPDX-License-Identifier: 0BSD */
/* What the depthwise kernels keep in scratch while they walk down the image, for up to 4 blocks of 16 channels (a cache
 * line of x) at a time: the input rows under the window, widened to s16 with their borders, and the blocks' constants.
 *
 *   ring:   [block][span rows, row iy in slot (iy - first) % span][columns][16 channels] s16
 *   blocks: [block]{ bias s32[16], scale of 16 channels, weight vectors: two taps interleaved channel by channel as vpunpck
 *           interleaves two rows of activations (halves low, high), so that one vpmaddwd adds two taps }
 *
 * Invariant: ring column j holds image column j - pad_left, or the padding value; columns past the image, too. */
#ifndef QCC_X86_AVX2_DWCONV2D_ROWS_H
#define QCC_X86_AVX2_DWCONV2D_ROWS_H

#include "qcc/dwconv2d_q8.h"
#include "simd_epilogue.h"

enum { QCC_AVX2_DW_BLOCKS = 4 };

struct qcc_avx2_ring {
  struct qcc_dwconv2d_q8_params p;
  int32_t span;    /* rows of a slot cycle: (kh - 1) * dh + 1 */
  int32_t columns; /* of a ring row; covers 4 outputs past the last tile's start */
  int32_t pad;
  int32_t size; /* bytes of an activation: 2 are int16, copied as they are */
  const uint8_t *x, *end;
  int16_t *rows;
};

QCC_INLINE int32_t qcc_avx2_ring_columns(struct qcc_dwconv2d_q8_params p, int32_t width) {
  return (width + 3) * p.sw + (p.kw - 1) * p.dw + 2;
}

QCC_INLINE int16_t *qcc_avx2_ring_row(struct qcc_avx2_ring r, int32_t block, int32_t slot) {
  return r.rows + ((ptrdiff_t)block * r.span + slot) * r.columns * 16;
}

QCC_INLINE void qcc_avx2_ring_clear(struct qcc_avx2_ring r, int32_t blocks) {
  const ptrdiff_t vectors = (ptrdiff_t)blocks * r.span * r.columns;
  for (ptrdiff_t i = 0; i < vectors; i++) qcc_avx2_store(r.rows + 16 * i, _mm256_set1_epi16((int16_t)r.pad));
}

/* 16 activations as s16, of which `valid` are wanted; reads no further than `end`. */
QCC_INLINE __m256i qcc_avx2_ring_load(struct qcc_avx2_ring r, const uint8_t *from, int32_t valid) {
  if (r.size == 1) return qcc_avx2_widen(qcc_avx2_load_up_to_16(from, valid, r.end), r.p.x_signed);
  if (r.end - from >= 32) return qcc_avx2_load(from);
  int16_t values[16] = {0};
  for (int32_t i = 0; i < valid && i < 16; i++) values[i] = ((const int16_t *)(const void *)from)[i];
  return qcc_avx2_load(values);
}

/* Input row iy of image n, channels from `channel` on, into a slot of every block. */
QCC_INLINE void qcc_avx2_ring_fill(struct qcc_avx2_ring r, int32_t slot, int32_t n, int32_t iy, int32_t channel,
                                   int32_t blocks) {
  struct qcc_dwconv2d_q8_params p = r.p;
  const int32_t width = p.w < r.columns - p.pad_left ? p.w : r.columns - p.pad_left;
  for (int32_t b = 0; b < blocks; b++) {
    int16_t *to = qcc_avx2_ring_row(r, b, slot) + (ptrdiff_t)p.pad_left * 16;
    if (iy < 0 || iy >= p.h) {
      for (int32_t i = 0; i < width; i++) qcc_avx2_store(to + 16 * i, _mm256_set1_epi16((int16_t)r.pad));
      continue;
    }
    const int32_t first = channel + 16 * b, valid = p.c % 16 == 0 ? 16 : p.c - first;
    const uint8_t *from = r.x + r.size * ((((ptrdiff_t)n * p.h + iy) * p.w) * p.c + first);
    for (int32_t i = 0; i < width; i++, from += (ptrdiff_t)r.size * p.c) qcc_avx2_store(to + 16 * i, qcc_avx2_ring_load(r, from, valid));
  }
}

/* Of at most 8 channels: row iy of image n twice, side by side, the second time beginning `width` outputs further on. */
QCC_INLINE void qcc_avx2_ring_fill_halves(struct qcc_avx2_ring r, int32_t slot, int32_t n, int32_t iy, int32_t width) {
  struct qcc_dwconv2d_q8_params p = r.p;
  const int32_t is_outside = iy < 0 || iy >= p.h;
  for (int32_t half = 0; half < 2; half++) {
    const int32_t shift = half * width * p.sw - p.pad_left; /* image column of ring column 0 */
    const int32_t first = shift < 0 ? -shift : 0, end = p.w - shift < r.columns ? p.w - shift : r.columns;
    int16_t *const to = qcc_avx2_ring_row(r, 0, slot) + 8 * half;
    if (first >= end) continue;
    if (is_outside) {
      for (int32_t j = first; j < end; j++) qcc_avx2_store_half(to + 16 * j, _mm_set1_epi16((int16_t)r.pad));
      continue;
    }
    const uint8_t *from = r.x + (((ptrdiff_t)n * p.h + iy) * p.w + first + shift) * p.c;
    for (int32_t j = first; j < end; j++, from += p.c) {
      const int64_t bytes = r.end - from >= 8 ? *(const qcc_avx2_long *)(const void *)from : qcc_avx2_load_under_8(from, p.c);
      const __m128i v = _mm_cvtsi64_si128(bytes);
      qcc_avx2_store_half(to + 16 * j, p.x_signed ? _mm_cvtepi8_epi16(v) : _mm_cvtepu8_epi16(v));
    }
  }
}

/* Tap t of the 16 channels from `channel` on, as s16; channels that do not exist get any value. */
QCC_INLINE __m256i qcc_avx2_dw_tap(struct qcc_dwconv2d_q8_params p, const void *w, int32_t wide, int32_t t,
                                   int32_t channel) {
  const ptrdiff_t at = (ptrdiff_t)t * p.c + channel, all = (ptrdiff_t)p.kh * p.kw * p.c;
  if (!wide) {
    const uint8_t *bytes = (const uint8_t *)w;
    return _mm256_cvtepi8_epi16(qcc_avx2_load_up_to_16(bytes + at, p.c - channel, bytes + all));
  }
  const int16_t *words = (const int16_t *)w;
  if (all - at >= 16) return qcc_avx2_load(words + at);
  int16_t tail[16] = {0};
  for (ptrdiff_t i = 0; i < all - at; i++) tail[i] = words[at + i];
  return qcc_avx2_load(tail);
}

QCC_INLINE void qcc_avx2_dw_interleave(uint8_t *to, __m256i even, __m256i odd) {
  qcc_avx2_store(to, _mm256_unpacklo_epi16(even, odd));
  qcc_avx2_store(to + 32, _mm256_unpackhi_epi16(even, odd));
}

/* Bytes of bias and scale of one block. */
QCC_INLINE ptrdiff_t qcc_avx2_dw_constant_bytes(struct qcc_epilogue_kind k) {
  return k.rounding == QCC_ROUND_ONNX ? 128 : 192;
}

/* bias and scale of one block. */
QCC_INLINE void qcc_avx2_dw_constants(struct qcc_dwconv2d_q8_params p, uint8_t *to, const int32_t *bias,
                                      const qcc_avx2_word *scale, int32_t channel) {
  const int32_t words = qcc_scale_words(p.kind), left = p.c - channel;
  scale = words ? scale + (ptrdiff_t)channel * words : scale;
  if (p.c - channel >= 16) {
    for (int32_t i = 0; i < 16; i += 8) qcc_avx2_store(to + 4 * i, qcc_avx2_load(bias + channel + i));
    for (int32_t i = 0; i < 16 * words; i += 8) qcc_avx2_store(to + 64 + 4 * i, qcc_avx2_load(scale + i));
    return;
  }
  for (int32_t i = 0; i < left; i++) ((qcc_avx2_word *)(void *)to)[i] = bias[channel + i];
  for (int32_t i = 0; i < left * words; i++) ((qcc_avx2_word *)(void *)(to + 64))[i] = scale[i];
}

#endif
