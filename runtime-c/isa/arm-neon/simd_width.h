/* SPDX-License-Identifier: 0BSD */
/* The two widths of Advanced SIMD: AArch64 (QCC_NEON_64) and 32-bit ARM, where half the registers exist, instructions take
 * halves of vectors instead of saying "high" (which costs nothing: a q register is two d registers), and some have to be
 * spelled out.
 *
 * Float vectors of 32-bit ARM flush subnormal numbers to zero, whatever the CPU's modes are: one stands only where that
 * cannot change an answer, and its user says why.
 *
 * Invariant: every function has the same bits on both widths. */
#ifndef QCC_ARM_NEON_SIMD_WIDTH_H
#define QCC_ARM_NEON_SIMD_WIDTH_H

#include <arm_neon.h>

#include "qcc/base.h"

#if defined(__aarch64__)
#define QCC_NEON_64 1
#else
#define QCC_NEON_64 0
#endif

#if QCC_NEON_64
/* High halves widened, multiplied, added. */
QCC_INLINE int16x8_t qcc_neon_movl_high_s8(int8x16_t a) { return vmovl_high_s8(a); }
QCC_INLINE uint16x8_t qcc_neon_movl_high_u8(uint8x16_t a) { return vmovl_high_u8(a); }
QCC_INLINE int32x4_t qcc_neon_movl_high_s16(int16x8_t a) { return vmovl_high_s16(a); }
QCC_INLINE int64x2_t qcc_neon_movl_high_s32(int32x4_t a) { return vmovl_high_s32(a); }
QCC_INLINE int16x8_t qcc_neon_addw_high_s8(int16x8_t c, int8x16_t a) { return vaddw_high_s8(c, a); }
QCC_INLINE uint16x8_t qcc_neon_addw_high_u8(uint16x8_t c, uint8x16_t a) { return vaddw_high_u8(c, a); }
QCC_INLINE int32x4_t qcc_neon_addw_high_s16(int32x4_t c, int16x8_t a) { return vaddw_high_s16(c, a); }
QCC_INLINE uint32x4_t qcc_neon_addw_high_u16(uint32x4_t c, uint16x8_t a) { return vaddw_high_u16(c, a); }
QCC_INLINE int64x2_t qcc_neon_addw_high_s32(int64x2_t c, int32x4_t a) { return vaddw_high_s32(c, a); }
QCC_INLINE int16x8_t qcc_neon_mull_high_s8(int8x16_t a, int8x16_t b) { return vmull_high_s8(a, b); }
QCC_INLINE int64x2_t qcc_neon_mull_high_s32(int32x4_t a, int32x4_t b) { return vmull_high_s32(a, b); }
QCC_INLINE int16x8_t qcc_neon_mlal_high_s8(int16x8_t c, int8x16_t a, int8x16_t b) { return vmlal_high_s8(c, a, b); }
QCC_INLINE int32x4_t qcc_neon_mlal_high_s16(int32x4_t c, int16x8_t a, int16x8_t b) { return vmlal_high_s16(c, a, b); }
/* c + (low or high half of a) * (lane of b). */
#define QCC_NEON_MLAL_LOW_LANE(c, a, b, lane) vmlal_laneq_s16(c, vget_low_s16(a), b, lane)
#define QCC_NEON_MLAL_HIGH_LANE(c, a, b, lane) vmlal_high_laneq_s16(c, a, b, lane)
/* Two vectors into one of half the element: saturating, truncating. */
QCC_INLINE int16x8_t qcc_neon_qmovn_s32(int32x4_t low, int32x4_t high) { return vqmovn_high_s32(vqmovn_s32(low), high); }
QCC_INLINE int8x16_t qcc_neon_qmovn_s16(int16x8_t low, int16x8_t high) { return vqmovn_high_s16(vqmovn_s16(low), high); }
QCC_INLINE uint8x16_t qcc_neon_qmovun_s16(int16x8_t low, int16x8_t high) { return vqmovun_high_s16(vqmovun_s16(low), high); }
QCC_INLINE int8x16_t qcc_neon_movn_s16(int16x8_t low, int16x8_t high) { return vmovn_high_s16(vmovn_s16(low), high); }
QCC_INLINE int32x4_t qcc_neon_movn_s64(int64x2_t low, int64x2_t high) { return vmovn_high_s64(vmovn_s64(low), high); }
#else
QCC_INLINE int16x8_t qcc_neon_movl_high_s8(int8x16_t a) { return vmovl_s8(vget_high_s8(a)); }
QCC_INLINE uint16x8_t qcc_neon_movl_high_u8(uint8x16_t a) { return vmovl_u8(vget_high_u8(a)); }
QCC_INLINE int32x4_t qcc_neon_movl_high_s16(int16x8_t a) { return vmovl_s16(vget_high_s16(a)); }
QCC_INLINE int64x2_t qcc_neon_movl_high_s32(int32x4_t a) { return vmovl_s32(vget_high_s32(a)); }
QCC_INLINE int16x8_t qcc_neon_addw_high_s8(int16x8_t c, int8x16_t a) { return vaddw_s8(c, vget_high_s8(a)); }
QCC_INLINE uint16x8_t qcc_neon_addw_high_u8(uint16x8_t c, uint8x16_t a) { return vaddw_u8(c, vget_high_u8(a)); }
QCC_INLINE int32x4_t qcc_neon_addw_high_s16(int32x4_t c, int16x8_t a) { return vaddw_s16(c, vget_high_s16(a)); }
QCC_INLINE uint32x4_t qcc_neon_addw_high_u16(uint32x4_t c, uint16x8_t a) { return vaddw_u16(c, vget_high_u16(a)); }
QCC_INLINE int64x2_t qcc_neon_addw_high_s32(int64x2_t c, int32x4_t a) { return vaddw_s32(c, vget_high_s32(a)); }
QCC_INLINE int16x8_t qcc_neon_mull_high_s8(int8x16_t a, int8x16_t b) { return vmull_s8(vget_high_s8(a), vget_high_s8(b)); }
QCC_INLINE int64x2_t qcc_neon_mull_high_s32(int32x4_t a, int32x4_t b) { return vmull_s32(vget_high_s32(a), vget_high_s32(b)); }
QCC_INLINE int16x8_t qcc_neon_mlal_high_s8(int16x8_t c, int8x16_t a, int8x16_t b) { return vmlal_s8(c, vget_high_s8(a), vget_high_s8(b)); }
QCC_INLINE int32x4_t qcc_neon_mlal_high_s16(int32x4_t c, int16x8_t a, int16x8_t b) { return vmlal_s16(c, vget_high_s16(a), vget_high_s16(b)); }
#define QCC_NEON_HALF_WITH_S16(b, lane) ((lane) < 4 ? vget_low_s16(b) : vget_high_s16(b))
#define QCC_NEON_MLAL_LOW_LANE(c, a, b, lane) \
  vmlal_lane_s16(c, vget_low_s16(a), QCC_NEON_HALF_WITH_S16(b, lane), (lane) % 4)
#define QCC_NEON_MLAL_HIGH_LANE(c, a, b, lane) \
  vmlal_lane_s16(c, vget_high_s16(a), QCC_NEON_HALF_WITH_S16(b, lane), (lane) % 4)
QCC_INLINE int16x8_t qcc_neon_qmovn_s32(int32x4_t low, int32x4_t high) { return vcombine_s16(vqmovn_s32(low), vqmovn_s32(high)); }
QCC_INLINE int8x16_t qcc_neon_qmovn_s16(int16x8_t low, int16x8_t high) { return vcombine_s8(vqmovn_s16(low), vqmovn_s16(high)); }
QCC_INLINE uint8x16_t qcc_neon_qmovun_s16(int16x8_t low, int16x8_t high) { return vcombine_u8(vqmovun_s16(low), vqmovun_s16(high)); }
QCC_INLINE int8x16_t qcc_neon_movn_s16(int16x8_t low, int16x8_t high) { return vcombine_s8(vmovn_s16(low), vmovn_s16(high)); }
QCC_INLINE int32x4_t qcc_neon_movn_s64(int64x2_t low, int64x2_t high) { return vcombine_s32(vmovn_s64(low), vmovn_s64(high)); }
#endif

/* The sum of each vector's lanes. */
QCC_INLINE int32x4_t qcc_neon_sums(int32x4_t a, int32x4_t b, int32x4_t c, int32x4_t d) {
#if QCC_NEON_64
  return vpaddq_s32(vpaddq_s32(a, b), vpaddq_s32(c, d));
#else
  const int32x2_t ab = vpadd_s32(vadd_s32(vget_low_s32(a), vget_high_s32(a)), vadd_s32(vget_low_s32(b), vget_high_s32(b)));
  const int32x2_t cd = vpadd_s32(vadd_s32(vget_low_s32(c), vget_high_s32(c)), vadd_s32(vget_low_s32(d), vget_high_s32(d)));
  return vcombine_s32(ab, cd);
#endif
}

/* The even words of low and high, and the odd ones. */
QCC_INLINE int32x4x2_t qcc_neon_unzip(int32x4_t low, int32x4_t high) {
#if QCC_NEON_64
  const int32x4x2_t v = {{vuzp1q_s32(low, high), vuzp2q_s32(low, high)}};
  return v;
#else
  return vuzpq_s32(low, high);
#endif
}

/* v within low..high; NaN becomes low. */
QCC_INLINE float32x4_t qcc_neon_within(float32x4_t v, float32x4_t low, float32x4_t high) {
#if QCC_NEON_64
  return vminnmq_f32(vmaxnmq_f32(v, low), high);
#else
  return vminq_f32(vbslq_f32(vcgtq_f32(v, low), v, low), high);
#endif
}

/* 1.5 * 2^23: its sum with v holds rne(v) in the low bits, where |v| <= 2^22. */
#define QCC_NEON_MAGIC vdupq_n_f32(12582912.0f)

/* rne(v) as a float, for |v| <= 2^22. */
QCC_INLINE float32x4_t qcc_neon_whole(float32x4_t v) {
#if QCC_NEON_64
  return vrndnq_f32(v);
#else
  return vsubq_f32(vaddq_f32(v, QCC_NEON_MAGIC), QCC_NEON_MAGIC);
#endif
}

/* rne(v) as it is after a saturation to s16, for any v but NaN. On 32-bit ARM: the bits of a float are in the order of the
 * floats, so beyond 2^22 the difference stays on the right side of s16, and it saturates too. */
QCC_INLINE int32x4_t qcc_neon_round_4(float32x4_t v) {
#if QCC_NEON_64
  return vcvtnq_s32_f32(v);
#else
  return vqsubq_s32(vreinterpretq_s32_f32(vaddq_f32(v, QCC_NEON_MAGIC)), vdupq_n_s32(0x4b400000));
#endif
}

/* Round half even, then saturate to s16: 8 values. */
QCC_INLINE int16x8_t qcc_neon_round(float32x4_t low, float32x4_t high) {
  return qcc_neon_qmovn_s32(qcc_neon_round_4(low), qcc_neon_round_4(high));
}

/* Any lane of a is at least `limit`. */
QCC_INLINE int32_t qcc_neon_any_from(float32x4_t a, float limit) {
#if QCC_NEON_64
  return vmaxvq_f32(a) >= limit;
#else
  const uint32x4_t found = vcgeq_f32(a, vdupq_n_f32(limit));
  const uint32x2_t any = vorr_u32(vget_low_u32(found), vget_high_u32(found));
  return vget_lane_u32(vpmax_u32(any, any), 0) != 0;
#endif
}

#endif
