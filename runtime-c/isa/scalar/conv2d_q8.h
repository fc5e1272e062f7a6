/* SPDX-License-Identifier: 0BSD */
/* conv2d_q8 in plain C: y = epilogue(bias + sum X * w), the formula of qcc/conv2d_q8.h in its own order. Inside the
 * image a kernel row is one contiguous run of kw * c values; at the borders taps are tested one by one. */
#ifndef QCC_SCALAR_CONV2D_Q8_H
#define QCC_SCALAR_CONV2D_Q8_H

#include "epilogue.h"
#include "qcc/conv2d_q8.h"

#define QCC_SCALAR_CONV2D(name, type)                                                                                 \
  QCC_INLINE void name(                                                                    \
      struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x, const void *w, const int32_t *bias, \
      const void *scale, const uint8_t *residual, const uint8_t *table, void *y, void *scratch) {                     \
    const type *const weights = (const type *)w;                                                                      \
    const int32_t cg = p.c / p.groups, og = p.oc / p.groups, cells = p.kh * p.kw * cg;                                \
    size_t at = 0;                                                                                                    \
    (void)scratch;                                                                                                    \
    for (int32_t n = 0; n < p.n; n++)                                                                                 \
      for (int32_t oy = 0; oy < p.oh; oy++)                                                                           \
        for (int32_t ox = 0; ox < p.ow; ox++)                                                                         \
          for (int32_t o = 0; o < p.oc; o++, at++) {                                                                  \
            const type *wo = weights + (size_t)o * (size_t)cells;                                                     \
            int32_t acc = qcc_channel_bias(p.kind, bias, scale, o);                                                    \
            for (int32_t ky = 0; ky < p.kh; ky++) {                                                                   \
              const int32_t iy = oy * p.sh - p.pad_top + ky * p.dh;                                                   \
              for (int32_t kx = 0; kx < p.kw; kx++, wo += cg) {                                                       \
                const int32_t ix = ox * p.sw - p.pad_left + kx * p.dw;                                                \
                if (iy >= 0 && iy < p.h && ix >= 0 && ix < p.w) {                                                     \
                  const uint8_t *xi = x + (((size_t)n * (size_t)p.h + (size_t)iy) * (size_t)p.w + (size_t)ix) * (size_t)p.c + \
                                      (size_t)(o / og) * (size_t)cg;                                                  \
                  for (int32_t i = 0; i < cg; i++) acc += qcc_stored(xi[i], p.x_signed) * (int32_t)wo[i];             \
                } else {                                                                                              \
                  for (int32_t i = 0; i < cg; i++) acc += d.x_pad * (int32_t)wo[i];                                   \
                }                                                                                                     \
              }                                                                                                       \
            }                                                                                                         \
            qcc_epilogue_store(p.kind, d.e, acc, scale, o, residual, table, y, at);                                    \
          }                                                                                                           \
  }

QCC_SCALAR_CONV2D(qcc_conv2d_q8__s8__scalar, int8_t)
QCC_SCALAR_CONV2D(qcc_conv2d_q8__s16__scalar, int16_t)

#endif
