/* SPDX-License-Identifier: 0BSD */
/* lookup_channels in plain C; the formula is in the contract header. */
#ifndef QCC_SCALAR_LOOKUP_CHANNELS_H
#define QCC_SCALAR_LOOKUP_CHANNELS_H

#include "qcc/lookup_channels.h"

QCC_INLINE void qcc_lookup_channels__1__scalar(struct qcc_lookup_channels_params p, const uint8_t *x, const void *table,
                                               void *y) {
  const size_t channels = (size_t)p.channels;
  for (size_t i = 0; i < (size_t)p.pixels; i++)
    for (size_t c = 0; c < channels; c++) {
      const size_t from = 256 * c + x[i * channels + (p.swaps && c < 3 ? 2 - c : c)];
      if (p.bytes == 4)
        ((float *)y)[i * channels + c] = ((const float *)table)[from];
      else
        ((uint8_t *)y)[i * channels + c] = ((const uint8_t *)table)[from];
    }
}

#endif
