/* SPDX-License-Identifier: 0BSD */
/* Rows of depthwise 3x3 windows on NEON, and the steps all depthwise kernels are made of. Two outputs along x; the 9 weight
 * vectors stay in registers over a row, a column's rows 0 and 1 are a pair of taps, and so are the first two taps of row 2.
 *
 * AArch64: 16 channels. Registers: 9 weights, 8 accumulators, 2 activations, 2 products.
 * 32-bit ARM: 8 channels, then the other 8. Registers: 4 1/2 weights, 4 accumulators, 1 to 2 activations, 2 products. */
#ifndef QCC_ARM_NEON_DWCONV2D_3X3_H
#define QCC_ARM_NEON_DWCONV2D_3X3_H

#include "dwconv2d_rows.h"
#include "simd_epilogue.h"

/* One output row of one block. */
struct qcc_neon_dw_row {
  struct qcc_neon_output out;
  const uint8_t *block;   /* bias, scale, weights */
  const uint8_t *rows;    /* the block's ring */
  const int32_t *offsets; /* of each tap (2x16) or kernel row (3x3) in the ring, in bytes */
  int32_t width, stride, c, valid, taps, x_signed;
  ptrdiff_t at;
};

QCC_INLINE struct qcc_neon_x16 qcc_neon_dw_bias(const uint8_t *block) {
  struct qcc_neon_x16 c = {qcc_neon_load_s32(block), qcc_neon_load_s32(block + 16), qcc_neon_load_s32(block + 32),
                           qcc_neon_load_s32(block + 48)};
  return c;
}

QCC_INLINE struct qcc_neon_x16 qcc_neon_dw_widen(struct qcc_neon_x16 c, int16x8_t low, int16x8_t high) {
  c.v0 = vaddw_s16(c.v0, vget_low_s16(low));
  c.v1 = qcc_neon_addw_high_s16(c.v1, low);
  c.v2 = vaddw_s16(c.v2, vget_low_s16(high));
  c.v3 = qcc_neon_addw_high_s16(c.v3, high);
  return c;
}

QCC_INLINE struct qcc_neon_x16 qcc_neon_dw_one(struct qcc_neon_x16 c, int8x16_t x, int8x16_t w) {
  return qcc_neon_dw_widen(c, vmull_s8(vget_low_s8(x), vget_low_s8(w)), qcc_neon_mull_high_s8(x, w));
}

QCC_INLINE struct qcc_neon_x16 qcc_neon_dw_two(struct qcc_neon_x16 c, int8x16_t x, int8x16_t w, int8x16_t y,
                                               int8x16_t v) {
  const int16x8_t low = vmull_s8(vget_low_s8(x), vget_low_s8(w)), high = qcc_neon_mull_high_s8(x, w);
  return qcc_neon_dw_widen(c, vmlal_s8(low, vget_low_s8(y), vget_low_s8(v)), qcc_neon_mlal_high_s8(high, y, v));
}

#if QCC_NEON_64
struct qcc_neon_3x3 {
  int8x16_t w00, w01, w02, w10, w11, w12, w20, w21, w22;
};

/* Output o reads the columns from j on. */
#define QCC_NEON_DW_3X3(o, j)                                                                                     \
  c##o = qcc_neon_dw_two(c##o, qcc_neon_load_s8(r0 + 16 * (j)), w.w00, qcc_neon_load_s8(r1 + 16 * (j)), w.w10);   \
  c##o = qcc_neon_dw_two(c##o, qcc_neon_load_s8(r0 + 16 * (j) + 16), w.w01, qcc_neon_load_s8(r1 + 16 * (j) + 16), \
                         w.w11);                                                                                  \
  c##o = qcc_neon_dw_two(c##o, qcc_neon_load_s8(r0 + 16 * (j) + 32), w.w02, qcc_neon_load_s8(r1 + 16 * (j) + 32), \
                         w.w12);                                                                                  \
  c##o = qcc_neon_dw_two(c##o, qcc_neon_load_s8(r2 + 16 * (j)), w.w20, qcc_neon_load_s8(r2 + 16 * (j) + 16), w.w21); \
  c##o = qcc_neon_dw_one(c##o, qcc_neon_load_s8(r2 + 16 * (j) + 32), w.w22);

/* `count` (1 or 2) outputs from column ox on; count and stride are literals at every call. */
QCC_INLINE void qcc_neon_dw_3x3_tile(struct qcc_neon_dw_row r, struct qcc_neon_3x3 w, int32_t stride, int32_t count,
                                     int32_t ox) {
  const int32_t *scale = (const int32_t *)(const void *)(r.block + 64);
  const ptrdiff_t column = (ptrdiff_t)ox * stride * 16, at = r.at + (ptrdiff_t)ox * r.c;
  const uint8_t *r0 = r.rows + r.offsets[0] + column, *r1 = r.rows + r.offsets[1] + column;
  const uint8_t *r2 = r.rows + r.offsets[2] + column;
  struct qcc_neon_x16 c0 = qcc_neon_dw_bias(r.block), c1 = c0;
  QCC_NEON_DW_3X3(0, 0)
  if (count > 1) {
    QCC_NEON_DW_3X3(1, stride)
  }
  qcc_neon_finish_16(r.out, c0, scale, at, r.valid);
  if (count > 1) qcc_neon_finish_16(r.out, c1, scale, at + r.c, r.valid);
}

QCC_INLINE void qcc_neon_dw_3x3_row(struct qcc_neon_dw_row r, int32_t stride) {
  const uint8_t *from = r.block + qcc_neon_dw_constants_bytes(r.out.kind);
  struct qcc_neon_3x3 w = {qcc_neon_load_s8(from),      qcc_neon_load_s8(from + 16),  qcc_neon_load_s8(from + 32),
                           qcc_neon_load_s8(from + 48), qcc_neon_load_s8(from + 64),  qcc_neon_load_s8(from + 80),
                           qcc_neon_load_s8(from + 96), qcc_neon_load_s8(from + 112), qcc_neon_load_s8(from + 128)};
  int32_t ox = 0;
  for (; ox + 2 <= r.width; ox += 2) qcc_neon_dw_3x3_tile(r, w, stride, 2, ox);
  if (r.width % 2) qcc_neon_dw_3x3_tile(r, w, stride, 1, ox);
}
#else
/* Eight channels: the weights of taps 0 to 8, and the sums of two outputs. */
struct qcc_neon_3x3 {
  int8x8_t w[9];
};
struct qcc_neon_2x8 {
  int32x4_t c0, c1, d0, d1;
};

/* 8 bytes of the ring or of a block, which lie at multiples of 8: such loads take offsets. */
typedef int8x8_t __attribute__((may_alias, aligned(8))) qcc_neon_eight;
QCC_INLINE int8x8_t qcc_neon_load_eight(const uint8_t *p) { return *(const qcc_neon_eight *)(const void *)p; }

/* A tap or two for the first output, or for the second. */
QCC_INLINE struct qcc_neon_2x8 qcc_neon_dw_add(struct qcc_neon_2x8 s, int32_t second, int16x8_t products) {
  if (second) {
    s.d0 = vaddw_s16(s.d0, vget_low_s16(products));
    s.d1 = vaddw_s16(s.d1, vget_high_s16(products));
  } else {
    s.c0 = vaddw_s16(s.c0, vget_low_s16(products));
    s.c1 = vaddw_s16(s.c1, vget_high_s16(products));
  }
  return s;
}

/* Column j of rows 0 and 1: tap j of the first output, tap j - stride of the second. */
QCC_INLINE struct qcc_neon_2x8 qcc_neon_dw_column(struct qcc_neon_2x8 s, struct qcc_neon_3x3 w, int32_t stride,
                                                  int32_t count, int32_t j, const uint8_t *r0, const uint8_t *r1) {
  const int32_t k = j - stride;
  if (j >= 3 && (count < 2 || k >= 3)) return s;
  int8x8_t x = qcc_neon_load_eight(r0 + 16 * j), y = qcc_neon_load_eight(r1 + 16 * j);
  __asm__("" : "+w"(x), "+w"(y), "+w"(s.c0), "+w"(s.d0)); /* one column after the other */
  if (j < 3) s = qcc_neon_dw_add(s, 0, vmlal_s8(vmull_s8(x, w.w[j < 3 ? j : 0]), y, w.w[j < 3 ? 3 + j : 3]));
  if (count > 1 && k >= 0 && k < 3)
    s = qcc_neon_dw_add(s, 1, vmlal_s8(vmull_s8(x, w.w[k < 0 ? 0 : k]), y, w.w[k < 0 ? 3 : 3 + k]));
  return s;
}

/* Row 2 of one output, whose first column is at r2. */
QCC_INLINE struct qcc_neon_2x8 qcc_neon_dw_row_2(struct qcc_neon_2x8 s, struct qcc_neon_3x3 w, int32_t second,
                                                 const uint8_t *r2) {
  const int8x8_t x = qcc_neon_load_eight(r2), y = qcc_neon_load_eight(r2 + 16), z = qcc_neon_load_eight(r2 + 32);
  s = qcc_neon_dw_add(s, second, vmlal_s8(vmull_s8(x, w.w[6]), y, w.w[7]));
  return qcc_neon_dw_add(s, second, vmull_s8(z, w.w[8]));
}

/* `count` (1 or 2) outputs from column ox on, of the channels from `half` (0 or 8) on. */
QCC_INLINE void qcc_neon_dw_3x3_tile(struct qcc_neon_dw_row r, struct qcc_neon_3x3 w, int32_t stride, int32_t count,
                                     int32_t half, int32_t ox) {
  const int32_t *scale = (const int32_t *)(const void *)(r.block + 64) + half * qcc_scale_words(r.out.kind);
  const ptrdiff_t column = (ptrdiff_t)ox * stride * 16 + half, at = r.at + (ptrdiff_t)ox * r.c + half;
  const uint8_t *r0 = r.rows + r.offsets[0] + column, *r1 = r.rows + r.offsets[1] + column;
  const uint8_t *r2 = r.rows + r.offsets[2] + column;
  const int32x4_t low = qcc_neon_load_s32(r.block + 4 * half), high = qcc_neon_load_s32(r.block + 4 * half + 16);
  struct qcc_neon_2x8 s = {low, high, low, high};
  s = qcc_neon_dw_column(s, w, stride, count, 0, r0, r1);
  s = qcc_neon_dw_column(s, w, stride, count, 1, r0, r1);
  s = qcc_neon_dw_column(s, w, stride, count, 2, r0, r1);
  s = qcc_neon_dw_column(s, w, stride, count, 3, r0, r1);
  s = qcc_neon_dw_column(s, w, stride, count, 4, r0, r1);
  s = qcc_neon_dw_row_2(s, w, 0, r2);
  if (count > 1) s = qcc_neon_dw_row_2(s, w, 1, r2 + 16 * stride);
  __asm__("" : "+w"(s.c0), "+w"(s.c1), "+w"(s.d0), "+w"(s.d1)); /* no epilogue begins before */
  qcc_neon_finish_2x8(r.out, scale, r.valid - half, count, s.c0, s.c1, s.d0, s.d1, at, at + r.c);
}

QCC_INLINE void qcc_neon_dw_3x3_row(struct qcc_neon_dw_row r, int32_t stride) {
  for (int32_t half = 0; half < 16 && half < r.valid; half += 8) {
    const uint8_t *from = r.block + qcc_neon_dw_constants_bytes(r.out.kind) + half;
    struct qcc_neon_3x3 w;
    for (int32_t t = 0; t < 9; t++) w.w[t] = qcc_neon_load_eight(from + 16 * t);
    int32_t ox = 0;
    for (; ox + 2 <= r.width; ox += 2) qcc_neon_dw_3x3_tile(r, w, stride, 2, half, ox);
    if (r.width % 2) qcc_neon_dw_3x3_tile(r, w, stride, 1, half, ox);
  }
}
#endif

#endif
