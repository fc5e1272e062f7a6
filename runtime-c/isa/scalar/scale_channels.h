/* SPDX-License-Identifier: 0BSD */
/* scale_channels in plain C; the formula is in the contract header. */
#ifndef QCC_SCALAR_SCALE_CHANNELS_H
#define QCC_SCALAR_SCALE_CHANNELS_H

#include "qcc/scale_channels.h"

/* Channels first..count of one pixel. */
QCC_INLINE void qcc_scalar_scale_pixel(struct qcc_scale_channels_params p, struct qcc_scale_channels_data d, int32_t first,
                                       const uint8_t *x, const int32_t *offset, const int32_t *multiplier, uint8_t *y) {
  for (int32_t c = first; c < p.channels; c++) {
    const int32_t v = p.x_signed ? (int8_t)x[c] : x[c];
    const int32_t line = (v * multiplier[p.per_channel ? c : 0] + offset[c]) >> d.shift;
    y[c] = (uint8_t)(line < d.low ? d.low : line > d.high ? d.high : line);
  }
}

QCC_INLINE void qcc_scale_channels__1__scalar(struct qcc_scale_channels_params p, struct qcc_scale_channels_data d,
                                              const uint8_t *x, const int32_t *offset, const int32_t *multiplier, uint8_t *y) {
  for (int32_t i = 0; i < p.pixels; i++, x += p.channels, y += p.channels) qcc_scalar_scale_pixel(p, d, 0, x, offset, multiplier, y);
}

#endif
