/* SPDX-License-Identifier: 0BSD */
/* The sum of two stored tensors on NEON: rne(fma(a, of_a, fma(b, of_b, fixed))), 8 elements at a time; a is added last.
 *
 * Without a fused multiply-add, and with subnormal numbers flushed (32-bit ARM), the sum is first made of rounded products.
 * No term is above m = 256 * (|of_a| + |of_b|) + |fixed|, so the two sums, of six roundings together, are less than
 * m * 2^-21 apart: they round to the same integer unless one lies that near to a tie, and then all 8 are done as written. */
#ifndef QCC_ARM_NEON_SIMD_ADD_H
#define QCC_ARM_NEON_SIMD_ADD_H

#include "qcc/math.h"
#include "simd.h"

struct qcc_neon_adder {
  float32x4_t of_a, of_b, fixed;
  float near; /* a distance from the nearest integer that is near a tie; 32-bit ARM */
};

QCC_INLINE struct qcc_neon_adder qcc_neon_adder_of(float of_a, float of_b, float fixed) {
  const float most = qcc_mulf(256.0f, qcc_absf(of_a) + qcc_absf(of_b)) + qcc_absf(fixed);
  const struct qcc_neon_adder s = {vdupq_n_f32(of_a), vdupq_n_f32(of_b), vdupq_n_f32(fixed),
                                   0.5f - qcc_mulf(most, 0x1p-20f)};
  return s;
}

#if QCC_NEON_64
QCC_INLINE float32x4_t qcc_neon_add_4(struct qcc_neon_adder s, float32x4_t a, float32x4_t b) {
  return vfmaq_f32(vfmaq_f32(s.fixed, b, s.of_b), a, s.of_a);
}

QCC_INLINE int16x8_t qcc_neon_add_8(struct qcc_neon_adder s, int16x8_t a, int16x8_t b) {
  return qcc_neon_round(qcc_neon_add_4(s, qcc_neon_float_low(a), qcc_neon_float_low(b)),
                        qcc_neon_add_4(s, qcc_neon_float_high(a), qcc_neon_float_high(b)));
}
#else
QCC_INLINE float32x4_t qcc_neon_add_4(struct qcc_neon_adder s, float32x4_t a, float32x4_t b) {
  return vaddq_f32(vaddq_f32(s.fixed, qcc_neon_mul(b, s.of_b)), qcc_neon_mul(a, s.of_a));
}

/* Eight a become the results. */
QCC_RARE void qcc_neon_add_exactly(float of_a, float of_b, float fixed, int16_t *a, const int16_t *b) {
  for (int32_t i = 0; i < 8; i++)
    a[i] = (int16_t)qcc_round_to_stored(qcc_fmaf((float)a[i], of_a, qcc_fmaf((float)b[i], of_b, fixed)), 0, -32768, 32767);
}

QCC_INLINE int16x8_t qcc_neon_add_8(struct qcc_neon_adder s, int16x8_t a, int16x8_t b) {
  const float32x4_t low = qcc_neon_add_4(s, qcc_neon_float_low(a), qcc_neon_float_low(b));
  const float32x4_t high = qcc_neon_add_4(s, qcc_neon_float_high(a), qcc_neon_float_high(b));
  const float32x4_t off = vmaxq_f32(vabdq_f32(low, qcc_neon_whole(low)), vabdq_f32(high, qcc_neon_whole(high)));
  if (qcc_neon_any_from(off, s.near)) {
    int16_t left[8], right[8];
    vst1q_s16(left, a);
    vst1q_s16(right, b);
    qcc_neon_add_exactly(vgetq_lane_f32(s.of_a, 0), vgetq_lane_f32(s.of_b, 0), vgetq_lane_f32(s.fixed, 0), left, right);
    return vld1q_s16(left);
  }
  return qcc_neon_round(low, high);
}
#endif

#endif
