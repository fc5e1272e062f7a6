/* SPDX-License-Identifier: 0BSD */
/* lookup_channels on AVX-512: 32 pixels of 64 channels turned over, so that a register has all pixels of two neighbouring
 * channels, a word for each pixel. vpermi2w looks words up in two registers; a table is four, 128 words of two entries, so
 *   word = word number q >> 1, by bits 1..6 of q in both halves of the table, chosen between by bit 7; entry = byte q & 1 of it.
 * Rows are read and written whole: channels are a power of two as a rule, and then rows meet in few sets of the cache.
 * What is left over of pixels is done again from the end, of channels as on AVX2. */
#ifndef QCC_X86_AVX512VNNI_LOOKUP_CHANNELS_H
#define QCC_X86_AVX512VNNI_LOOKUP_CHANNELS_H

#include "isa/x86-avx2/lookup_channels.h"
#include "simd.h"
#include "simd_lookup.h"

/* t[i] word j <-> t[j] word i in each of four blocks of 8 x 8 words: three rounds of interleaving rows r and r + 4. */
QCC_INLINE void qcc_vnni_transpose_8(__m512i t[8]) {
  __m512i u[8];
#define QCC_VNNI_ROUND(to, from)                               \
  for (int32_t i = 0; i < 4; i++) {                            \
    to[2 * i] = _mm512_unpacklo_epi16(from[i], from[i + 4]);     \
    to[2 * i + 1] = _mm512_unpackhi_epi16(from[i], from[i + 4]); \
  }
  QCC_VNNI_ROUND(u, t)
  QCC_VNNI_ROUND(t, u)
  QCC_VNNI_ROUND(u, t)
#undef QCC_VNNI_ROUND
  for (int32_t i = 0; i < 8; i++) t[i] = u[i];
}

/* Row i of v, 16 bytes number g <-> row g, 16 bytes number i. */
QCC_INLINE void qcc_vnni_transpose_lanes(__m512i v[4]) {
  const __m512i a = _mm512_shuffle_i32x4(v[0], v[1], 0x44), b = _mm512_shuffle_i32x4(v[2], v[3], 0x44);
  const __m512i c = _mm512_shuffle_i32x4(v[0], v[1], 0xee), d = _mm512_shuffle_i32x4(v[2], v[3], 0xee);
  v[0] = _mm512_shuffle_i32x4(a, b, 0x88), v[1] = _mm512_shuffle_i32x4(a, b, 0xdd);
  v[2] = _mm512_shuffle_i32x4(c, d, 0x88), v[3] = _mm512_shuffle_i32x4(c, d, 0xdd);
}

/* 32 pixels of 64 channels; rows of x and y are `row` bytes long. */
QCC_INLINE void qcc_vnni_lookup_block(const uint8_t *x, const uint8_t *entries, uint8_t *y, size_t row) {
  _Alignas(64) uint8_t parts[4][8][64]; /* [16 channels][4 pixels][pixel][channel] */
  for (size_t r = 0; r < 8; r++) {
    __m512i v[4];
    for (size_t i = 0; i < 4; i++) v[i] = qcc_vnni_load(x + (4 * r + i) * row);
    qcc_vnni_transpose_lanes(v);
    for (size_t g = 0; g < 4; g++) qcc_vnni_store(parts[g][r], v[g]);
  }
  for (size_t g = 0; g < 4; g++) {
    __m512i t[8];
    for (size_t r = 0; r < 8; r++) t[r] = qcc_vnni_load(parts[g][r]);
    qcc_vnni_transpose_8(t);
    for (size_t pair = 0; pair < 8; pair++) {
      const uint8_t *const even = entries + 4096 * g + 512 * pair; /* the next channel's table follows */
      t[pair] = qcc_vnni_lookup_pair(even, even + 256, t[pair]);
    }
    qcc_vnni_transpose_8(t);
    for (size_t r = 0; r < 8; r++) qcc_vnni_store(parts[g][r], t[r]);
  }
  for (size_t r = 0; r < 8; r++) {
    __m512i v[4];
    for (size_t g = 0; g < 4; g++) v[g] = qcc_vnni_load(parts[g][r]);
    qcc_vnni_transpose_lanes(v);
    for (size_t i = 0; i < 4; i++) qcc_vnni_store(y + (4 * r + i) * row, v[i]);
  }
}

QCC_INLINE void qcc_lookup_channels__32x64__x86_avx512vnni(struct qcc_lookup_channels_params p, const uint8_t *x,
                                                           const void *table, void *y) {
  const size_t channels = (size_t)p.channels, pixels = (size_t)p.pixels;
  const size_t whole = p.bytes != 1 || p.swaps || pixels < 32 ? 0 : channels / 64 * 64;
  const uint8_t *const entries = (const uint8_t *)table;
  if (whole == 0) {
    qcc_lookup_channels__16__x86_avx2(p, x, table, y);
    return;
  }
  for (size_t c = 0; c < whole; c += 64)
    for (size_t i = 0; i < pixels; i += 32) {
      const size_t at = channels * (pixels - i < 32 ? pixels - 32 : i) + c;
      qcc_vnni_lookup_block(x + at, entries + 256 * c, (uint8_t *)y + at, channels);
    }
  qcc_avx2_lookup_from(p, whole, x, entries, (uint8_t *)y);
}

#endif
