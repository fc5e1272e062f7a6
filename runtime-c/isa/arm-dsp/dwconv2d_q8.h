/* SPDX-License-Identifier: 0BSD */
/* dwconv2d_q8 on arm-dsp, 3x3 windows.
 *
 * Two channels at a time, c and c + 2 of a word of four (then c + 1 and c + 3). A column of three rows becomes three words:
 *
 *   low  = (row 0, row 1) of channel c       high = (row 0, row 1) of channel c + 2       rest = row 2 of both
 *
 * so that a column costs two SMLAD and two SMLAxx. Along a row of results the columns roll: each is loaded once.
 * Rows outside the image read a word of x_pad at every column (their offset is masked to 0). The last oc % 4 channels and
 * images too narrow are plain C's. */
#ifndef QCC_ARM_DSP_DWCONV2D_Q8_H
#define QCC_ARM_DSP_DWCONV2D_Q8_H

#include "qcc/dwconv2d_q8.h"
#include "simd_epilogue.h"

struct qcc_dsp_column {
  uint32_t low, high, rest;
};

/* Three rows at one place: inside the image they are `row` bytes apart; else each has a base and a mask of the offset. */
struct qcc_dsp_rows {
  const uint8_t *base[3];
  int32_t mask[3];
};

QCC_INLINE uint32_t qcc_dsp_half(uint32_t word, int32_t odd, int32_t is_signed) {
  return odd ? qcc_dsp_odd(word, is_signed) : qcc_dsp_even(word, is_signed);
}

QCC_INLINE struct qcc_dsp_column qcc_dsp_column_of(uint32_t a, uint32_t b, uint32_t c, int32_t odd, int32_t is_signed) {
  const uint32_t first = qcc_dsp_half(a, odd, is_signed), second = qcc_dsp_half(b, odd, is_signed);
  return (struct qcc_dsp_column){qcc_dsp_lows(first, second), qcc_dsp_highs(first, second), qcc_dsp_half(c, odd, is_signed)};
}

QCC_INLINE struct qcc_dsp_column qcc_dsp_load_column(struct qcc_dwconv2d_q8_params p, const struct qcc_dsp_rows *rows, int32_t edge,
                                                     uint32_t pad, int32_t ix, int32_t odd) {
  const int32_t row = p.w * p.c, at = ix * p.c;
  if ((uint32_t)ix >= (uint32_t)p.w) return qcc_dsp_column_of(pad, pad, pad, odd, p.x_signed);
  if (edge)
    return qcc_dsp_column_of(qcc_dsp_load(rows->base[0] + (at & rows->mask[0])), qcc_dsp_load(rows->base[1] + (at & rows->mask[1])),
                             qcc_dsp_load(rows->base[2] + (at & rows->mask[2])), odd, p.x_signed);
  const uint8_t *const from = rows->base[0] + at;
  return qcc_dsp_column_of(qcc_dsp_load(from), qcc_dsp_load(from + row), qcc_dsp_load(from + 2 * (ptrdiff_t)row), odd, p.x_signed);
}

struct qcc_dsp_sums {
  int32_t low, high;
};

QCC_INLINE struct qcc_dsp_sums qcc_dsp_add_column(struct qcc_dsp_sums s, struct qcc_dsp_column x, const struct qcc_dsp_column *w) {
  s.low = qcc_dsp_smlabb(x.rest, w->rest, qcc_dsp_smlad(x.low, w->low, s.low));
  s.high = qcc_dsp_smlatt(x.rest, w->rest, qcc_dsp_smlad(x.high, w->high, s.high));
  return s;
}

/* Both computed before one is stored: y may be the residual. */
QCC_INLINE void qcc_dsp_dw_store(struct qcc_epilogue_kind k, struct qcc_epilogue_data d, struct qcc_dsp_sums s, const void *scale,
                                 int32_t o, const uint8_t *residual, const uint8_t *table, void *y, size_t at) {
  if (k.out == QCC_OUT_Q8) {
    const uint8_t low = qcc_dsp_result(k, d, s.low, scale, o, residual, table, at);
    const uint8_t high = qcc_dsp_result(k, d, s.high, scale, o + 2, residual, table, at + 2);
    ((uint8_t *)y)[at] = low;
    ((uint8_t *)y)[at + 2] = high;
  } else {
    qcc_epilogue_store(k, d, s.low, scale, o, residual, table, y, at);
    qcc_epilogue_store(k, d, s.high, scale, o + 2, residual, table, y, at + 2);
  }
}

/* One row of results of channels o and o + 2. */
QCC_INLINE void qcc_dsp_dw_row(struct qcc_dwconv2d_q8_params p, struct qcc_dwconv2d_q8_data d, const struct qcc_dsp_rows *rows,
                               int32_t edge, int32_t odd, const struct qcc_dsp_column *w, const int32_t *bias,
                               const void *scale, int32_t o, const uint8_t *residual, const uint8_t *table, void *y, size_t at) {
  const uint32_t pad = (uint32_t)(uint8_t)d.x_pad * UINT32_C(0x01010101);
  struct qcc_dsp_column a, b, c;
  int32_t ix = -p.pad_left;
#define QCC_DSP_NEXT(column) column = qcc_dsp_load_column(p, rows, edge, pad, ix++, odd)
#define QCC_DSP_RESULT(x0, x1, x2)                                                                                  \
  {                                                                                                                 \
    struct qcc_dsp_sums s = {qcc_channel_bias(p.kind, bias, scale, o), qcc_channel_bias(p.kind, bias, scale, o + 2)}; \
    s = qcc_dsp_add_column(s, x0, w);                                                                               \
    s = qcc_dsp_add_column(s, x1, w + 1);                                                                           \
    s = qcc_dsp_add_column(s, x2, w + 2);                                                                           \
    qcc_dsp_dw_store(p.kind, d.e, s, scale, o, residual, table, y, at);                                             \
    at += (size_t)p.c;                                                                                              \
  }
  if (p.sw == 1) {
    QCC_DSP_NEXT(a);
    QCC_DSP_NEXT(b);
    for (int32_t ox = 0; ox < p.ow; ox += 3) {
      QCC_DSP_NEXT(c);
      QCC_DSP_RESULT(a, b, c);
      if (ox + 1 >= p.ow) break;
      QCC_DSP_NEXT(a);
      QCC_DSP_RESULT(b, c, a);
      if (ox + 2 >= p.ow) break;
      QCC_DSP_NEXT(b);
      QCC_DSP_RESULT(c, a, b);
    }
  } else {
    for (int32_t ox = 0; ox < p.ow; ox++) {
      ix = ox * p.sw - p.pad_left;
      QCC_DSP_NEXT(a);
      QCC_DSP_NEXT(b);
      QCC_DSP_NEXT(c);
      QCC_DSP_RESULT(a, b, c);
    }
  }
#undef QCC_DSP_NEXT
#undef QCC_DSP_RESULT
}

/* All rows of channels o and o + 2 (odd: o is 1 above a multiple of 4, the word starts at o - 1). */
QCC_INLINE void qcc_dsp_dw_channels(struct qcc_dwconv2d_q8_params p, struct qcc_dwconv2d_q8_data d, const uint8_t *x,
                                    const int8_t *weights, const int32_t *bias, const void *scale, int32_t o, int32_t odd,
                                    const uint8_t *residual, const uint8_t *table, void *y) {
  const uint32_t pad = (uint32_t)(uint8_t)d.x_pad * UINT32_C(0x01010101);
  struct qcc_dsp_column w[3];
  size_t at = (size_t)(o + odd);
  for (int32_t kx = 0; kx < 3; kx++) {
    const int8_t *const from = weights + (ptrdiff_t)kx * p.c + o;
    w[kx] = qcc_dsp_column_of(qcc_dsp_load(from), qcc_dsp_load(from + 3 * (ptrdiff_t)p.c), qcc_dsp_load(from + 6 * (ptrdiff_t)p.c), odd, 1);
  }
  for (int32_t n = 0; n < p.n; n++)
    for (int32_t oy = 0; oy < p.oh; oy++, at += (size_t)p.ow * (size_t)p.c) {
      const int32_t top = oy * p.sh - p.pad_top;
      struct qcc_dsp_rows rows;
      for (int32_t ky = 0; ky < 3; ky++) {
        const int32_t iy = top + ky, inside = iy >= 0 && iy < p.h;
        rows.base[ky] = inside ? x + ((ptrdiff_t)n * p.h + iy) * p.w * p.c + o : (const uint8_t *)&pad;
        rows.mask[ky] = inside ? -1 : 0;
      }
      if (top >= 0 && top + 3 <= p.h)
        qcc_dsp_dw_row(p, d, &rows, 0, odd, w, bias, scale, o + odd, residual, table, y, at);
      else
        qcc_dsp_dw_row(p, d, &rows, 1, odd, w, bias, scale, o + odd, residual, table, y, at);
    }
}

/* Channels from `first` on, one at a time. */
QCC_INLINE void qcc_dsp_dw_rest(struct qcc_dwconv2d_q8_params p, struct qcc_dwconv2d_q8_data d, const uint8_t *x, const int8_t *w,
                                const int32_t *bias, const void *scale, int32_t first, const uint8_t *residual,
                                const uint8_t *table, void *y) {
  for (int32_t pixel = 0; pixel < p.n * p.oh * p.ow; pixel++) {
    const int32_t n = pixel / (p.oh * p.ow), oy = pixel / p.ow % p.oh, ox = pixel % p.ow;
    for (int32_t o = first; o < p.c; o++) {
      int32_t acc = qcc_channel_bias(p.kind, bias, scale, o);
      for (int32_t tap = 0; tap < p.kh * p.kw; tap++) {
        const int32_t iy = oy * p.sh - p.pad_top + tap / p.kw * p.dh, ix = ox * p.sw - p.pad_left + tap % p.kw * p.dw;
        const int32_t inside = iy >= 0 && iy < p.h && ix >= 0 && ix < p.w;
        const int32_t v = inside ? qcc_stored(x[(((ptrdiff_t)n * p.h + iy) * p.w + ix) * p.c + o], p.x_signed) : d.x_pad;
        acc += v * w[(ptrdiff_t)tap * p.c + o];
      }
      qcc_dsp_store(p.kind, d.e, acc, scale, o, residual, table, y, (size_t)pixel * (size_t)p.c + (size_t)o);
    }
  }
}

QCC_INLINE void qcc_dwconv2d_q8__3x3__arm_dsp(struct qcc_dwconv2d_q8_params p, struct qcc_dwconv2d_q8_data d, const uint8_t *x,
                                              const void *w, const int32_t *bias, const void *scale, const uint8_t *residual,
                                              const uint8_t *table, void *y, void *scratch) {
  const int8_t *const weights = (const int8_t *)w;
  const int32_t whole = p.c / 4 * 4;
  (void)scratch;
  for (int32_t o = 0; o < whole; o += 4) {
    qcc_dsp_dw_channels(p, d, x, weights, bias, scale, o, 0, residual, table, y);
    qcc_dsp_dw_channels(p, d, x, weights, bias, scale, o, 1, residual, table, y);
  }
  if (whole < p.c) qcc_dsp_dw_rest(p, d, x, weights, bias, scale, whole, residual, table, y);
}

#endif
