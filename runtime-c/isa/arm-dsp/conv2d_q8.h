/* SPDX-License-Identifier: 0BSD */
/* conv2d_q8 on arm-dsp. The inner loops are in conv2d_dot.h.
 *
 * 2x2: the taps of two pixels are gathered, unpacked to s16 and kept in scratch, where all output channels read them; so
 *   borders, strides and odd sizes cost nothing in the inner loop, and weights stay int8 in flash.
 * 1x4: a fully connected layer: each weight is read once, the input is read as it lies. */
#ifndef QCC_ARM_DSP_CONV2D_Q8_H
#define QCC_ARM_DSP_CONV2D_Q8_H

#include "conv2d_dot.h"
#include "conv2d_gather.h"
#include "qcc/conv2d_q8.h"
#include "simd_epilogue.h"

/* `bytes` taps, a multiple of 4, unpacked to one pixel's words of the steps from `to` on. */
QCC_INLINE void qcc_dsp_unpack(uint32_t *to, const uint8_t *from, int32_t bytes, int32_t is_signed) {
  for (int32_t i = 0; i < bytes; i += 4, to += 4) {
    const uint32_t word = qcc_dsp_load(from + i);
    to[0] = qcc_dsp_even(word, is_signed);
    to[2] = qcc_dsp_odd(word, is_signed);
  }
}

/* The taps of a pixel, unpacked to `to`, of the odd last ones a whole step. `taps`: a row where rows are whole words, else all. */
QCC_INLINE void qcc_dsp_gather(struct qcc_conv2d_q8_params p, int32_t x_pad, const uint8_t *x, struct qcc_dsp_place place, uint8_t *taps,
                               uint32_t *to) {
  const int32_t row = p.kw * p.c, cells = p.kh * row;
  const struct qcc_dsp_window at = qcc_dsp_window_of(p, x, place.n, place.oy, place.ox);
  if (p.c % 4 != 0) {
    for (int32_t ky = 0; ky < p.kh; ky++) qcc_dsp_gather_row(p, x_pad, at, ky, taps + ky * row);
    for (int32_t i = cells; i % 4 != 0; i++) taps[i] = 0;
    qcc_dsp_unpack(to, taps, (cells + 3) / 4 * 4, p.x_signed);
    return;
  }
  const int32_t is_whole = at.inside == 0 && at.outside == p.kw && p.dw == 1;
  for (int32_t ky = 0; ky < p.kh; ky++, to += row) {
    const int32_t iy = at.top + ky * p.dh;
    const uint8_t *from = taps;
    if (is_whole && (uint32_t)iy < (uint32_t)p.h)
      from = at.image + ((ptrdiff_t)iy * p.w + at.left) * p.c;
    else
      qcc_dsp_gather_row(p, x_pad, at, ky, taps);
    qcc_dsp_unpack(to, from, row, p.x_signed);
  }
}

/* Four results of two pixels and two channels, all computed before one is stored: y may be the residual. Where there is
 * one pixel only (two = 0) the second is stored in its place and then overwritten. */
QCC_INLINE void qcc_dsp_store_2x2(struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, struct qcc_dsp_2x2 a,
                                  const void *scale, int32_t o, int32_t two, const uint8_t *residual, const uint8_t *table,
                                  void *y, size_t at) {
  const size_t next = two ? at + (size_t)p.oc : at;
  const int32_t more = o + 1 < p.oc;
  if (qcc_dsp_is_short(p.kind) != 0) {
    uint8_t *const bytes = (uint8_t *)y;
    struct qcc_dsp_short by = qcc_dsp_short_of(d.e, scale, o);
    if (two != 0) bytes[next] = qcc_dsp_short(p.kind, by, 2 * a.a01);
    bytes[at] = qcc_dsp_short(p.kind, by, 2 * a.a00);
    if (!more) return;
    by = qcc_dsp_short_of(d.e, scale, o + 1);
    if (two != 0) bytes[next + 1] = qcc_dsp_short(p.kind, by, 2 * a.a11);
    bytes[at + 1] = qcc_dsp_short(p.kind, by, 2 * a.a10);
    return;
  }
  if (p.kind.out == QCC_OUT_Q8) {
    uint8_t *const bytes = (uint8_t *)y;
    const uint8_t v01 = qcc_dsp_result(p.kind, d.e, a.a01, scale, o, residual, table, next);
    const uint8_t v00 = qcc_dsp_result(p.kind, d.e, a.a00, scale, o, residual, table, at);
    if (!more) {
      bytes[next] = v01;
      bytes[at] = v00;
      return;
    }
    const uint8_t v11 = qcc_dsp_result(p.kind, d.e, a.a11, scale, o + 1, residual, table, next + 1);
    const uint8_t v10 = qcc_dsp_result(p.kind, d.e, a.a10, scale, o + 1, residual, table, at + 1);
    bytes[next] = v01;
    bytes[next + 1] = v11;
    bytes[at] = v00;
    bytes[at + 1] = v10;
    return;
  }
  if (two != 0) qcc_epilogue_store(p.kind, d.e, a.a01, scale, o, residual, table, y, next);
  if (two && more) qcc_epilogue_store(p.kind, d.e, a.a11, scale, o + 1, residual, table, y, next + 1);
  qcc_epilogue_store(p.kind, d.e, a.a00, scale, o, residual, table, y, at);
  if (more) qcc_epilogue_store(p.kind, d.e, a.a10, scale, o + 1, residual, table, y, at + 1);
}

QCC_INLINE void qcc_dsp_conv2d_2x2(struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x,
                                            const void *w, const int32_t *bias, const void *scale, const uint8_t *residual,
                                            const uint8_t *table, void *y, void *scratch) {
  const int32_t steps = (p.kh * p.kw * p.c + 3) / 4, skipped = -steps & 7, pixels = p.n * p.oh * p.ow;
  uint32_t *const unpacked = (uint32_t *)scratch;
  uint8_t *const taps = (uint8_t *)(unpacked + 4 * (ptrdiff_t)steps);
  struct qcc_dsp_place place = {0, 0, 0};
  for (int32_t pixel = 0; pixel < pixels; pixel += 2) {
    const int32_t two = pixel + 1 < pixels;
    for (int32_t i = 0; i < 1 + two; i++) {
      qcc_dsp_gather(p, d.x_pad, x, place, taps, unpacked + i);
      place = qcc_dsp_next(p, place);
    }
    const int8_t *wo = (const int8_t *)w;
    size_t at = (size_t)pixel * (size_t)p.oc;
    for (int32_t o = 0; o < p.oc; o += 2, at += 2, wo += 8 * (ptrdiff_t)steps) {
      const int32_t b0 = qcc_channel_bias(p.kind, bias, scale, o), b1 = qcc_channel_bias(p.kind, bias, scale, o + 1);
      const struct qcc_dsp_2x2 start = {b0, b0, b1, b1};
      qcc_dsp_store_2x2(p, d, qcc_dsp_dot_2x2(start, unpacked, wo, steps, skipped), scale, o, two, residual, table, y, at);
    }
  }
}

/* Whole words in a row of taps: scratch for one is enough. */
QCC_INLINE void qcc_conv2d_q8__2x2__arm_dsp(struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x,
                                            const void *w, const int32_t *bias, const void *scale, const uint8_t *residual,
                                            const uint8_t *table, void *y, void *scratch) {
  qcc_dsp_conv2d_2x2(p, d, x, w, bias, scale, residual, table, y, scratch);
}

QCC_INLINE void qcc_conv2d_q8__2x2any__arm_dsp(struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x,
                                               const void *w, const int32_t *bias, const void *scale, const uint8_t *residual,
                                               const uint8_t *table, void *y, void *scratch) {
  qcc_dsp_conv2d_2x2(p, d, x, w, bias, scale, residual, table, y, scratch);
}

QCC_INLINE void qcc_conv2d_q8__1x4__arm_dsp(struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x,
                                            const void *w, const int32_t *bias, const void *scale, const uint8_t *residual,
                                            const uint8_t *table, void *y, void *scratch) {
  const int32_t cells = p.kh * p.kw * p.c, steps = cells / 4, rest = cells % 4;
  const int8_t *wo = (const int8_t *)w;
  (void)scratch;
  for (int32_t o = 0; o < p.oc; o += 4) {
    struct qcc_dsp_1x4 a = {qcc_channel_bias(p.kind, bias, scale, o), qcc_channel_bias(p.kind, bias, scale, o + 1),
                            qcc_channel_bias(p.kind, bias, scale, o + 2), qcc_channel_bias(p.kind, bias, scale, o + 3)};
    if (steps > 0) a = qcc_dsp_dot_1x4(a, x, wo, steps, p.x_signed);
    wo += 16 * (ptrdiff_t)steps;
    if (rest != 0) {
      uint32_t last = 0;
      qcc_copy(&last, x + 4 * (ptrdiff_t)steps, (size_t)rest);
      a = qcc_dsp_step_1x4(a, last, wo, p.x_signed);
      wo += 16;
    }
    if (o + 4 <= p.oc) {
      qcc_dsp_store(p.kind, d.e, a.a0, scale, o, residual, table, y, (size_t)o);
      qcc_dsp_store(p.kind, d.e, a.a1, scale, o + 1, residual, table, y, (size_t)o + 1);
      qcc_dsp_store(p.kind, d.e, a.a2, scale, o + 2, residual, table, y, (size_t)o + 2);
      qcc_dsp_store(p.kind, d.e, a.a3, scale, o + 3, residual, table, y, (size_t)o + 3);
      continue;
    }
    const int32_t acc[4] = {a.a0, a.a1, a.a2, a.a3};
    for (int32_t i = 0; i < 4 && o + i < p.oc; i++)
      qcc_dsp_store(p.kind, d.e, acc[i], scale, o + i, residual, table, y, (size_t)(o + i));
  }
}

#endif
