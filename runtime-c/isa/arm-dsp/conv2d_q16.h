/* SPDX-License-Identifier: 0BSD */
/* conv2d_q16 and dwconv2d_q16 on arm-dsp: the loops of conv2d_s16 and dwconv2d_s16, 32-bit sums, and the epilogue that 8-bit
 * layers have (simd_epilogue.h).
 *
 * 4x2: four pixels by two channels.   1x2: one pixel by two channels.   1x4: depthwise, four channels of a pixel. */
#ifndef QCC_ARM_DSP_CONV2D_Q16_H
#define QCC_ARM_DSP_CONV2D_Q16_H

#include "conv2d_s16.h"
#include "dwconv2d_s16.h"
#include "qcc/conv2d_q16.h"
#include "simd_epilogue.h"

/* What gathers taps asks for the shape alone. */
QCC_INLINE struct qcc_conv2d_s16_params qcc_dsp_q16_shape(struct qcc_conv2d_q16_params p) {
  return (struct qcc_conv2d_s16_params){p.n,  p.h,  p.w,  p.c,  p.oh,      p.ow,       p.oc,     p.kh, p.kw,
                                        p.sh, p.sw, p.dh, p.dw, p.pad_top, p.pad_left, p.groups, 0,    0};
}

QCC_INLINE void qcc_conv2d_q16__4x2__arm_dsp(struct qcc_conv2d_q16_params p, struct qcc_conv2d_q16_data d, const int16_t *x,
                                             const void *w, const int32_t *bias, const void *scale, const uint8_t *residual,
                                             const uint8_t *table, void *y, void *scratch) {
  const struct qcc_conv2d_s16_params shape = qcc_dsp_q16_shape(p);
  const int32_t pixels = p.n * p.oh * p.ow, cells = p.kh * p.kw * p.c, pairs = (cells + 1) / 2, skipped = -pairs & 7;
  uint32_t *const spread = (uint32_t *)scratch;
  int16_t *const taps = (int16_t *)(spread + 4 * (ptrdiff_t)pairs);
  int32_t oy = 0, ox = 0;
  for (int32_t pixel = 0; pixel < pixels; pixel += 4) {
    const int32_t count = pixels - pixel < 4 ? pixels - pixel : 4;
    for (int32_t i = 0; i < count; i++) {
      const int16_t *from = taps;
      uint32_t *to = spread + i;
      if (qcc_dsp_s16_is_pointwise(shape)) {
        from = x + (ptrdiff_t)(pixel + i) * p.c;
      } else {
        qcc_dsp_s16_gather(shape, x, oy, ox, taps);
        if (++ox == p.ow) {
          ox = 0;
          if (++oy == p.oh) oy = 0, x += (ptrdiff_t)p.h * p.w * p.c;
        }
      }
      for (int32_t k = 0; k + 1 < cells; k += 2, to += 4) *to = qcc_dsp_load(from + k);
      if (cells % 2 != 0) *to = qcc_dsp_s16_last(from + cells - 1);
    }
    const int8_t *wo = (const int8_t *)w;
    for (int32_t o = 0; o < p.oc; o += 2) {
      const int32_t channels = o + 1 < p.oc ? 2 : 1;
      struct qcc_dsp_4x2 a;
      a.sums[0] = bias[o];
      a.sums[1] = bias[o + 1];
      wo = qcc_dsp_dot_4x2(&a, spread, wo, pairs, skipped);
      for (int32_t j = 0; j < channels; j++)
        for (int32_t i = 0; i < count; i++)
          qcc_dsp_store(p.kind, d.e, a.sums[4 * j + i], scale, o + j, residual, table, y,
                        (size_t)(pixel + i) * (size_t)p.oc + (size_t)(o + j));
    }
  }
}

QCC_INLINE void qcc_conv2d_q16__1x2__arm_dsp(struct qcc_conv2d_q16_params p, struct qcc_conv2d_q16_data d, const int16_t *x,
                                             const void *w, const int32_t *bias, const void *scale, const uint8_t *residual,
                                             const uint8_t *table, void *y, void *scratch) {
  const struct qcc_conv2d_s16_params shape = qcc_dsp_q16_shape(p);
  const int32_t cells = p.kh * p.kw * p.c;
  int16_t *const taps = (int16_t *)scratch;
  size_t at = 0;
  for (int32_t n = 0; n < p.n; n++, x += (ptrdiff_t)p.h * p.w * p.c)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow; ox++, at += (size_t)p.oc) {
        const int16_t *from = x + ((ptrdiff_t)oy * p.w + ox) * p.c;
        const int8_t *wo = (const int8_t *)w;
        if (!qcc_dsp_s16_is_pointwise(shape)) {
          qcc_dsp_s16_gather(shape, x, oy, ox, taps);
          from = taps;
        }
        for (int32_t o = 0; o < p.oc; o += 2, wo += 4 * (ptrdiff_t)((cells + 1) / 2)) {
          const struct qcc_dsp_s16_dot_sums a = qcc_dsp_s16_dot((struct qcc_dsp_s16_dot_sums){bias[o], bias[o + 1]}, from, wo, cells);
          qcc_dsp_store(p.kind, d.e, a.a0, scale, o, residual, table, y, at + (size_t)o);
          if (o + 1 < p.oc) qcc_dsp_store(p.kind, d.e, a.a1, scale, o + 1, residual, table, y, at + (size_t)o + 1);
        }
      }
}

QCC_INLINE void qcc_dwconv2d_q16__1x4__arm_dsp(struct qcc_dwconv2d_q16_params p, struct qcc_dwconv2d_q16_data d, const int16_t *x,
                                               const void *w, const int32_t *bias, const void *scale, const uint8_t *residual,
                                               const uint8_t *table, void *y, void *scratch) {
  const struct qcc_dwconv2d_s16_params shape = {p.n,  p.h,  p.w,  p.c,  p.oh, p.ow,      p.multiplier, p.kh, p.kw,
                                                p.sh, p.sw, p.dh, p.dw, p.pad_top, p.pad_left, 0,     0};
  size_t at = 0;
  (void)scratch;
  for (int32_t n = 0; n < p.n; n++, x += (ptrdiff_t)p.h * p.w * p.c)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow; ox++, at += (size_t)p.c) {
        const struct qcc_taps window = QCC_TAPS(shape, oy, ox);
        int32_t o = 0;
        for (; o + 4 <= p.c; o += 4) {
          const struct qcc_dsp_s16_four a = qcc_dsp_s16_four_of(shape, window, x, (const int8_t *)w, bias, o);
          qcc_dsp_store(p.kind, d.e, a.a0, scale, o, residual, table, y, at + (size_t)o);
          qcc_dsp_store(p.kind, d.e, a.a1, scale, o + 1, residual, table, y, at + (size_t)o + 1);
          qcc_dsp_store(p.kind, d.e, a.a2, scale, o + 2, residual, table, y, at + (size_t)o + 2);
          qcc_dsp_store(p.kind, d.e, a.a3, scale, o + 3, residual, table, y, at + (size_t)o + 3);
        }
        for (; o < p.c; o++)
          qcc_dsp_store(p.kind, d.e, qcc_dsp_s16_one_of(shape, window, x, (const int8_t *)w, bias, o), scale, o, residual, table, y,
                        at + (size_t)o);
      }
}

#endif
