/* SPDX-License-Identifier: 0BSD */
/* Contract of family lookup_channels: a function of 8 stored bits for each channel of a pixel,
 *   y[i][c] = table[c][x[i][from]],  from = 2 - c where `swaps` and c < 3, else c.
 * x is stored bytes, signed or not, [pixels][channels]. The compiler makes the table, 256 entries for each channel: bytes, or floats where `bytes`
 * is 4; y has the same element. y does not alias x. */
#ifndef QCC_LOOKUP_CHANNELS_H
#define QCC_LOOKUP_CHANNELS_H

#include "qcc/base.h"

struct qcc_lookup_channels_params {
  int32_t pixels, channels;
  int32_t swaps;
  int32_t bytes; /* of an entry: 1 or 4 */
};

typedef void qcc_lookup_channels_fn(struct qcc_lookup_channels_params p, const uint8_t *x, const void *table, void *y);

#endif
