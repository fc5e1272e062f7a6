/* SPDX-License-Identifier: 0BSD */
/* dwconv2d_q8 on arm-dsp, 3x3 windows.
 *
 * A tile of the image, four channels of it, is unpacked into scratch as four planes of s16, so that neighbours of one channel
 * are the pairs that SMLAD wants: three rows of a plane cost 33 instructions for four results (dwconv2d_dot.h).
 * Neighbours along a row of the image or along a column, whichever leaves fewer of a group of four unused. Borders are
 * in the planes. A channel's nine weights are unpacked once per tile.
 *
 *   tile: at most 8 x 28 results at stride 1 (8 lines), 4 x 12 at stride 2; planes: 10 rows of 32 values
 *
 * The last oc % 4 channels are part of a quad that begins earlier. Fewer than four channels are plain C's. */
#ifndef QCC_ARM_DSP_DWCONV2D_Q8_H
#define QCC_ARM_DSP_DWCONV2D_Q8_H

#include "dwconv2d_rows.h"
#include "qcc/dwconv2d_q8.h"
#include "simd_epilogue.h"

enum { QCC_DSP_PLANE_ROWS = 10, QCC_DSP_PLANE = QCC_DSP_PLANE_ROW * QCC_DSP_PLANE_ROWS };

/* One dimension of a tile: the image's size, bytes from value to value of x and of y, the window's stride and padding,
 * where the tile begins and how many results it has. */
struct qcc_dsp_side {
  int32_t size, x_step, y_step, stride, pad, results, w_step;
  int32_t first, count;
};

QCC_INLINE void qcc_dsp_dw_pair(uint32_t *to, uint32_t u, uint32_t v, int32_t is_signed) {
  const uint32_t ue = qcc_dsp_even(u, is_signed), ve = qcc_dsp_even(v, is_signed);
  const uint32_t uo = qcc_dsp_odd(u, is_signed), vo = qcc_dsp_odd(v, is_signed);
  to[0] = qcc_dsp_lows(ue, ve);
  to[QCC_DSP_PLANE] = qcc_dsp_lows(uo, vo);
  to[2 * QCC_DSP_PLANE] = qcc_dsp_highs(ue, ve);
  to[3 * QCC_DSP_PLANE] = qcc_dsp_highs(uo, vo);
}

/* The pair that begins with value i, of which one is outside the row, or both. */
QCC_INLINE void qcc_dsp_dw_edge(uint32_t *to, struct qcc_dsp_side along, const uint8_t *row, int32_t i, uint32_t pad, int32_t is_signed) {
  uint32_t u = pad, v = pad;
  if ((uint32_t)i < (uint32_t)along.size) u = qcc_dsp_load(row + (ptrdiff_t)i * along.x_step);
  if ((uint32_t)(i + 1) < (uint32_t)along.size) v = qcc_dsp_load(row + (ptrdiff_t)(i + 1) * along.x_step);
  qcc_dsp_dw_pair(to, u, v, is_signed);
}

/* Four channels of a tile, the first at x, to four planes. */
QCC_INLINE void qcc_dsp_dw_unpack(struct qcc_dsp_side along, struct qcc_dsp_side across, const uint8_t *x, uint32_t pad,
                                  int32_t is_signed, uint32_t *planes) {
  const int32_t left = along.first * along.stride - along.pad, columns = (along.count - 1) * along.stride + 3;
  const int32_t top = across.first * across.stride - across.pad, rows = (across.count - 1) * across.stride + 3;
  /* Pairs that begin before the row, the place of the first whole one, and where those end. */
  const int32_t before = left < 0 ? (1 - left) / 2 : 0, inside = left + 2 * before, words = (columns + 1) / 2;
  const int32_t stop = along.size - 1 < left + columns ? along.size - 1 : left + columns;
  const int32_t whole = before + (inside < stop ? (stop - inside + 1) / 2 : 0);
  const uint8_t *row = x + (ptrdiff_t)top * across.x_step;
  for (int32_t r = 0; r < rows; r++, planes += QCC_DSP_PLANE_ROW, row += across.x_step) {
    if ((uint32_t)(top + r) >= (uint32_t)across.size) {
      for (int32_t i = 0; i < words; i++) qcc_dsp_dw_pair(planes + i, pad, pad, is_signed);
      continue;
    }
    const uint8_t *from = row + (ptrdiff_t)inside * along.x_step;
    const uint32_t *const end = planes + whole;
    for (int32_t i = 0; i < before; i++) qcc_dsp_dw_edge(planes + i, along, row, left + 2 * i, pad, is_signed);
    for (uint32_t *to = planes + before; to < end; to++, from += 2 * (ptrdiff_t)along.x_step)
      qcc_dsp_dw_pair(to, qcc_dsp_load(from), qcc_dsp_load(from + along.x_step), is_signed);
    for (int32_t i = whole; i < words; i++) qcc_dsp_dw_edge(planes + i, along, row, left + 2 * i, pad, is_signed);
  }
}

/* The nine weights of a channel as three pairs of words, `scale` times (1 or 2). */
QCC_INLINE void qcc_dsp_dw_weights(const int8_t *w, int32_t along, int32_t across, int32_t scale, uint32_t *to) {
  for (int32_t k = 0; k < 3; k++, w += across, to += 2) {
    const uint32_t w0 = (uint32_t)(w[0] * scale), w1 = (uint32_t)(w[along] * scale), w2 = (uint32_t)(w[2 * (ptrdiff_t)along] * scale);
    to[0] = qcc_dsp_lows(w0, w1);
    to[1] = qcc_dsp_lows(w1, w2);
  }
}

/* The results of one channel in a tile. Sums are doubled where the epilogue is the short one. */
QCC_INLINE void qcc_dsp_dw_plane(struct qcc_epilogue_kind k, struct qcc_epilogue_data d, struct qcc_dsp_side along,
                                 struct qcc_dsp_side across, const uint32_t *plane, const int8_t *weights, const int32_t *bias,
                                 const void *scale, int32_t o, const uint8_t *residual, const uint8_t *table, void *y, size_t at) {
  const int32_t is_short = qcc_dsp_is_short(k), start = qcc_channel_bias(k, bias, scale, o) * (is_short ? 2 : 1);
  struct qcc_dsp_short by = {0, 0, 0};
  uint32_t w[6];
  if (is_short != 0) by = qcc_dsp_short_of(d, scale, o);
#if QCC_DSP_BY_HAND
  if (is_short && k.proved == 2 && k.y_signed) {
    struct qcc_dsp_dw_rows a;
    qcc_dsp_dw_weights(weights, along.w_step, across.w_step, 2, a.w);
    a.multiplier = by.multiplier;
    a.fixed = by.fixed;
    a.right = by.right;
    a.next = along.y_step;
    a.x = plane;
    a.y = (uint8_t *)y + at;
    a.x_step = 4 * QCC_DSP_PLANE_ROW * across.stride;
    a.y_step = across.y_step;
    a.count = along.count;
    a.rows = across.count;
    a.start = start;
    qcc_dsp_dw_rows(&a, along.stride);
    return;
  }
#endif
  qcc_dsp_dw_weights(weights, along.w_step, across.w_step, is_short ? 2 : 1, w);
  for (int32_t r = 0; r < across.count; r++, at += (size_t)across.y_step, plane += QCC_DSP_PLANE_ROW * (ptrdiff_t)across.stride) {
    const uint32_t *x = plane;
    uint8_t *to = (uint8_t *)y + at;
    size_t place = at;
    for (int32_t left = along.count; left > 0; left -= 4, x += 2 * along.stride) {
      const struct qcc_dsp_four a = qcc_dsp_dw_four(x, w, start, along.stride);
      if (is_short && left >= 4) {
        to[0] = qcc_dsp_short(k, by, a.a0);
        to[along.y_step] = qcc_dsp_short(k, by, a.a1);
        to[2 * (ptrdiff_t)along.y_step] = qcc_dsp_short(k, by, a.a2);
        to[3 * (ptrdiff_t)along.y_step] = qcc_dsp_short(k, by, a.a3);
        to += 4 * (ptrdiff_t)along.y_step;
        continue;
      }
      if (is_short != 0) {
        to[0] = qcc_dsp_short(k, by, a.a0);
        if (left > 1) to[along.y_step] = qcc_dsp_short(k, by, a.a1);
        if (left > 2) to[2 * (ptrdiff_t)along.y_step] = qcc_dsp_short(k, by, a.a2);
        break;
      }
      const int32_t acc[4] = {a.a0, a.a1, a.a2, a.a3};
      for (int32_t i = 0; i < 4 && i < left; i++, place += (size_t)along.y_step)
        qcc_dsp_store(k, d, acc[i], scale, o, residual, table, y, place);
    }
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

/* Results of a tile at most, which are cut into tiles of nearly one size. */
QCC_INLINE int32_t qcc_dsp_dw_cut(int32_t results, int32_t most) {
  const int32_t tiles = (results + most - 1) / most;
  return (results + tiles - 1) / tiles;
}

QCC_INLINE void qcc_dwconv2d_q8__3x3__arm_dsp(struct qcc_dwconv2d_q8_params p, struct qcc_dwconv2d_q8_data d, const uint8_t *x,
                                              const void *w, const int32_t *bias, const void *scale, const uint8_t *residual,
                                              const uint8_t *table, void *y, void *scratch) {
  const int8_t *const weights = (const int8_t *)w;
  const uint32_t pad = (uint32_t)(uint8_t)d.x_pad * UINT32_C(0x01010101);
  struct qcc_dsp_side along = {p.w, p.c, p.c, p.sw, p.pad_left, p.ow, p.c, 0, 0};
  struct qcc_dsp_side across = {p.h, p.w * p.c, p.ow * p.c, p.sh, p.pad_top, p.oh, 3 * p.c, 0, 0};
  /* Unused results of the last group of four, over all results. */
  if (p.sw > 2 || (p.sh <= 2 && (-p.oh & 3) * p.ow < (-p.ow & 3) * p.oh)) {
    const struct qcc_dsp_side turned = along;
    along = across;
    across = turned;
  }
  if (p.c < 4 || along.stride > 2 || across.stride > QCC_DSP_PLANE_ROWS) {
    qcc_dsp_dw_rest(p, d, x, weights, bias, scale, 0, residual, table, y);
    return;
  }
  const int32_t columns = qcc_dsp_dw_cut(along.results, along.stride == 1 ? 28 : 12);
  const int32_t rows = qcc_dsp_dw_cut(across.results, (QCC_DSP_PLANE_ROWS - 3) / across.stride + 1);
  uint32_t *const planes = (uint32_t *)scratch;
  for (int32_t n = 0; n < p.n; n++)
    for (across.first = 0; across.first < across.results; across.first += rows)
      for (along.first = 0; along.first < along.results; along.first += columns) {
        const size_t at = (size_t)n * (size_t)p.oh * (size_t)p.ow * (size_t)p.c + (size_t)across.first * (size_t)across.y_step +
                          (size_t)along.first * (size_t)along.y_step;
        across.count = across.results - across.first < rows ? across.results - across.first : rows;
        along.count = along.results - along.first < columns ? along.results - along.first : columns;
        for (int32_t done = 0; done < p.c;) {
          const int32_t quad = done + 4 <= p.c ? done : p.c - 4;
          qcc_dsp_dw_unpack(along, across, x + (ptrdiff_t)n * p.h * p.w * p.c + quad, pad, p.x_signed, planes);
          for (; done < quad + 4; done++)
            qcc_dsp_dw_plane(p.kind, d.e, along, across, planes + QCC_DSP_PLANE * (ptrdiff_t)(done - quad), weights + done, bias,
                             scale, done, residual, table, y, at + (size_t)done);
        }
      }
}

#endif
