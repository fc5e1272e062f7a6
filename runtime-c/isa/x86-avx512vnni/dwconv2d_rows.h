/* SPDX-License-Identifier: 0BSD */
/* What the depthwise kernels keep in scratch: constants of 32 channels at a time, and for 4x32 a ring of the input rows under the
 * window as u8 with their borders, of up to 2 blocks of 32 channels (a cache line of x) at a time.
 *
 *   ring:   [block][span rows, row iy in slot (iy - first) % span][columns][32 channels] u8
 *   blocks: [block]{ bias s32[32], mult f32[32] (or multipliers and shifts, s32[32] each), weights [3 columns of the window][32 channels x 4 rows, the last zero],
 *            where weights are wider than s8: what of them is beyond s8, in the same order, and how often tiles pass over the block }
 *
 * Constants lie as interleaving 32 bytes twice leaves them (qcc_vnni_quads): vector k holds channels 4 k .. 4 k + 3 and
 * 16 + 4 k .. 16 + 4 k + 3. Invariant: ring column j holds image column j - pad_left, or the padding value.
 *
 * Where 32 is a multiple of the channels, 32 / c outputs side by side are a vector of 32 channels (`packs`): the constants are
 * repeated, and a ring row is packed, [columns][c]. With stride 2 columns of even and of odd number lie apart, the odd ones
 * from the middle of the row on: what outputs side by side read lies side by side. */
#ifndef QCC_X86_AVX512VNNI_DWCONV2D_ROWS_H
#define QCC_X86_AVX512VNNI_DWCONV2D_ROWS_H

#include "qcc/dwconv2d_q8.h"
#include "simd.h"
#include "simd_fixed.h"

enum { QCC_VNNI_DW_BLOCKS = 2, QCC_VNNI_DW_MULT = 128, QCC_VNNI_DW_WEIGHTS = 384, QCC_VNNI_DW_BEYOND = 768, QCC_VNNI_DW_PASSES = 1152, QCC_VNNI_DW_WIDE_BYTES = 1216 };

/* Of a block's constants. */
QCC_INLINE int32_t qcc_vnni_dw_bytes(int32_t wide) { return wide ? QCC_VNNI_DW_WIDE_BYTES : QCC_VNNI_DW_BEYOND; }

/* The first `count` of 32 bytes at p, the others zero. */
QCC_INLINE __m256i qcc_vnni_load_up_to_32(const uint8_t *p, int32_t count) {
  return count >= 32 ? _mm256_loadu_si256((const __m256i *)(const void *)p)
                     : _mm256_maskz_loadu_epi8((__mmask32)qcc_vnni_mask_64(count), p);
}

struct qcc_vnni_quads {
  __m256i q0, q1, q2, q3;
};

/* For each of 32 channels one doubleword of its bytes in a, b, c and d. */
QCC_INLINE struct qcc_vnni_quads qcc_vnni_quads_of_four(__m256i a, __m256i b, __m256i c, __m256i d) {
  const __m256i ab = _mm256_unpacklo_epi8(a, b), ab_high = _mm256_unpackhi_epi8(a, b);
  const __m256i c_low = _mm256_unpacklo_epi8(c, d), c_high = _mm256_unpackhi_epi8(c, d);
  struct qcc_vnni_quads r;
  r.q0 = _mm256_unpacklo_epi16(ab, c_low);
  r.q1 = _mm256_unpackhi_epi16(ab, c_low);
  r.q2 = _mm256_unpacklo_epi16(ab_high, c_high);
  r.q3 = _mm256_unpackhi_epi16(ab_high, c_high);
  return r;
}

/* The fourth byte is zero. */
QCC_INLINE struct qcc_vnni_quads qcc_vnni_quads_of(__m256i a, __m256i b, __m256i c) {
  return qcc_vnni_quads_of_four(a, b, c, _mm256_setzero_si256());
}

/* Outputs of a vector. */
QCC_INLINE int32_t qcc_vnni_dw_packs(struct qcc_dwconv2d_q8_params p) { return p.c < 32 && 32 % p.c == 0 ? 32 / p.c : 1; }

struct qcc_vnni_ring {
  struct qcc_dwconv2d_q8_params p;
  int32_t span;    /* rows of a slot cycle: (kh - 1) * dh + 1 */
  int32_t columns; /* of a ring row; covers the windows of 3 outputs past the last one (4x32: of none) */
  __m256i flip, pad;
  const uint8_t *x;
  uint8_t *rows;
};

QCC_INLINE int32_t qcc_vnni_ring_columns(struct qcc_dwconv2d_q8_params p) { return (p.ow + 2) * p.sw + 3; }

QCC_INLINE uint8_t *qcc_vnni_ring_row(struct qcc_vnni_ring r, int32_t block, int32_t slot) {
  return r.rows + ((ptrdiff_t)block * r.span + slot) * r.columns * 32;
}

QCC_INLINE void qcc_vnni_put_32(uint8_t *to, __m256i v) { _mm256_storeu_si256((__m256i *)(void *)to, v); }

QCC_INLINE void qcc_vnni_ring_clear(struct qcc_vnni_ring r, int32_t blocks) {
  const ptrdiff_t vectors = (ptrdiff_t)blocks * r.span * r.columns;
  for (ptrdiff_t i = 0; i < vectors; i++) qcc_vnni_put_32(r.rows + 32 * i, r.pad);
}

/* Input row iy of image n, channels from `channel` on, into a slot of every block. */
QCC_INLINE void qcc_vnni_ring_fill(struct qcc_vnni_ring r, int32_t slot, int32_t n, int32_t iy, int32_t channel, int32_t blocks) {
  const struct qcc_dwconv2d_q8_params p = r.p;
  const int32_t width = p.w < r.columns - p.pad_left ? p.w : r.columns - p.pad_left;
  for (int32_t b = 0; b < blocks; b++) {
    uint8_t *to = qcc_vnni_ring_row(r, b, slot) + (ptrdiff_t)p.pad_left * 32;
    if (iy < 0 || iy >= p.h) {
      for (int32_t i = 0; i < width; i++) qcc_vnni_put_32(to + 32 * i, r.pad);
      continue;
    }
    const int32_t first = channel + 32 * b, valid = p.c % 32 == 0 ? 32 : p.c - first;
    const uint8_t *from = r.x + (((ptrdiff_t)n * p.h + iy) * p.w) * p.c + first;
    for (int32_t i = 0; i < width; i++, from += p.c)
      qcc_vnni_put_32(to + 32 * i, _mm256_xor_si256(qcc_vnni_load_up_to_32(from, valid), r.flip));
  }
}

/* Where column j of a packed row begins; half: of the odd columns. */
QCC_INLINE ptrdiff_t qcc_vnni_packed_at(struct qcc_dwconv2d_q8_params p, ptrdiff_t half, int32_t j) {
  return p.sw == 1 ? (ptrdiff_t)j * p.c : (j & 1 ? half : 0) + (ptrdiff_t)(j >> 1) * p.c;
}

QCC_INLINE ptrdiff_t qcc_vnni_packed_half(struct qcc_vnni_ring r) { return r.columns / 2 * (ptrdiff_t)32; }

/* As qcc_vnni_ring_fill, for a packed row. */
QCC_INLINE void qcc_vnni_packed_fill(struct qcc_vnni_ring r, int32_t slot, int32_t n, int32_t iy) {
  const struct qcc_dwconv2d_q8_params p = r.p;
  const int32_t width = p.w < r.columns - p.pad_left ? p.w : r.columns - p.pad_left;
  uint8_t *const to = qcc_vnni_ring_row(r, 0, slot);
  const ptrdiff_t half = qcc_vnni_packed_half(r);
  const uint8_t *const from = r.x + (((ptrdiff_t)n * p.h + iy) * p.w) * p.c;
  if (iy < 0 || iy >= p.h) {
    for (int32_t j = 0; j < r.columns; j++) qcc_vnni_put_32(to + 32 * (ptrdiff_t)j, r.pad);
  } else if (p.sw == 1) {
    uint8_t *const first = to + (ptrdiff_t)p.pad_left * p.c;
    const int32_t bytes = width * p.c;
    for (int32_t i = 0; i < bytes; i += 32)
      qcc_vnni_store_up_to_32(first + i, _mm256_xor_si256(qcc_vnni_load_up_to_32(from + i, bytes - i), r.flip), bytes - i);
  } else {
    for (int32_t i = 0; i < width; i++) {
      const __m128i v = qcc_vnni_load_up_to_16(from + (ptrdiff_t)i * p.c, p.c);
      qcc_vnni_store_up_to_16(to + qcc_vnni_packed_at(p, half, p.pad_left + i), _mm_xor_si128(v, _mm256_castsi256_si128(r.flip)),
                              p.c);
    }
  }
}

/* 32 weights of one tap: the s8 nearest to them (beyond: what that takes off). p points at s8, or at s16 that are sums of two. */
QCC_INLINE __m256i qcc_vnni_dw_tap(int32_t wide, int32_t beyond, const uint8_t *p, int32_t valid) {
  if (!wide) return qcc_vnni_load_up_to_32(p, valid);
  const __m512i w = _mm512_maskz_loadu_epi16((__mmask32)qcc_vnni_mask_64(valid), p);
  const __m256i near = _mm512_cvtsepi16_epi8(w);
  return beyond ? _mm512_cvtepi16_epi8(_mm512_sub_epi16(w, _mm512_cvtepi8_epi16(near))) : near;
}

/* The weights of channels `channel` to `channel` + 31 (repeated where a vector holds several outputs) in quads; whether one of them
 * is not 0. */
QCC_INLINE int32_t qcc_vnni_dw_weights(struct qcc_dwconv2d_q8_params p, int32_t wide, int32_t beyond, uint8_t *quads,
                                       const uint8_t *w, int32_t channel) {
  const int32_t valid = p.c - channel < 32 ? p.c - channel : 32, packs = qcc_vnni_dw_packs(p), size = wide ? 2 : 1;
  __m256i all = _mm256_setzero_si256();
  for (int32_t kx = 0; kx < 3; kx++, quads += 128) {
    __m256i t[3];
    for (int32_t ky = 0; ky < 3; ky++) {
      const uint8_t *const tap = w + ((ptrdiff_t)(3 * ky + kx) * p.c + channel) * size;
      uint8_t repeated[32];
      t[ky] = qcc_vnni_dw_tap(wide, beyond, tap, valid);
      if (packs > 1) {
        qcc_vnni_put_32(repeated, t[ky]);
        for (int32_t i = p.c; i < 32; i++) repeated[i] = repeated[i - p.c];
        t[ky] = qcc_vnni_load_up_to_32(repeated, 32);
      }
      all = _mm256_or_si256(all, t[ky]);
    }
    const struct qcc_vnni_quads q = qcc_vnni_quads_of(t[0], t[1], t[2]);
    qcc_vnni_put_32(quads, q.q0);
    qcc_vnni_put_32(quads + 32, q.q1);
    qcc_vnni_put_32(quads + 64, q.q2);
    qcc_vnni_put_32(quads + 96, q.q3);
  }
  return !_mm256_testz_si256(all, all);
}

/* Bias and scale of the 32 channels from `channel` on, repeated where a vector holds several outputs; zeros for those that do not
 * exist. */
QCC_INLINE void qcc_vnni_dw_scales(struct qcc_dwconv2d_q8_params p, int32_t packs, uint8_t *to, const int32_t *bias,
                                   const qcc_vnni_word *scale, int32_t channel) {
  const int32_t valid = p.c - channel < 32 ? p.c - channel : 32, words = qcc_scale_words(p.kind);
  qcc_vnni_word *b = (qcc_vnni_word *)(void *)to, *m = (qcc_vnni_word *)(void *)(to + QCC_VNNI_DW_MULT);
  for (int32_t i = 0; i < 32; i++) {
    const int32_t at = i / 4 % 4 * 8 + i / 16 * 4 + i % 4;
    const int32_t o = packs > 1 ? i % p.c : channel + i, exists = packs > 1 || i < valid;
    b[at] = exists ? bias[o] : 0;
    m[at] = exists && words > 0 ? scale[words * o] : 0;
    m[at + 32] = exists && words > 1 ? scale[words * o + 1] : 0;
  }
}

/* Constants of the 32 channels from `channel` on; those that do not exist get zeros. Whether weights are beyond s8. */
QCC_INLINE int32_t qcc_vnni_dw_constants(struct qcc_dwconv2d_q8_params p, int32_t wide, uint8_t *to, const uint8_t *w,
                                         const int32_t *bias, const qcc_vnni_word *scale, int32_t channel) {
  qcc_vnni_dw_scales(p, qcc_vnni_dw_packs(p), to, bias, scale, channel);
  qcc_vnni_dw_weights(p, wide, 0, to + QCC_VNNI_DW_WEIGHTS, w, channel);
  return wide ? qcc_vnni_dw_weights(p, wide, 1, to + QCC_VNNI_DW_BEYOND, w, channel) : 0;
}

#endif
