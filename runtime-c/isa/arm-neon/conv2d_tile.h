/* SPDX-License-Identifier: 0BSD */
/* The inner products of a convolution: rows of activations times one panel of output channels, then the epilogue.
 *
 *   acc[r][o] = bias[o] + sum over k of a[r][k] * w[o][k]
 *
 * PAIRS  4x4, s8 weights in -127..127: 16 k per step and cell with smull, smlal2, sadalp (the two products of a lane are
 *        at most 2 * 128 * 127 = 32512 and fit s16). A cell's four s32 lanes are parts of one sum, added at the end.
 *        Registers: 16 cells cRO, 4 of weights, 1 row of activations, the products.
 * SINGLES  the same for any s8 weights: each product is widened by a sadalp of its own.
 * WIDE   8x8, s16 weights: per k one vector of 8 channels, smlal and smlal2 by the lane of each row.
 *        Registers: 16 accumulators cR0 (channels 0-3) and cR1 (4-7), 8 rows of 8 k, 1 of weights. */
#ifndef QCC_ARM_NEON_CONV2D_TILE_H
#define QCC_ARM_NEON_CONV2D_TILE_H

#include "simd.h"
#include "simd_epilogue.h"

enum { QCC_NEON_PAIRS = 0, QCC_NEON_SINGLES = 1, QCC_NEON_WIDE = 2 };

/* One panel over some rows. a: row 0, the next lies `stride` bytes on; at: row 0's first output element, the next row's
 * lies y_stride on. bias, scale: the panel's values, all of them readable; valid: how many of its channels exist. */
struct qcc_neon_tile {
  const uint8_t *a, *w;
  ptrdiff_t stride, at, y_stride;
  int32_t k, valid;
  const int32_t *bias;
  const int32_t *scale;
  struct qcc_neon_output out;
};

/* Four pixels by four channels: pixel r's sums are c_r; only mr of them exist. */
QCC_INLINE void qcc_neon_finish_4x4(struct qcc_neon_tile t, int32_t mr, int32x4_t c0, int32x4_t c1, int32x4_t c2,
                                    int32x4_t c3) {
  const struct qcc_neon_scale s = qcc_neon_load_scale(t.out, t.scale, 4);
  if (t.out.kind.out != QCC_OUT_Q8) {
    qcc_neon_put_words(t.out, c0, s, t.at, t.valid);
    if (mr > 1) qcc_neon_put_words(t.out, c1, s, t.at + t.y_stride, t.valid);
    if (mr > 2) qcc_neon_put_words(t.out, c2, s, t.at + 2 * t.y_stride, t.valid);
    if (mr > 3) qcc_neon_put_words(t.out, c3, s, t.at + 3 * t.y_stride, t.valid);
    return;
  }
  uint8_t *y = (uint8_t *)t.out.y + t.at;
  uint32x4_t r = vdupq_n_u32(0);
  if (t.out.kind.has_add) {
    const uint8_t *from = t.out.residual + t.at;
#define QCC_NEON_RESIDUAL(row)                                                                                     \
  if (mr > row)                                                                                                    \
    r = vsetq_lane_u32(t.valid >= 4 ? *(const qcc_neon_word *)(from + row * t.y_stride)                            \
                                    : (uint32_t)qcc_neon_load_under_8(from + row * t.y_stride, t.valid), r, row);
    QCC_NEON_RESIDUAL(0)
    QCC_NEON_RESIDUAL(1)
    QCC_NEON_RESIDUAL(2)
    QCC_NEON_RESIDUAL(3)
#undef QCC_NEON_RESIDUAL
  }
  const uint8x16_t v = qcc_neon_requantize(t.out, mr <= 2, c0, c1, c2, c3, s, s, s, s, vreinterpretq_u8_u32(r));
  if (t.valid < 4) {
    uint8_t bytes[16];
    vst1q_u8(bytes, v);
    for (int32_t i = 0; i < mr; i++)
      for (int32_t j = 0; j < t.valid; j++) y[i * t.y_stride + j] = bytes[4 * i + j];
    return;
  }
  r = vreinterpretq_u32_u8(v);
  *(qcc_neon_word *)y = vgetq_lane_u32(r, 0);
  if (mr > 1) *(qcc_neon_word *)(y + t.y_stride) = vgetq_lane_u32(r, 1);
  if (mr > 2) *(qcc_neon_word *)(y + 2 * t.y_stride) = vgetq_lane_u32(r, 2);
  if (mr > 3) *(qcc_neon_word *)(y + 3 * t.y_stride) = vgetq_lane_u32(r, 3);
}

#define QCC_NEON_CELLS(r)                                                                   \
  int32x4_t c##r##0 = vdupq_n_s32(0), c##r##1 = c##r##0, c##r##2 = c##r##0, c##r##3 = c##r##0;

/* 16 k of one cell. */
QCC_INLINE int32x4_t qcc_neon_dot_16(int32_t scheme, int32x4_t c, int8x16_t x, int8x16_t w) {
  const int16x8_t p = vmull_s8(vget_low_s8(x), vget_low_s8(w));
  return scheme == QCC_NEON_SINGLES ? vpadalq_s16(vpadalq_s16(c, p), qcc_neon_mull_high_s8(x, w))
                                    : vpadalq_s16(c, qcc_neon_mlal_high_s8(p, x, w));
}

/* Two products live where registers are few. */
#if QCC_NEON_64
#define QCC_NEON_TWO_AT_A_TIME(x, c0, c1) ((void)0)
#else
#define QCC_NEON_TWO_AT_A_TIME(x, c0, c1) __asm__("" : "+w"(x), "+w"(c0), "+w"(c1))
#endif

/* 16 k of row r, which comes after row q. */
#define QCC_NEON_STEP_16(r, q)                                 \
  if (mr > r) {                                                \
    int8x16_t x = qcc_neon_load_s8(a + r * t.stride);          \
    QCC_NEON_AFTER(x, c##q##0, c##q##1, c##q##2, c##q##3);     \
    c##r##0 = qcc_neon_dot_16(scheme, c##r##0, x, w0);         \
    c##r##1 = qcc_neon_dot_16(scheme, c##r##1, x, w1);         \
    QCC_NEON_TWO_AT_A_TIME(x, c##r##0, c##r##1);               \
    c##r##2 = qcc_neon_dot_16(scheme, c##r##2, x, w2);         \
    c##r##3 = qcc_neon_dot_16(scheme, c##r##3, x, w3);         \
  }

/* The last 8 k of one row. */
#define QCC_NEON_STEP_8(r)                                            \
  if (mr > r) {                                                       \
    const int8x8_t x = vld1_s8((const int8_t *)(a + r * t.stride));   \
    c##r##0 = vpadalq_s16(c##r##0, vmull_s8(x, vld1_s8(w)));          \
    c##r##1 = vpadalq_s16(c##r##1, vmull_s8(x, vld1_s8(w + 16)));     \
    c##r##2 = vpadalq_s16(c##r##2, vmull_s8(x, vld1_s8(w + 32)));     \
    c##r##3 = vpadalq_s16(c##r##3, vmull_s8(x, vld1_s8(w + 48)));     \
  }

/* w0 to w3: the next 64 bytes of a panel. 32-bit loads know no offsets, but step on by themselves. */
#if QCC_NEON_64
#define QCC_NEON_WEIGHTS(w)                                                                                  \
  int8x16_t w0 = vld1q_s8(w), w1 = vld1q_s8(w + 16), w2 = vld1q_s8(w + 32), w3 = vld1q_s8(w + 48);           \
  w += 64;
#else
#define QCC_NEON_NEXT(v, w)        \
  int8x16_t v = vld1q_s8(w);       \
  w += 16;                         \
  QCC_NEON_HIDE(w);
#define QCC_NEON_WEIGHTS(w) \
  QCC_NEON_NEXT(w0, w)      \
  QCC_NEON_NEXT(w1, w)      \
  QCC_NEON_NEXT(w2, w)      \
  QCC_NEON_NEXT(w3, w)
#endif

#define QCC_NEON_SUM(r) \
  c##r##0 = vaddq_s32(bias, qcc_neon_sums(c##r##0, c##r##1, c##r##2, c##r##3));

/* mr <= 4 rows of s8, a panel nr4_kr16_s8. Reads K rounded up to 8 (16 if K % 16 is over 8) bytes of a row. */
QCC_INLINE void qcc_neon_tile_4x4(int32_t mr, int32_t scheme, struct qcc_neon_tile t) {
  const uint8_t *a = t.a;
  const int8_t *w = (const int8_t *)t.w;
  QCC_NEON_CELLS(0)
  QCC_NEON_CELLS(1)
  QCC_NEON_CELLS(2)
  QCC_NEON_CELLS(3)
  int32_t steps = (t.k + 7) / 16;
  QCC_NEON_HIDE(steps);
  for (; steps > 0; steps--, a += 16) {
    QCC_NEON_HIDE(a);
    QCC_NEON_WEIGHTS(w)
    QCC_NEON_FENCE(w0);
    QCC_NEON_FENCE(w1);
    QCC_NEON_FENCE(w2);
    QCC_NEON_FENCE(w3);
    if (mr <= 2) { /* the cells of other rows take no registers */
      QCC_NEON_STEP_16(0, 1)
      QCC_NEON_STEP_16(1, 0)
    } else {
      QCC_NEON_STEP_16(0, 3)
      QCC_NEON_STEP_16(1, 0)
      QCC_NEON_STEP_16(2, 1)
      QCC_NEON_STEP_16(3, 2)
    }
  }
  if ((t.k + 7) % 16 >= 8) {
    QCC_NEON_STEP_8(0)
    QCC_NEON_STEP_8(1)
    QCC_NEON_STEP_8(2)
    QCC_NEON_STEP_8(3)
  }
  const int32x4_t bias = qcc_neon_load_s32(t.bias);
  QCC_NEON_SUM(0)
  QCC_NEON_SUM(1)
  QCC_NEON_SUM(2)
  QCC_NEON_SUM(3)
  qcc_neon_finish_4x4(t, mr, c00, c10, c20, c30);
}

#define QCC_NEON_ACCUMULATORS(r) int32x4_t c##r##0 = bias0, c##r##1 = bias1;

#define QCC_NEON_LOAD_ROW(r) \
  if (mr > r) x##r = qcc_neon_load_s16(a + r * t.stride);

#define QCC_NEON_LANE_ROW(r, lane)                                     \
  if (mr > r) {                                                        \
    c##r##0 = QCC_NEON_MLAL_LOW_LANE(c##r##0, v, x##r, lane);          \
    c##r##1 = QCC_NEON_MLAL_HIGH_LANE(c##r##1, v, x##r, lane);         \
  }

/* v: the weights of one k. Where registers are few, those of the next are not loaded before these are used. */
#if QCC_NEON_64
#define QCC_NEON_LANE_WEIGHTS(v, lane)            \
  int16x8_t v = qcc_neon_load_s16(w + 16 * lane); \
  QCC_NEON_FENCE(v);
#else
#define QCC_NEON_LANE_WEIGHTS(v, lane)                                                                    \
  int16x8_t v = qcc_neon_load_s16(w);                                                                     \
  w += 16;                                                                                                \
  QCC_NEON_HIDE(w);                                                                                       \
  __asm__("" : "+w"(v), "+w"(c00), "+w"(c10), "+w"(c20), "+w"(c01), "+w"(c11), "+w"(c21));
#endif

#define QCC_NEON_LANE(lane)                                  \
  if (left > lane) {                                         \
    QCC_NEON_LANE_WEIGHTS(v, lane)                           \
    QCC_NEON_LANE_ROW(0, lane)                               \
    QCC_NEON_LANE_ROW(1, lane)                               \
    QCC_NEON_LANE_ROW(2, lane)                               \
    QCC_NEON_LANE_ROW(3, lane)                               \
    QCC_NEON_LANE_ROW(4, lane)                               \
    QCC_NEON_LANE_ROW(5, lane)                               \
    QCC_NEON_LANE_ROW(6, lane)                               \
    QCC_NEON_LANE_ROW(7, lane)                               \
  }

#define QCC_NEON_8_K         \
  {                          \
    QCC_NEON_LOAD_ROW(0)     \
    QCC_NEON_LOAD_ROW(1)     \
    QCC_NEON_LOAD_ROW(2)     \
    QCC_NEON_LOAD_ROW(3)     \
    QCC_NEON_LOAD_ROW(4)     \
    QCC_NEON_LOAD_ROW(5)     \
    QCC_NEON_LOAD_ROW(6)     \
    QCC_NEON_LOAD_ROW(7)     \
    QCC_NEON_LANE(0)         \
    QCC_NEON_LANE(1)         \
    QCC_NEON_LANE(2)         \
    QCC_NEON_LANE(3)         \
    QCC_NEON_LANE(4)         \
    QCC_NEON_LANE(5)         \
    QCC_NEON_LANE(6)         \
    QCC_NEON_LANE(7)         \
  }

#define QCC_NEON_FINISH(r, s)                                                                        \
  if (mr > r)                                                                                        \
    qcc_neon_finish_2x8(t.out, t.scale, t.valid, mr > s ? 2 : 1, c##r##0, c##r##1, c##s##0, c##s##1, \
                        t.at + r * t.y_stride, t.at + s * t.y_stride);

/* mr <= 8 rows of s16, a panel nr8_kr1_s16. Reads K rounded up to 8 elements of a row. */
QCC_INLINE void qcc_neon_tile_8x8(int32_t mr, struct qcc_neon_tile t) {
  const uint8_t *a = t.a, *w = t.w;
  const int32x4_t bias0 = qcc_neon_load_s32(t.bias), bias1 = qcc_neon_load_s32(t.bias + 4);
  QCC_NEON_ACCUMULATORS(0)
  QCC_NEON_ACCUMULATORS(1)
  QCC_NEON_ACCUMULATORS(2)
  QCC_NEON_ACCUMULATORS(3)
  QCC_NEON_ACCUMULATORS(4)
  QCC_NEON_ACCUMULATORS(5)
  QCC_NEON_ACCUMULATORS(6)
  QCC_NEON_ACCUMULATORS(7)
  int16x8_t x0 = vdupq_n_s16(0), x1 = x0, x2 = x0, x3 = x0, x4 = x0, x5 = x0, x6 = x0, x7 = x0;
  int32_t steps = t.k / 8;
  QCC_NEON_HIDE(steps);
  for (; steps > 0; steps--, a += 16) {
    enum { left = 8 };
    QCC_NEON_HIDE(a);
    QCC_NEON_8_K
    if (QCC_NEON_64) w += 128;
  }
  const int32_t left = t.k % 8;
  if (left > 0) QCC_NEON_8_K
  QCC_NEON_FINISH(0, 1)
  QCC_NEON_FINISH(2, 3)
  QCC_NEON_FINISH(4, 5)
  QCC_NEON_FINISH(6, 7)
}

#endif
