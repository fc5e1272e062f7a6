/* SPDX-License-Identifier: 0BSD */
/* lookup_channels on AVX2: bytes of 16 channels meet in a register, so that a store has 16 of them; there is no faster way to
 * look a byte up than to load it. Tables of 64 channels (16 KiB) at a time are used for all pixels. */
#ifndef QCC_X86_AVX2_LOOKUP_CHANNELS_H
#define QCC_X86_AVX2_LOOKUP_CHANNELS_H

#include "isa/scalar/lookup_channels.h"
#include "simd.h"

/* What the tables of 8 channels say, in the low half. */
QCC_INLINE __m128i qcc_avx2_lookup_8(const uint8_t *x, const uint8_t *table) {
  __m128i v = _mm_cvtsi32_si128(table[x[0]]);
  v = _mm_insert_epi8(v, table[256 + x[1]], 1);
  v = _mm_insert_epi8(v, table[512 + x[2]], 2);
  v = _mm_insert_epi8(v, table[768 + x[3]], 3);
  v = _mm_insert_epi8(v, table[1024 + x[4]], 4);
  v = _mm_insert_epi8(v, table[1280 + x[5]], 5);
  v = _mm_insert_epi8(v, table[1536 + x[6]], 6);
  return _mm_insert_epi8(v, table[1792 + x[7]], 7);
}

/* Channels from `first` on, of bytes that keep their places. */
QCC_INLINE void qcc_avx2_lookup_from(struct qcc_lookup_channels_params p, size_t first, const uint8_t *x,
                                     const uint8_t *entries, uint8_t *y) {
  const size_t channels = (size_t)p.channels;
  for (; first < channels; first += 64)
    for (size_t i = 0; i < (size_t)p.pixels; i++) {
      const uint8_t *const from = x + i * channels;
      uint8_t *const to = y + i * channels;
      size_t c = first;
      for (; c < first + 64 && c + 16 <= channels; c += 16)
        qcc_avx2_store_half(to + c, _mm_unpacklo_epi64(qcc_avx2_lookup_8(from + c, entries + 256 * c),
                                                       qcc_avx2_lookup_8(from + c + 8, entries + 256 * (c + 8))));
      for (; c < first + 64 && c < channels; c++) to[c] = entries[256 * c + from[c]];
    }
}

QCC_INLINE void qcc_lookup_channels__16__x86_avx2(struct qcc_lookup_channels_params p, const uint8_t *x, const void *table,
                                                  void *y) {
  if (p.bytes != 1 || p.swaps)
    qcc_lookup_channels__1__scalar(p, x, table, y);
  else
    qcc_avx2_lookup_from(p, 0, x, (const uint8_t *)table, (uint8_t *)y);
}

#endif
