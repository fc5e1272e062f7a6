/* SPDX-License-Identifier: 0BSD */
/* move on AVX2: where neighbours of y lie apart in x and neighbours of x apart in y (a transposition), blocks of 8 x 8 words
 * or 16 x 16 bytes are turned in registers; all else is plain C, whose runs are copies. The last blocks of a side overlap those
 * before: x and y do not. */
#ifndef QCC_X86_AVX2_MOVE_H
#define QCC_X86_AVX2_MOVE_H

#include "isa/scalar/move.h"
#include "simd.h"
#include "simd_bytes.h"

/* A matrix whose rows are contiguous in x, its columns in y; strides in elements. */
struct qcc_avx2_turn {
  int32_t rows, columns;      /* row r, column c: x[r * x_row + c], y[c * y_column + r] */
  ptrdiff_t x_row, y_column;
};

QCC_INLINE void qcc_avx2_turn_8(struct qcc_avx2_turn t, const uint8_t *x, uint8_t *y) {
  __m256 r[8], s[8];
  for (int32_t k = 0; k < 8; k++) r[k] = _mm256_castsi256_ps(qcc_avx2_load(x + 4 * k * t.x_row));
  for (int32_t k = 0; k < 8; k += 2) {
    s[k] = _mm256_unpacklo_ps(r[k], r[k + 1]);
    s[k + 1] = _mm256_unpackhi_ps(r[k], r[k + 1]);
  }
  for (int32_t k = 0; k < 8; k += 4) {
    r[k] = _mm256_shuffle_ps(s[k], s[k + 2], _MM_SHUFFLE(1, 0, 1, 0));
    r[k + 1] = _mm256_shuffle_ps(s[k], s[k + 2], _MM_SHUFFLE(3, 2, 3, 2));
    r[k + 2] = _mm256_shuffle_ps(s[k + 1], s[k + 3], _MM_SHUFFLE(1, 0, 1, 0));
    r[k + 3] = _mm256_shuffle_ps(s[k + 1], s[k + 3], _MM_SHUFFLE(3, 2, 3, 2));
  }
  for (int32_t k = 0; k < 4; k++) {
    qcc_avx2_store(y + 4 * k * t.y_column, _mm256_castps_si256(_mm256_permute2f128_ps(r[k], r[k + 4], 0x20)));
    qcc_avx2_store(y + 4 * (k + 4) * t.y_column, _mm256_castps_si256(_mm256_permute2f128_ps(r[k], r[k + 4], 0x31)));
  }
}

QCC_INLINE void qcc_avx2_turn_16(struct qcc_avx2_turn t, const uint8_t *x, uint8_t *y) {
  __m128i r[16];
  for (int32_t k = 0; k < 16; k++) r[k] = qcc_avx2_load_half(x + k * t.x_row);
  qcc_avx2_transpose_16(r);
  for (int32_t k = 0; k < 16; k++) qcc_avx2_store_half(y + k * t.y_column, r[k]);
}

/* size: 4 or 1, a literal. */
QCC_INLINE void qcc_avx2_turn_all(int32_t size, struct qcc_avx2_turn t, const uint8_t *x, uint8_t *y) {
  const int32_t side = size == 4 ? 8 : 16;
  for (int32_t row = 0; row < t.rows; row += side) {
    const ptrdiff_t r = row + side <= t.rows ? row : t.rows - side;
    for (int32_t column = 0; column < t.columns; column += side) {
      const ptrdiff_t c = column + side <= t.columns ? column : t.columns - side;
      const uint8_t *from = x + size * (r * t.x_row + c);
      uint8_t *to = y + size * (c * t.y_column + r);
      if (size == 4)
        qcc_avx2_turn_8(t, from, to);
      else
        qcc_avx2_turn_16(t, from, to);
    }
  }
}

/* The dimension whose neighbours lie side by side in x, at least `side` of them; 5 if there is none. */
QCC_INLINE int32_t qcc_avx2_turn_dimension(struct qcc_move_params p, int32_t side) {
  if (p.y5 != 1 || p.d5 < side || p.x5 < side) return 5;
  return p.x4 == 1 && p.d4 >= side   ? 4
         : p.x3 == 1 && p.d3 >= side ? 3
         : p.x2 == 1 && p.d2 >= side ? 2
         : p.x1 == 1 && p.d1 >= side ? 1
         : p.x0 == 1 && p.d0 >= side ? 0
                                     : 5;
}

QCC_INLINE void qcc_avx2_turn(int32_t size, int32_t dimension, struct qcc_move_params p, const uint8_t *x, uint8_t *y) {
  struct qcc_avx2_turn t = {p.d5, p.d4, p.x5, p.y4};
#define QCC_AVX2_TURN(k) \
  if (dimension == k) {  \
    t.columns = p.d##k;  \
    t.y_column = p.y##k; \
    p.d##k = 1;          \
  }
  QCC_AVX2_TURN(0) QCC_AVX2_TURN(1) QCC_AVX2_TURN(2) QCC_AVX2_TURN(3) QCC_AVX2_TURN(4)
#undef QCC_AVX2_TURN
  for (int32_t i0 = 0; i0 < p.d0; i0++)
    for (int32_t i1 = 0; i1 < p.d1; i1++)
      for (int32_t i2 = 0; i2 < p.d2; i2++)
        for (int32_t i3 = 0; i3 < p.d3; i3++)
          for (int32_t i4 = 0; i4 < p.d4; i4++) {
            const ptrdiff_t from = p.x_first + i0 * p.x0 + i1 * p.x1 + i2 * p.x2 + i3 * p.x3 + i4 * p.x4;
            const ptrdiff_t to = p.y_first + i0 * p.y0 + i1 * p.y1 + i2 * p.y2 + i3 * p.y3 + i4 * p.y4;
            qcc_avx2_turn_all(size, t, x + size * from, y + size * to);
          }
}

QCC_INLINE void qcc_move__8__x86_avx2(struct qcc_move_params p, const void *x, void *y) {
  const int32_t dimension = p.size == 4 ? qcc_avx2_turn_dimension(p, 8) : p.size == 1 ? qcc_avx2_turn_dimension(p, 16) : 5;
  if (dimension == 5)
    qcc_move__1__scalar(p, x, y);
  else if (p.size == 4)
    qcc_avx2_turn(4, dimension, p, (const uint8_t *)x, (uint8_t *)y);
  else
    qcc_avx2_turn(1, dimension, p, (const uint8_t *)x, (uint8_t *)y);
}

#endif
