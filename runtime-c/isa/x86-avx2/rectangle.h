/* SPDX-License-Identifier: 0BSD */
/* Pixels of a float convolution's result that a tile may take together: their windows are cropped alike. They form rectangles,
 * whose pixels come row by row; a tile need not end with a row. */
#ifndef QCC_X86_AVX2_RECTANGLE_H
#define QCC_X86_AVX2_RECTANGLE_H

#include "qcc/conv2d_f32.h"
#include "window.h"

/* rows x columns pixels; v is the window of the first, y where it lies in the result. */
struct qcc_avx2_rectangle {
  struct qcc_avx2_window v;
  int32_t rows, columns;
  ptrdiff_t y;
};

QCC_INLINE struct qcc_avx2_rectangle qcc_avx2_rectangle_at(struct qcc_conv2d_f32_params p, int32_t n, int32_t oy, int32_t ox) {
  struct qcc_avx2_rectangle r = {QCC_AVX2_WINDOW(p, n, oy, ox), 1, 1, (((ptrdiff_t)n * p.oh + oy) * p.ow + ox) * p.oc};
  for (; oy + r.rows < p.oh; r.rows++) {
    const struct qcc_avx2_window v = QCC_AVX2_WINDOW(p, n, oy + r.rows, ox);
    if (v.ky != r.v.ky || v.rows != r.v.rows) break;
  }
  for (; ox + r.columns < p.ow; r.columns++) {
    const struct qcc_avx2_window v = QCC_AVX2_WINDOW(p, n, oy, ox + r.columns);
    if (v.kx != r.v.kx || v.columns != r.v.columns) break;
  }
  return r;
}

/* DO(r) for every rectangle r of the result. */
#define QCC_AVX2_RECTANGLES(p, DO)                                                                  \
  for (int32_t n_ = 0; n_ < (p).n; n_++)                                                            \
    for (int32_t oy_ = 0, rows_; oy_ < (p).oh; oy_ += rows_) {                                      \
      rows_ = 1;                                                                                    \
      for (int32_t ox_ = 0; ox_ < (p).ow;) {                                                        \
        const struct qcc_avx2_rectangle rectangle_ = qcc_avx2_rectangle_at(p, n_, oy_, ox_);        \
        rows_ = rectangle_.rows;                                                                    \
        ox_ += rectangle_.columns;                                                                  \
        DO(rectangle_);                                                                             \
      }                                                                                             \
    }

/* Where the next pixel of a rectangle reads its first tap inside the image, and writes. */
struct qcc_avx2_cursor {
  const float *x;
  ptrdiff_t y; /* from the place of the panel in the result, in elements */
  int32_t column;
};

QCC_INLINE void qcc_avx2_advance(struct qcc_avx2_cursor *at, struct qcc_conv2d_f32_params p, int32_t columns) {
  const ptrdiff_t next_x = (ptrdiff_t)p.sw * p.c;
  at->x += next_x;
  at->y += p.oc;
  if (++at->column < columns) return;
  at->column = 0;
  at->x += (ptrdiff_t)p.sh * p.w * p.c - columns * next_x;
  at->y += (ptrdiff_t)(p.ow - columns) * p.oc;
}

/* Places of up to 6 pixels of a tile. */
struct qcc_avx2_pixels {
  const float *x[6];
  ptrdiff_t y[6];
};

/* The next `count` pixels, a literal. */
QCC_INLINE struct qcc_avx2_pixels qcc_avx2_take(struct qcc_avx2_cursor *at, struct qcc_conv2d_f32_params p, int32_t columns,
                                                int32_t count) {
  struct qcc_avx2_pixels t = {{at->x, at->x, at->x, at->x, at->x, at->x}, {at->y, at->y, at->y, at->y, at->y, at->y}};
#define QCC_AVX2_TAKE(i)                 \
  if (count > i) {                       \
    t.x[i] = at->x;                      \
    t.y[i] = at->y;                      \
    qcc_avx2_advance(at, p, columns);    \
  }
  QCC_AVX2_TAKE(0) QCC_AVX2_TAKE(1) QCC_AVX2_TAKE(2) QCC_AVX2_TAKE(3) QCC_AVX2_TAKE(4) QCC_AVX2_TAKE(5)
#undef QCC_AVX2_TAKE
  return t;
}

#endif
