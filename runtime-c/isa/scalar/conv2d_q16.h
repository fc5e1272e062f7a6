/* SPDX-License-Identifier: 0BSD */
/* conv2d_q16 and dwconv2d_q16 in plain C, the formulas of qcc/conv2d_q16.h. */
#ifndef QCC_SCALAR_CONV2D_Q16_H
#define QCC_SCALAR_CONV2D_Q16_H

#include "epilogue.h"
#include "qcc/conv2d_q16.h"

QCC_INLINE void qcc_conv2d_q16__1__scalar(struct qcc_conv2d_q16_params p, struct qcc_conv2d_q16_data d, const int16_t *x,
                                          const void *w, const int32_t *bias, const void *scale, const uint8_t *residual,
                                          const uint8_t *table, void *y, void *scratch) {
  const int32_t cg = p.c / p.groups, og = p.oc / p.groups, cells = p.kh * p.kw * cg;
  size_t at = 0;
  (void)scratch;
  for (int32_t n = 0; n < p.n; n++)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow; ox++)
        for (int32_t o = 0; o < p.oc; o++, at++) {
          const int8_t *wo = (const int8_t *)w + (size_t)o * (size_t)cells;
          int32_t acc = bias[o];
          for (int32_t ky = 0; ky < p.kh; ky++) {
            const int32_t iy = oy * p.sh - p.pad_top + ky * p.dh;
            for (int32_t kx = 0; kx < p.kw; kx++, wo += cg) {
              const int32_t ix = ox * p.sw - p.pad_left + kx * p.dw;
              if (iy < 0 || iy >= p.h || ix < 0 || ix >= p.w) continue;
              const int16_t *xi = x + (((size_t)n * (size_t)p.h + (size_t)iy) * (size_t)p.w + (size_t)ix) * (size_t)p.c +
                                  (size_t)(o / og) * (size_t)cg;
              for (int32_t i = 0; i < cg; i++) acc += (int32_t)xi[i] * (int32_t)wo[i];
            }
          }
          qcc_epilogue_store(p.kind, d.e, acc, scale, o, residual, table, y, at);
        }
}

QCC_INLINE void qcc_dwconv2d_q16__1__scalar(struct qcc_dwconv2d_q16_params p, struct qcc_dwconv2d_q16_data d, const int16_t *x,
                                            const void *w, const int32_t *bias, const void *scale, const uint8_t *residual,
                                            const uint8_t *table, void *y, void *scratch) {
  const int32_t oc = p.c * p.multiplier;
  size_t at = 0;
  (void)scratch;
  for (int32_t n = 0; n < p.n; n++)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow; ox++)
        for (int32_t o = 0; o < oc; o++, at++) {
          int32_t acc = bias[o];
          for (int32_t ky = 0; ky < p.kh; ky++) {
            const int32_t iy = oy * p.sh - p.pad_top + ky * p.dh;
            if (iy < 0 || iy >= p.h) continue;
            for (int32_t kx = 0; kx < p.kw; kx++) {
              const int32_t ix = ox * p.sw - p.pad_left + kx * p.dw;
              if (ix < 0 || ix >= p.w) continue;
              acc += (int32_t)x[(((size_t)n * (size_t)p.h + (size_t)iy) * (size_t)p.w + (size_t)ix) * (size_t)p.c +
                                (size_t)(o / p.multiplier)] *
                     (int32_t)((const int8_t *)w)[(size_t)(ky * p.kw + kx) * (size_t)oc + (size_t)o];
            }
          }
          qcc_epilogue_store(p.kind, d.e, acc, scale, o, residual, table, y, at);
        }
}

#endif
