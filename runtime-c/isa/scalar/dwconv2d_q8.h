/* SPDX-License-Identifier: 0BSD */
/* dwconv2d_q8 in plain C, the formula of qcc/dwconv2d_q8.h. */
#ifndef QCC_SCALAR_DWCONV2D_Q8_H
#define QCC_SCALAR_DWCONV2D_Q8_H

#include "epilogue.h"
#include "qcc/dwconv2d_q8.h"

#define QCC_SCALAR_DWCONV2D(name, type)                                                                               \
  QCC_INLINE void name(                                                                  \
      struct qcc_dwconv2d_q8_params p, struct qcc_dwconv2d_q8_data d, const uint8_t *x, const void *w,                \
      const int32_t *bias, const void *scale, const uint8_t *residual, const uint8_t *table, void *y, void *scratch) { \
    const type *const weights = (const type *)w;                                                                      \
    const int32_t oc = p.c * p.multiplier;                                                                            \
    size_t at = 0;                                                                                                    \
    (void)scratch;                                                                                                    \
    for (int32_t n = 0; n < p.n; n++)                                                                                 \
      for (int32_t oy = 0; oy < p.oh; oy++)                                                                           \
        for (int32_t ox = 0; ox < p.ow; ox++)                                                                         \
          for (int32_t o = 0; o < oc; o++, at++) {                                                                    \
            int32_t acc = qcc_channel_bias(p.kind, bias, scale, o);                                                    \
            for (int32_t ky = 0; ky < p.kh; ky++) {                                                                   \
              const int32_t iy = oy * p.sh - p.pad_top + ky * p.dh;                                                   \
              for (int32_t kx = 0; kx < p.kw; kx++) {                                                                 \
                const int32_t ix = ox * p.sw - p.pad_left + kx * p.dw;                                                \
                int32_t v = d.x_pad;                                                                                  \
                if (iy >= 0 && iy < p.h && ix >= 0 && ix < p.w)                                                       \
                  v = qcc_stored(x[(((size_t)n * (size_t)p.h + (size_t)iy) * (size_t)p.w + (size_t)ix) * (size_t)p.c + \
                                   (size_t)(o / p.multiplier)],                                                       \
                                 p.x_signed);                                                                         \
                acc += v * (int32_t)weights[(size_t)(ky * p.kw + kx) * (size_t)oc + (size_t)o];                       \
              }                                                                                                       \
            }                                                                                                         \
            qcc_epilogue_store(p.kind, d.e, acc, scale, o, residual, table, y, at);                                    \
          }                                                                                                           \
  }

QCC_SCALAR_DWCONV2D(qcc_dwconv2d_q8__s8__scalar, int8_t)
QCC_SCALAR_DWCONV2D(qcc_dwconv2d_q8__s16__scalar, int16_t)

#endif
