/* SPDX-License-Identifier: 0BSD */
/* grid_sample_f32 in plain C, in the order of operations its contract fixes. */
#ifndef QCC_SCALAR_GRID_SAMPLE_F32_H
#define QCC_SCALAR_GRID_SAMPLE_F32_H

#include "qcc/grid_sample_f32.h"
#include "qcc/math.h"

/* Mirrors v at low and high as often as it takes. */
QCC_INLINE float qcc_grid_mirror(float v, float low, float high) {
  const float range = high - low;
  const int below = v < low;
  if (!(below || v > high)) return v;
  if (!(range > 0.0f)) return low;
  {
    const float beyond = below ? low - v : v - high;
    const int32_t turns = (int32_t)(beyond / range);
    const float rest = beyond - qcc_mulf((float)turns, range);
    return (turns % 2 == 0) == below ? low + rest : high - rest;
  }
}

/* The place g in pixels of a dimension of `size`, where the padding puts it. */
QCC_INLINE float qcc_grid_place(struct qcc_grid_sample_f32_params p, int32_t size, float g) {
  const float most = 16777216.0f, last = (float)(size - 1);
  float v = p.corners ? qcc_mulf((g + 1.0f) / 2.0f, last) : (qcc_mulf(g + 1.0f, (float)size) - 1.0f) / 2.0f;
  v = v > -most ? v : -most;
  v = v < most ? v : most;
  if (p.mode == QCC_GRID_NEAREST) v = qcc_rintf(v);
  {
    const float edge = p.corners ? 0.0f : 0.5f, high = last + edge;
    if (p.padding == QCC_GRID_REFLECTION) v = qcc_grid_mirror(v, -edge, high);
    /* Cubic ones clamp the pixels alone, as PyTorch and ONNX Runtime do; ONNX's reference clamps the place too. */
    if (p.padding == QCC_GRID_BORDER && p.mode != QCC_GRID_CUBIC) v = v < -edge ? 0.0f : v > high ? last : v;
  }
  return v;
}

/* The row or column that is read for `at`; negative: none, zeros. */
QCC_INLINE int32_t qcc_grid_inside(struct qcc_grid_sample_f32_params p, int32_t size, int32_t at) {
  if (at >= 0 && at < size) return at;
  if (p.padding == QCC_GRID_ZEROS) return -1;
  if (p.padding == QCC_GRID_REFLECTION) {
    const float edge = p.corners ? 0.0f : 0.5f;
    at = (int32_t)qcc_grid_mirror((float)at, -edge, (float)(size - 1) + edge);
  }
  return at < 0 ? 0 : at >= size ? size - 1 : at;
}

/* Weights of the four pixels around a place `t` behind the second of them. */
QCC_INLINE void qcc_grid_cubic(float t, float *k) {
  for (int32_t i = 0; i < 4; i++) {
    const float s = qcc_absf(t - (float)(i - 1));
    k[i] = i == 1 || i == 2 ? qcc_mulf(qcc_mulf(qcc_mulf(1.25f, s) - 2.25f, s), s) + 1.0f
                            : qcc_mulf(qcc_mulf(qcc_mulf(-0.75f, s) + 3.75f, s) - 6.0f, s) + 3.0f;
  }
}

/* Channel c of the pixel of a column, in the row that begins at `row`, null for zeros. */
QCC_INLINE float qcc_grid_pixel(struct qcc_grid_sample_f32_params p, const float *row, int32_t column, int32_t c) {
  return row == NULL || column < 0 ? 0.0f : row[(ptrdiff_t)column * p.c + c];
}

/* A sum of `taps` (2 or 4) pixels of a row. */
QCC_INLINE float qcc_grid_row(struct qcc_grid_sample_f32_params p, int32_t taps, const float *row, const int32_t *column,
                              const float *k, int32_t c) {
  float sum = qcc_mulf(k[0], qcc_grid_pixel(p, row, column[0], c));
  for (int32_t i = 1; i < taps; i++) sum = sum + qcc_mulf(k[i], qcc_grid_pixel(p, row, column[i], c));
  return sum;
}

/* The rows, or columns, that are read around a place, and their weights. Returns their number. */
QCC_INLINE int32_t qcc_grid_taps(struct qcc_grid_sample_f32_params p, int32_t size, float g, int32_t *at, float *k) {
  const float v = qcc_grid_place(p, size, g), low = p.mode == QCC_GRID_NEAREST ? v : qcc_floorf(v);
  const int32_t first = (int32_t)low, taps = p.mode == QCC_GRID_CUBIC ? 4 : p.mode == QCC_GRID_LINEAR ? 2 : 1;
  for (int32_t i = 0; i < taps; i++) at[i] = qcc_grid_inside(p, size, first + i - (taps == 4 ? 1 : 0));
  if (taps == 4) qcc_grid_cubic(v - low, k);
  if (taps == 2) {
    k[0] = (low + 1.0f) - v;
    k[1] = v - low;
  }
  return taps;
}

QCC_INLINE void qcc_grid_sample_f32__1__scalar(struct qcc_grid_sample_f32_params p, const float *x, const float *grid, float *y) {
  for (int32_t n = 0; n < p.n; n++, x += (ptrdiff_t)p.h * p.w * p.c)
    for (ptrdiff_t i = 0; i < (ptrdiff_t)p.oh * p.ow; i++, grid += 2, y += p.c) {
      const float *row[4] = {NULL, NULL, NULL, NULL};
      int32_t rows[4] = {0, 0, 0, 0}, columns[4] = {0, 0, 0, 0};
      float kx[4] = {0.0f, 0.0f, 0.0f, 0.0f}, ky[4] = {0.0f, 0.0f, 0.0f, 0.0f};
      const int32_t taps = qcc_grid_taps(p, p.w, grid[0], columns, kx);
      qcc_grid_taps(p, p.h, grid[1], rows, ky);
      for (int32_t t = 0; t < taps; t++)
        if (rows[t] >= 0) row[t] = x + (ptrdiff_t)rows[t] * p.w * p.c;
      for (int32_t c = 0; c < p.c; c++) {
        if (taps == 1) {
          y[c] = qcc_grid_pixel(p, row[0], columns[0], c);
        } else {
          float sum = qcc_mulf(ky[0], qcc_grid_row(p, taps, row[0], columns, kx, c));
          for (int32_t t = 1; t < taps; t++) sum = sum + qcc_mulf(ky[t], qcc_grid_row(p, taps, row[t], columns, kx, c));
          y[c] = sum;
        }
      }
    }
}

#endif
