/* SPDX-License-Identifier: 0BSD */
/* Contract of family grid_sample_f32: x [n][h][w][c] at the places of grid [n][oh][ow][2] -> y [n][oh][ow][c]. A place is
 * (gx, gy), -1..1 over the image; each operation is rounded to float, in this order:
 *
 *   px = (gx + 1) / 2 * (w - 1)  with `corners`, else ((gx + 1) * w - 1) / 2; cut to +-2^24, NaN to -2^24; likewise py by h
 *   NEAREST: px and py to the nearest integer, ties to even
 *   px beyond 0 and w - 1 (with corners; else -1/2 and w - 1/2)   BORDER: cut to 0..w-1   REFLECTION: mirrored at those ends
 *   NEAREST  y = x[py][px]
 *   LINEAR   x1 = floor(px), a = px - x1, b = x1 + 1 - px, likewise in y with d, e:
 *            y = e * (b * x[y1][x1] + a * x[y1][x1+1]) + d * (b * x[y1+1][x1] + a * x[y1+1][x1+1])
 *   CUBIC    4 x 4 pixels from floor(px) - 1, floor(py) - 1 on; rows ((k0 v0 + k1 v1) + k2 v2) + k3 v3, then the four rows
 *            likewise; k of a distance t: |t| <= 1 ((1.25 t - 2.25) t) t + 1, else ((-0.75 t + 3.75) t - 6) t + 3
 *   a pixel outside of the image is 0 (ZEROS), that of the next row and column inside (BORDER), the mirrored one (REFLECTION)
 *
 * x, grid and y do not overlap. */
#ifndef QCC_GRID_SAMPLE_F32_H
#define QCC_GRID_SAMPLE_F32_H

#include "qcc/base.h"

/* The orders are those of src/ops/grid-sample/op.ts. */
enum { QCC_GRID_LINEAR, QCC_GRID_NEAREST, QCC_GRID_CUBIC };
enum { QCC_GRID_ZEROS, QCC_GRID_BORDER, QCC_GRID_REFLECTION };

struct qcc_grid_sample_f32_params {
  int32_t n, h, w, c, oh, ow;
  int32_t mode, padding, corners;
};

typedef void qcc_grid_sample_f32_fn(struct qcc_grid_sample_f32_params p, const float *x, const float *grid, float *y);

#endif
