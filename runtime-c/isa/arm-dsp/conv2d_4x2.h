/* SPDX-License-Identifier: 0BSD */
/* conv2d_q8 on arm-dsp, four pixels by two channels: 1x1 at stride 1, and windows of few taps.
 *
 * x  scratch: words [pair of k][pixel 0..3], s16 pairs; doubled where the epilogue is the short one
 * w  bytes [pair of k][k][channel 0, 1]: one word unpacks into the pairs of both channels
 *
 * 13 instructions for 16 products. They take all fourteen registers, so the loop saves and restores them by itself and
 * speaks to C through memory: two starting values in, eight sums out. The loop is unrolled eight times and entered
 * where the number of pairs asks for. A build without optimization gets plain C. */
#ifndef QCC_ARM_DSP_CONV2D_4X2_H
#define QCC_ARM_DSP_CONV2D_4X2_H

#include "conv2d_gather.h"
#include "conv2d_tile.h"
#include "simd_epilogue.h"

/* Sums of channel 0, then of channel 1, each of four pixels. */
struct qcc_dsp_4x2 {
  int32_t sums[8];
};

/* pairs > 0. `skipped`: 8 * n - pairs, below 8. sums[0], sums[1]: starting values of the channels. Returns the next w. */
QCC_INLINE const int8_t *qcc_dsp_dot_4x2(struct qcc_dsp_4x2 *a, const uint32_t *x, const int8_t *w, int32_t pairs, int32_t skipped) {
#if QCC_DSP_BY_HAND
  register const uint32_t *r0 __asm__("r0") = x;
  register const int8_t *r1 __asm__("r1") = w;
  register int32_t *r2 __asm__("r2") = a->sums;
  register const uint32_t *r3 __asm__("r3") = x + 4 * (ptrdiff_t)pairs;
  register int32_t r12 __asm__("r12") = skipped;
  __asm__ volatile("push {r2-r11, lr}\n"
                   "ldrd r4, r8, [r2]\n" QCC_DSP_LOOP_4x2
                   "ldr r2, [sp]\n"
                   "stm r2, {r4-r11}\n"
                   "pop {r2-r11, lr}\n"
                   : "+r"(r0), "+r"(r1), "+r"(r12)
                   : "r"(r2), "r"(r3)
                   : "cc", "memory");
  return r1;
#else
  const int32_t start[2] = {a->sums[0], a->sums[1]};
  (void)skipped;
  for (int32_t i = 0; i < 8; i++) {
    a->sums[i] = start[i >> 2];
    for (int32_t k = 0; k < pairs; k++) {
      const uint32_t word = qcc_dsp_load(w + 4 * (ptrdiff_t)k);
      a->sums[i] = qcc_dsp_smlad(x[4 * k + (i & 3)], i < 4 ? qcc_dsp_even(word, 1) : qcc_dsp_odd(word, 1), a->sums[i]);
    }
  }
  return w + 4 * (ptrdiff_t)pairs;
#endif
}

/* Four values to their two words. `twice`: doubled. */
QCC_INLINE void qcc_dsp_spread_four(uint32_t *to, const uint8_t *x, int32_t is_signed, int32_t twice) {
  const uint32_t word = qcc_dsp_load(x), even = qcc_dsp_even(word, is_signed), odd = qcc_dsp_odd(word, is_signed);
  const uint32_t first = qcc_dsp_lows(even, odd), second = qcc_dsp_highs(even, odd);
  to[0] = twice ? qcc_dsp_sadd16(first, first) : first;
  to[4] = twice ? qcc_dsp_sadd16(second, second) : second;
}

/* One pixel's c values to its words; of an odd c the last pair ends in a zero. */
QCC_INLINE void qcc_dsp_spread(uint32_t *to, const uint8_t *x, int32_t c, int32_t is_signed, int32_t twice) {
  for (; c >= 8; c -= 8, x += 8, to += 16) {
    qcc_dsp_spread_four(to, x, is_signed, twice);
    qcc_dsp_spread_four(to + 8, x + 4, is_signed, twice);
  }
  if (c >= 4) {
    qcc_dsp_spread_four(to, x, is_signed, twice);
    c -= 4;
    x += 4;
    to += 8;
  }
  for (; c > 0; c -= 2, x += 2, to += 4) {
    const int32_t scale = twice ? 2 : 1, u = qcc_stored(x[0], is_signed), v = c > 1 ? qcc_stored(x[1], is_signed) : 0;
    to[0] = qcc_dsp_lows((uint32_t)(u * scale), (uint32_t)(v * scale));
  }
}

/* Up to four pixels of channel `o`; `at`: element of the first. */
QCC_INLINE void qcc_dsp_finish_pixels(struct qcc_epilogue_kind k, struct qcc_epilogue_data d, const int32_t *sums, int32_t count,
                                      ptrdiff_t step, const void *scale, int32_t o, const uint8_t *residual, const uint8_t *table,
                                      void *y, size_t at) {
  if (qcc_dsp_is_short(k) != 0) {
    const struct qcc_dsp_short by = qcc_dsp_short_of(d, scale, o);
    uint8_t *const to = (uint8_t *)y + at;
    if (count == 4) {
      to[0] = qcc_dsp_short(k, by, sums[0]);
      to[step] = qcc_dsp_short(k, by, sums[1]);
      to[2 * step] = qcc_dsp_short(k, by, sums[2]);
      to[3 * step] = qcc_dsp_short(k, by, sums[3]);
    } else {
      for (int32_t i = 0; i < count; i++) to[i * step] = qcc_dsp_short(k, by, sums[i]);
    }
    return;
  }
  for (int32_t i = 0; i < count; i++, at += (size_t)step) qcc_dsp_store(k, d, sums[i], scale, o, residual, table, y, at);
}

#if QCC_DSP_BY_HAND
/* All channels of up to four pixels, `y` at the first of them. What is left over goes through `spare`. */
QCC_INLINE void qcc_dsp_pixels_short(struct qcc_conv2d_q8_params p, struct qcc_epilogue_data d, const uint32_t *spread, const int8_t *w,
                                     const void *scale, int32_t count, uint8_t *y) {
  const int32_t pairs = (p.kh * p.kw * p.c + 1) / 2;
  const int32_t *const joined = (const int32_t *)scale;
  uint8_t spare[8];
  struct qcc_dsp_tile tile = {joined, y, p.oc, 2 * d.y_zero + 1, spread, pairs == 1 ? 8 : (1 - pairs) & 7, joined};
  for (int32_t o = 0; o < p.oc;) {
    const int32_t whole = count == 4 ? (p.oc - o) / 2 * 2 : 0, next = whole > 0 ? o + whole : o + 2;
    if (whole == 0) tile.y = spare, tile.step = 2;
    tile.joined_end = joined + 2 * (ptrdiff_t)next;
    w = qcc_dsp_tiles_4x2(&tile, w, pairs);
    for (int32_t i = 0; whole == 0 && i < count; i++) {
      y[i * p.oc + o] = spare[2 * i];
      if (o + 1 < p.oc) y[i * p.oc + o + 1] = spare[2 * i + 1];
    }
    o = next;
  }
}
#endif

/* All pixels; `taps`: room for those of one pixel, null where x lies as they do. */
QCC_INLINE void qcc_dsp_conv2d_4x2(struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x, const void *w,
                                   const int32_t *bias, const void *scale, const uint8_t *residual, const uint8_t *table, void *y,
                                   uint32_t *spread, uint8_t *taps) {
  const int32_t pixels = p.n * p.oh * p.ow, cells = p.kh * p.kw * p.c, pairs = (cells + 1) / 2, skipped = -pairs & 7;
  const int32_t twice = qcc_dsp_is_short(p.kind);
#if QCC_DSP_BY_HAND
  const int32_t by_hand = twice && p.kind.proved == 2 && p.kind.y_signed;
#endif
  struct qcc_dsp_place place = {0, 0, 0};
  size_t at = 0;
  for (int32_t pixel = 0; pixel < pixels; pixel += 4, at += 4 * (size_t)p.oc) {
    int32_t count = pixels - pixel < 4 ? pixels - pixel : 4;
#if QCC_DSP_BY_HAND
    /* Pixels that are there already are computed again, which costs less than storing through a spare place. */
    if (taps == NULL && by_hand && count < 4 && pixels > 4) {
      x -= (ptrdiff_t)(4 - count) * p.c;
      at -= (size_t)(4 - count) * (size_t)p.oc;
      count = 4;
    }
#endif
    for (int32_t i = 0; i < count; i++) {
      if (taps == NULL) {
        qcc_dsp_spread(spread + i, x, p.c, p.x_signed, twice);
        x += p.c;
        continue;
      }
      const struct qcc_dsp_window window = qcc_dsp_window_of(p, x, place.n, place.oy, place.ox);
      qcc_dsp_gather_window(p, d.x_pad, window, taps);
      place = qcc_dsp_next(p, place);
      qcc_dsp_spread(spread + i, taps, cells, p.x_signed, twice);
    }
#if QCC_DSP_BY_HAND
    if (by_hand) {
      qcc_dsp_pixels_short(p, d.e, spread, (const int8_t *)w, scale, count, (uint8_t *)y + at);
      continue;
    }
#endif
    const int8_t *wo = (const int8_t *)w;
    for (int32_t o = 0; o < p.oc; o += 2) {
      struct qcc_dsp_4x2 a;
      a.sums[0] = qcc_channel_bias(p.kind, bias, scale, o) * (1 + twice);
      a.sums[1] = qcc_channel_bias(p.kind, bias, scale, o + 1) * (1 + twice);
      wo = qcc_dsp_dot_4x2(&a, spread, wo, pairs, skipped);
      qcc_dsp_finish_pixels(p.kind, d.e, a.sums, count, p.oc, scale, o, residual, table, y, at + (size_t)o);
      if (o + 1 < p.oc)
        qcc_dsp_finish_pixels(p.kind, d.e, a.sums + 4, count, p.oc, scale, o + 1, residual, table, y, at + (size_t)o + 1);
    }
  }
}

QCC_INLINE void qcc_conv2d_q8__1x1__arm_dsp(struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x,
                                            const void *w, const int32_t *bias, const void *scale, const uint8_t *residual,
                                            const uint8_t *table, void *y, void *scratch) {
  p.kh = 1;
  p.kw = 1;
  qcc_dsp_conv2d_4x2(p, d, x, w, bias, scale, residual, table, y, (uint32_t *)scratch, 0);
}

QCC_INLINE void qcc_conv2d_q8__4x2__arm_dsp(struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x,
                                            const void *w, const int32_t *bias, const void *scale, const uint8_t *residual,
                                            const uint8_t *table, void *y, void *scratch) {
  uint32_t *const spread = (uint32_t *)scratch;
  uint8_t *const taps = (uint8_t *)(spread + 4 * ((p.kh * p.kw * p.c + 1) / 2));
  qcc_dsp_conv2d_4x2(p, d, x, w, bias, scale, residual, table, y, spread, taps);
}

#endif
