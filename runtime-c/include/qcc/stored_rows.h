/* SPDX-License-Identifier: 0BSD */
/* Contracts of families linear_stored and gather_stored: float results of weights that stay 8 or 4 bits in memory.
 *
 *   weight(n, i) = f32(f32(stored - zero) * scale), scale and zero those of block i / block of row n
 *   linear_stored   y[r, n] = sum + bias[n]: product i, fma(x[r, i], weight(n, i), lane[i % 8]); lanes join as in lanes.h
 *   gather_stored   y[r, i] = weight(index[r], i); a negative index counts from the end, one still outside is the nearest
 *
 * w: n rows of k stored values, each row padded with zeros to a multiple of 8. 8 bits: a byte each. 4 bits: value i of a row
 * is byte i / 2, the lower half where i is even. scales and zeros: f32 and s32 [n][blocks], blocks = k / block rounded up.
 * zeros is null where has_zero is 0, bias where has_bias is 0. y [m, n] (gather: [m, k]) overlaps nothing. */
#ifndef QCC_STORED_ROWS_H
#define QCC_STORED_ROWS_H

#include "qcc/base.h"

struct qcc_linear_stored_params {
  int32_t m, n, k;
  int32_t block;
  int32_t bits;
  int32_t is_signed;
  int32_t has_zero, has_bias;
};

typedef void qcc_linear_stored_fn(struct qcc_linear_stored_params p, const float *x, const uint8_t *w, const float *scales,
                                  const int32_t *zeros, const float *bias, float *y);

struct qcc_gather_stored_params {
  int32_t m, n, k; /* indices, rows, values of a row */
  int32_t block;
  int32_t bits;
  int32_t is_signed;
  int32_t has_zero;
  int32_t index_bytes;
};

typedef void qcc_gather_stored_fn(struct qcc_gather_stored_params p, const uint8_t *w, const float *scales,
                                  const int32_t *zeros, const void *index, float *y);

/* Bytes of a row. */
QCC_INLINE ptrdiff_t qcc_stored_row_bytes(int32_t k, int32_t bits) { return ((ptrdiff_t)k + 7) / 8 * bits; }

/* Value i of a row. */
QCC_INLINE int32_t qcc_stored_at(const uint8_t *row, int32_t i, int32_t bits, int32_t is_signed) {
  if (bits == 8) return is_signed ? (int32_t)((const int8_t *)row)[i] : (int32_t)row[i];
  {
    const int32_t v = i % 2 == 0 ? row[i / 2] % 16 : row[i / 2] / 16;
    return is_signed && v > 7 ? v - 16 : v;
  }
}

#endif
