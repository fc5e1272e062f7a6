/* SPDX-License-Identifier: 0BSD */
/* The inner product of a convolution: up to 6 rows of activations times one panel of 16 output channels.
 *
 *   c[r][o] = bias[o] + sum over steps of the step's 2 (4) products        y = epilogue(c)
 *
 * PAIRS  s16 activations, s16 weights: vpmaddwd, vpaddd.                         2 k per step, exact
 * PAIRS8 the same with weights stored as s8 and widened on the way: for few rows, where reading weights is the cost
 * QUADS  u8 activations, s8 weights: vpmaddubsw, vpmaddwd by ones, vpaddd.       4 k per step, exact where no sum of
 *        a pair leaves s16 (PAIR_SUM_FITS_S16)
 * SIGNS  s8 activations as magnitude and sign, s8 weights: vpxor, then as QUADS.  4 k per step, exact for any values (conv2d_signs.h)
 *
 * Registers: 12 accumulators cR0 (channels 0-7) and cR1 (8-15), 2 of weights, 1 broadcast of a row's 4 bytes, 1 product.
 * QUADS needs one more, of ones: 5 rows, which is 2 % faster than 6 with a sum on the stack. SIGNS needs one more than that. */
#ifndef QCC_X86_AVX2_CONV2D_TILE_H
#define QCC_X86_AVX2_CONV2D_TILE_H

#include "simd.h"
#include "simd_epilogue.h"

enum { QCC_AVX2_PAIRS = 0, QCC_AVX2_PAIRS8 = 1, QCC_AVX2_QUADS = 2, QCC_AVX2_SIGNS = 3 };

/* Steps of bytes, of 4 inputs. */
QCC_INLINE int32_t qcc_avx2_is_of_bytes(int32_t scheme) { return scheme == QCC_AVX2_QUADS || scheme == QCC_AVX2_SIGNS; }

/* Tiles of so many rows take two steps of pairs at a time (steps of quads are long enough). Of 6 rows gcc finds no registers for a second step: it puts sums on the
 * stack, and takes 1.45 times as long (Zen 4); clang is 5 % faster with it. AVX-512 has twice the registers. */
#if defined(__clang__) || defined(__AVX512VL__)
enum { QCC_AVX2_UNROLLED_ROWS = 6 };
#else
enum { QCC_AVX2_UNROLLED_ROWS = 5 };
#endif

QCC_INLINE __m256i qcc_avx2_dot(int32_t scheme, __m256i c, __m256i x, __m256i w) {
#if defined(__AVX512VNNI__) && defined(__AVX512VL__)
  if (!qcc_avx2_is_of_bytes(scheme)) { /* x86-avx512vnni builds on these tiles: both instructions in one, which does not saturate */
    c = _mm256_dpwssd_epi32(c, x, w);
    QCC_AVX2_FENCE(c);
    return c;
  }
#endif
  __m256i product = qcc_avx2_is_of_bytes(scheme) ? _mm256_madd_epi16(_mm256_maddubs_epi16(x, w), _mm256_set1_epi16(1))
                                                 : _mm256_madd_epi16(x, w);
  return qcc_avx2_add_in_place(c, product);
}

/* What |x| multiplies. */
QCC_INLINE __m256i qcc_avx2_signed(int32_t scheme, __m256i w, __m256i signs) {
  return scheme == QCC_AVX2_SIGNS ? _mm256_xor_si256(w, signs) : w;
}

QCC_INLINE __m256i qcc_avx2_weights(int32_t scheme, const uint8_t *w, int32_t half) {
  if (scheme == QCC_AVX2_PAIRS8) return _mm256_cvtepi8_epi16(qcc_avx2_load_half(w + 16 * half));
  return qcc_avx2_load(w + 32 * half);
}

/* Row r of n, one step; halves: 1 where only the panel's first 8 channels are multiplied, else 2. */
#define QCC_AVX2_ROW(r, n, halves)                                                                  \
  if (n > r) {                                                                                      \
    const uint8_t *const row = a + r * stride + row_bytes * (step);                                 \
    __m256i x = qcc_avx2_broadcast_word(row);                                                       \
    __m256i signs = scheme == QCC_AVX2_SIGNS ? qcc_avx2_broadcast_word(row + 4) : x;                \
    c##r##0 = qcc_avx2_dot(scheme, c##r##0, x, qcc_avx2_signed(scheme, w0, signs));                 \
    if (halves > 1) c##r##1 = qcc_avx2_dot(scheme, c##r##1, x, qcc_avx2_signed(scheme, w1, signs)); \
  }

/* The next panel is on its way to L2 while this one is multiplied: weights of many channels come from a cache that cores share, or from
 * memory. A single row, which takes all weights once, has them in L1 some steps ahead (1.03 to 1.13 times as fast out of L2 on Zen 4).
 * Past the last panel nothing is read; a single row's addresses are numbers, as a small array has no such place. */
enum { QCC_AVX2_STEPS_AHEAD = 16 };
#define QCC_AVX2_AHEAD(n, step)                                                                                                 \
  if (n > 1)                                                                                                                    \
    _mm_prefetch((const char *)(w + ((step) + steps) * step_bytes), _MM_HINT_T1);                                               \
  else                                                                                                                          \
    _mm_prefetch((const char *)((uintptr_t)w + (uintptr_t)(((step) + QCC_AVX2_STEPS_AHEAD) * step_bytes)), _MM_HINT_T0);

#define QCC_AVX2_STEP(at, n, halves)                                   \
  {                                                                    \
    ptrdiff_t step = (at);                                             \
    QCC_AVX2_AHEAD(n, step)                                            \
    __m256i w0 = qcc_avx2_weights(scheme, w + step * step_bytes, 0);   \
    __m256i w1 = qcc_avx2_weights(scheme, w + step * step_bytes, 1);   \
    QCC_AVX2_ROW(0, n, halves)                                         \
    QCC_AVX2_ROW(1, n, halves)                                         \
    QCC_AVX2_ROW(2, n, halves)                                         \
    QCC_AVX2_ROW(3, n, halves)                                         \
    QCC_AVX2_ROW(4, n, halves)                                         \
    QCC_AVX2_ROW(5, n, halves)                                         \
  }

/* Row r of n: the sum of |x| over its negative x, which SIGNS is short of; it stands behind the row's steps. */
#define QCC_AVX2_NEGATIVES(r, n)                                                                 \
  if (n > r) {                                                                                   \
    const __m256i negatives = qcc_avx2_broadcast_word(a + r * stride + row_bytes * steps);       \
    c##r##0 = _mm256_add_epi32(c##r##0, negatives);                                              \
    c##r##1 = _mm256_add_epi32(c##r##1, negatives);                                              \
  }

/* All steps of a tile of n rows. */
#define QCC_AVX2_MULTIPLY(n)                                          \
  if (scheme == QCC_AVX2_SIGNS) {                                     \
    QCC_AVX2_NEGATIVES(0, n)                                          \
    QCC_AVX2_NEGATIVES(1, n)                                          \
    QCC_AVX2_NEGATIVES(2, n)                                          \
    QCC_AVX2_NEGATIVES(3, n)                                          \
    QCC_AVX2_NEGATIVES(4, n)                                          \
  }                                                                   \
  if (is_half) {                                                      \
    for (; k < steps; k++) QCC_AVX2_STEP(k, n, 1)                     \
  } else {                                                            \
    if (n <= QCC_AVX2_UNROLLED_ROWS && !qcc_avx2_is_of_bytes(scheme)) \
      for (; k + 2 <= steps; k += 2) {                                \
        QCC_AVX2_STEP(k, n, 2)                                        \
        QCC_AVX2_STEP(k + 1, n, 2)                                    \
      }                                                               \
    for (; k < steps; k++) QCC_AVX2_STEP(k, n, 2)                     \
  }

#define QCC_AVX2_TAIL(n)       \
  case n:                      \
    if (n < mr) {              \
      QCC_AVX2_MULTIPLY(n)     \
    }                          \
    break;

/* Rows r and s of n. */
#define QCC_AVX2_FINISH(r, s, n)                                                                                 \
  if (mr > r && n > r)                                                                                           \
    qcc_avx2_finish(out, n > s ? 2 : 1, c##r##0, c##r##1, c##s##0, c##s##1, scale, at + (ptrdiff_t)r * y_stride, \
                    at + (ptrdiff_t)s * y_stride, valid);

#define QCC_AVX2_START                                                            \
  const ptrdiff_t step_bytes = scheme == QCC_AVX2_PAIRS8 ? 32 : 64;               \
  const ptrdiff_t row_bytes = scheme == QCC_AVX2_SIGNS ? 8 : 4;                   \
  __m256i c00 = qcc_avx2_load(bias), c01 = qcc_avx2_load(bias + 8);               \
  __m256i c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01;       \
  __m256i c40 = c00, c41 = c01, c50 = c00, c51 = c01;                             \
  int32_t k = 0;

/* mr rows (SIGNS: 5 at most). a: rows of 4 bytes per step (SIGNS: 8), `stride` bytes apart; w: the panel; bias, scale: those of its 16
 * channels; `at`: the output element of row 0, the next row's lies y_stride on. is_half: only the panel's first 8 channels exist, whose
 * products alone are computed. mr and scheme are literals at every call. */
QCC_INLINE void qcc_avx2_tile_x16(int32_t mr, int32_t scheme, int32_t is_half, int32_t steps, const uint8_t *a, ptrdiff_t stride,
                                  const uint8_t *w, const int32_t *bias, const void *scale, struct qcc_avx2_output out,
                                  ptrdiff_t at, ptrdiff_t y_stride, int32_t valid) {
  QCC_AVX2_START
  QCC_AVX2_MULTIPLY(mr)
  QCC_AVX2_FINISH(0, 1, mr)
  QCC_AVX2_FINISH(2, 3, mr)
  QCC_AVX2_FINISH(4, 5, mr)
}

/* The last `tail` rows, fewer than mr; a literal where the shape is. A compiler sees all of them before it knows how many are meant:
 * so they share one epilogue. */
QCC_INLINE void qcc_avx2_tail_x16(int32_t tail, int32_t mr, int32_t scheme, int32_t is_half, int32_t steps, const uint8_t *a,
                                  ptrdiff_t stride, const uint8_t *w, const int32_t *bias, const void *scale,
                                  struct qcc_avx2_output out, ptrdiff_t at, ptrdiff_t y_stride, int32_t valid) {
  QCC_AVX2_START
  switch (tail) {
    QCC_AVX2_TAIL(1)
    QCC_AVX2_TAIL(2)
    QCC_AVX2_TAIL(3)
    QCC_AVX2_TAIL(4)
    QCC_AVX2_TAIL(5)
    default: return;
  }
  QCC_AVX2_FINISH(0, 1, tail)
  QCC_AVX2_FINISH(2, 3, tail)
  QCC_AVX2_FINISH(4, 5, tail)
}

#endif
