/* SPDX-License-Identifier: 0BSD */
/* Contract of family scale_channels: a line of the stored byte for each channel of a pixel,
 *   y[i][c] = clamp((x[i][c] * multiplier[c] + offset[c]) >> shift, low, high),  >> rounds down.
 * multiplier[0] is that of all channels where `per_channel` is 0. The compiler has proved that no sum leaves int32, whatever byte comes; low..high are values of y. y may be x. */
#ifndef QCC_SCALE_CHANNELS_H
#define QCC_SCALE_CHANNELS_H

#include "qcc/base.h"

struct qcc_scale_channels_params {
  int32_t pixels, channels;
  int32_t per_channel;        /* multipliers, else one */
  int32_t x_signed, y_signed; /* s8, else u8 */
};

struct qcc_scale_channels_data {
  int32_t shift, low, high;
};

typedef void qcc_scale_channels_fn(struct qcc_scale_channels_params p, struct qcc_scale_channels_data d, const uint8_t *x,
                                   const int32_t *offset, const int32_t *multiplier, uint8_t *y);

#endif
