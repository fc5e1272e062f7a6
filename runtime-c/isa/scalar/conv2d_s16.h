/* SPDX-License-Identifier: 0BSD */
/* conv2d_s16 and dwconv2d_s16 in plain C, the formulas of qcc/conv2d_s16.h, once with sums of 32 bits and once of 64. */
#ifndef QCC_SCALAR_CONV2D_S16_H
#define QCC_SCALAR_CONV2D_S16_H

#include "qcc/conv2d_s16.h"

#define QCC_SCALAR_CONV2D_S16(name, sum_type, bias_type, result)                                                              \
  QCC_INLINE void name(struct qcc_conv2d_s16_params p, struct qcc_conv2d_s16_data d, const int16_t *x, const int8_t *w,      \
                       const bias_type *bias, const int32_t *scale, int16_t *y) {                                            \
    const int32_t cg = p.c / p.groups, og = p.oc / p.groups, cells = p.kh * p.kw * cg;                                       \
    for (int32_t n = 0; n < p.n; n++)                                                                                        \
      for (int32_t oy = 0; oy < p.oh; oy++)                                                                                  \
        for (int32_t ox = 0; ox < p.ow; ox++)                                                                                \
          for (int32_t o = 0; o < p.oc; o++) {                                                                               \
            const int8_t *wo = w + (size_t)o * (size_t)cells;                                                                \
            sum_type acc = bias[o];                                                                                          \
            for (int32_t ky = 0; ky < p.kh; ky++) {                                                                          \
              const int32_t iy = oy * p.sh - p.pad_top + ky * p.dh;                                                          \
              for (int32_t kx = 0; kx < p.kw; kx++, wo += cg) {                                                              \
                const int32_t ix = ox * p.sw - p.pad_left + kx * p.dw;                                                       \
                if (iy < 0 || iy >= p.h || ix < 0 || ix >= p.w) continue;                                                    \
                const int16_t *xi = x + (((size_t)n * (size_t)p.h + (size_t)iy) * (size_t)p.w + (size_t)ix) * (size_t)p.c +  \
                                    (size_t)(o / og) * (size_t)cg;                                                           \
                for (int32_t i = 0; i < cg; i++) acc += (int32_t)xi[i] * (int32_t)wo[i];                                     \
              }                                                                                                              \
            }                                                                                                                \
            *y++ = (int16_t)qcc_wide_clamp(result(p.rounding, acc, scale + 2 * (ptrdiff_t)o), d.y_min, d.y_max);             \
          }                                                                                                                  \
  }

QCC_SCALAR_CONV2D_S16(qcc_scalar_conv2d_s16_narrow, int32_t, int32_t, qcc_wide_narrow_result)
QCC_SCALAR_CONV2D_S16(qcc_scalar_conv2d_s16_wide, int64_t, int64_t, qcc_wide_result)

QCC_INLINE void qcc_conv2d_s16__1__scalar(struct qcc_conv2d_s16_params p, struct qcc_conv2d_s16_data d, const int16_t *x,
                                          const int8_t *w, const void *bias, const int32_t *scale, int16_t *y, void *scratch) {
  (void)scratch;
  if (p.is_wide)
    qcc_scalar_conv2d_s16_wide(p, d, x, w, (const int64_t *)bias, scale, y);
  else
    qcc_scalar_conv2d_s16_narrow(p, d, x, w, (const int32_t *)bias, scale, y);
}

#define QCC_SCALAR_DWCONV2D_S16(name, sum_type, bias_type, result)                                                            \
  QCC_INLINE void name(struct qcc_dwconv2d_s16_params p, struct qcc_dwconv2d_s16_data d, const int16_t *x, const int8_t *w,  \
                       const bias_type *bias, const int32_t *scale, int16_t *y) {                                            \
    const int32_t oc = p.c * p.multiplier;                                                                                   \
    for (int32_t n = 0; n < p.n; n++)                                                                                        \
      for (int32_t oy = 0; oy < p.oh; oy++)                                                                                  \
        for (int32_t ox = 0; ox < p.ow; ox++)                                                                                \
          for (int32_t o = 0; o < oc; o++) {                                                                                 \
            sum_type acc = bias[o];                                                                                          \
            for (int32_t ky = 0; ky < p.kh; ky++) {                                                                          \
              const int32_t iy = oy * p.sh - p.pad_top + ky * p.dh;                                                          \
              if (iy < 0 || iy >= p.h) continue;                                                                             \
              for (int32_t kx = 0; kx < p.kw; kx++) {                                                                        \
                const int32_t ix = ox * p.sw - p.pad_left + kx * p.dw;                                                       \
                if (ix < 0 || ix >= p.w) continue;                                                                           \
                acc += (int32_t)x[(((size_t)n * (size_t)p.h + (size_t)iy) * (size_t)p.w + (size_t)ix) * (size_t)p.c +        \
                                  (size_t)(o / p.multiplier)] *                                                              \
                       (int32_t)w[(size_t)(ky * p.kw + kx) * (size_t)oc + (size_t)o];                                        \
              }                                                                                                              \
            }                                                                                                                \
            *y++ = (int16_t)qcc_wide_clamp(result(p.rounding, acc, scale + 2 * (ptrdiff_t)o), d.y_min, d.y_max);             \
          }                                                                                                                  \
  }

QCC_SCALAR_DWCONV2D_S16(qcc_scalar_dwconv2d_s16_narrow, int32_t, int32_t, qcc_wide_narrow_result)
QCC_SCALAR_DWCONV2D_S16(qcc_scalar_dwconv2d_s16_wide, int64_t, int64_t, qcc_wide_result)

QCC_INLINE void qcc_dwconv2d_s16__1__scalar(struct qcc_dwconv2d_s16_params p, struct qcc_dwconv2d_s16_data d, const int16_t *x,
                                            const int8_t *w, const void *bias, const int32_t *scale, int16_t *y, void *scratch) {
  (void)scratch;
  if (p.is_wide)
    qcc_scalar_dwconv2d_s16_wide(p, d, x, w, (const int64_t *)bias, scale, y);
  else
    qcc_scalar_dwconv2d_s16_narrow(p, d, x, w, (const int32_t *)bias, scale, y);
}

#endif
