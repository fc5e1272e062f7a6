/* SPDX-License-Identifier: 0BSD */
/* lookup_channels in plain C; the formula is in the contract header. Tables of 16 KiB at a time are used for all pixels:
 * those of many channels are more than the first cache holds. */
#ifndef QCC_SCALAR_LOOKUP_CHANNELS_H
#define QCC_SCALAR_LOOKUP_CHANNELS_H

#include "qcc/lookup_channels.h"

QCC_INLINE void qcc_scalar_lookup_pixel(struct qcc_lookup_channels_params p, size_t first, size_t end, const uint8_t *x,
                                        const void *table, void *y) {
  for (size_t c = first; c < end; c++) {
    const size_t from = 256 * c + x[p.swaps && c < 3 ? 2 - c : c];
    if (p.bytes == 4)
      ((float *)y)[c] = ((const float *)table)[from];
    else
      ((uint8_t *)y)[c] = ((const uint8_t *)table)[from];
  }
}

QCC_INLINE void qcc_lookup_channels__1__scalar(struct qcc_lookup_channels_params p, const uint8_t *x, const void *table,
                                               void *y) {
  const size_t channels = (size_t)p.channels, block = p.bytes == 4 ? 16 : 64;
  for (size_t first = 0; first < channels; first += block) {
    const size_t end = channels - first < block ? channels : first + block;
    for (size_t i = 0; i < (size_t)p.pixels; i++) {
      uint8_t *const to = (uint8_t *)y + i * channels * (size_t)p.bytes;
      qcc_scalar_lookup_pixel(p, first, end, x + i * channels, table, to);
    }
  }
}

#endif
