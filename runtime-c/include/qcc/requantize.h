/* SPDX-License-Identifier: 0BSD */
/* THE rounding rule. Written here once in C and once in src/quant/requantize.ts; SIMD forms are compared with this one.
 *
 *   qcc_requantize        clamp(rne(f32(acc) * m) + zp, lo, hi)      int32 accumulator -> stored output
 *   qcc_requantize_proved the same where the caller proved |f32(acc) * m| < 2^31
 *   qcc_quantize_f32      clamp(rne(x / scale) + zp, lo, hi)         float -> stored
 *   qcc_dequantize        f32(q - zp) * scale                        stored -> float
 *   qcc_round_half_even   rne(v) for |v| < 2^31
 *   qcc_fixed_double      TFLite's MultiplyByQuantizedMultiplier: two roundings in fixed point
 *   qcc_fixed_single      acc * multiplier * 2^(shift - 31) to nearest, ties away from zero
 *
 * rne: nearest integer, ties to even. It comes before the zero point: with an odd zp, rounding v + zp would send ties
 * the other way. f32(acc) rounds accumulators beyond 2^24. m = f32(f32(xs * ws) / ys) is made by the compiler.
 * lo, hi and zp belong to a stored type of at most 16 bits (|zp| <= 65535, -32768 <= lo <= hi <= 65535).
 * NaN becomes lo, +inf hi, -inf lo: what ONNX Runtime stores on x86.
 *
 * The clamp stands before the rounding, at lo - zp and hi - zp: exact floats, and rne keeps order and integers, so the
 * answer is the same, while no conversion ever meets a value where x86 and ARM disagree. Needs the default rounding
 * mode (fenv.h). Cores without an FPU get an integer-only twin of qcc_requantize, the same value for every accumulator and
 * every multiplier that is not negative; nothing else here is for them. */
#ifndef QCC_REQUANTIZE_H
#define QCC_REQUANTIZE_H

#include "qcc/base.h"

#if defined(__SSE2__) || defined(_M_X64)
#include <emmintrin.h>
#endif

/* Any core, any rounding mode: truncation and the fraction are exact. */
QCC_INLINE int32_t qcc_round_half_even__portable(float v) {
  int32_t whole = (int32_t)v;
  float fraction = v - (float)whole;
  if (fraction > 0.5f || (fraction == 0.5f && (whole & 1))) return whole + 1;
  if (fraction < -0.5f || (fraction == -0.5f && (whole & 1))) return whole - 1;
  return whole;
}

/* One instruction where the core has one; |v| < 2^31. */
QCC_INLINE int32_t qcc_round_half_even(float v) {
#if defined(__SSE2__) || defined(_M_X64)
  return _mm_cvtss_si32(_mm_set_ss(v));
#elif QCC_GNU && defined(__aarch64__)
  int32_t q;
  __asm__("fcvtns %w0, %s1" : "=r"(q) : "w"(v));
  return q;
#elif QCC_GNU && defined(__arm__) && defined(__ARM_FP) && (__ARM_FP & 4) && !defined(__SOFTFP__)
  float q; /* an int32 in a float register */
  __asm__("vcvtr.s32.f32 %0, %1" : "=t"(q) : "t"(v));
  return (int32_t)qcc_bits_of_f32(q);
#elif QCC_GNU && defined(__riscv_flen)
  int32_t q;
  __asm__("fcvt.w.s %0, %1, rne" : "=r"(q) : "f"(v));
  return q;
#else
  return qcc_round_half_even__portable(v);
#endif
}

/* clamp(rne(v) + zp, lo, hi) for any v, NaN included. After the clamp |v| < 2^18, so adding 1.5 * 2^23 leaves rne(v) in
 * the low bits of the sum; unlike a conversion this is plain arithmetic, which compilers vectorize on every ISA. */
QCC_INLINE int32_t qcc_round_to_stored(float v, int32_t zp, int32_t lo, int32_t hi) {
  float low = (float)(lo - zp), high = (float)(hi - zp);
  v = v > low ? v : low; /* false for NaN */
  v = v < high ? v : high;
  return (int32_t)(qcc_bits_of_f32(v + 12582912.0f) - UINT32_C(0x4b400000)) + zp;
}

#if (defined(__arm__) && (!defined(__ARM_FP) || !(__ARM_FP & 4) || defined(__SOFTFP__))) || \
    (defined(__riscv) && !defined(__riscv_flen))
#define QCC_NO_FPU 1
#else
#define QCC_NO_FPU 0
#endif

/* nearest(v / 2^shift), ties to even, for 1 <= shift <= 63. */
QCC_INLINE uint64_t qcc_shift_half_even(uint64_t v, int32_t shift) {
  const uint64_t whole = v >> shift, rest = v & ((UINT64_C(1) << shift) - 1u), half = UINT64_C(1) << (shift - 1);
  return whole + (rest > half || (rest == half && (whole & 1u)) ? 1u : 0u);
}

/* |rne(f32(f32(acc) * m))| for acc = +-a and m = mantissa * 2^-shift, or at least 2^18 where it is. The float32 product is
 * product * 2^-shift rounded to 24 bits first. That changes the second rounding only near a tie: within 2^24 units of the
 * product, which has 48 bits. Away from ties one rounding will do; near them both are done. */
QCC_RARE uint32_t qcc_scaled_magnitude__wide(uint32_t a, uint32_t mantissa, int32_t shift) {
  if (a >> 24 != 0u) {
    int32_t more = 1; /* f32(acc) */
    while ((uint64_t)a >> (24 + more)) more++;
    a = (uint32_t)qcc_shift_half_even(a, more);
    shift -= more;
  }
  uint64_t product = (uint64_t)a * mantissa;
  if (product == 0) return 0;
  if (shift <= 0) return shift < -18 || product >> 18 ? UINT32_C(1) << 18 : (uint32_t)(product << -shift);
  if (shift > 50) return 0;
  if (shift > 25) {
    const uint64_t sum = product + (UINT64_C(1) << (shift - 1)), rest = sum & ((UINT64_C(1) << shift) - 1u);
    if (rest > UINT32_C(1) << 24 && rest < (UINT64_C(1) << shift) - (UINT32_C(1) << 24)) return (uint32_t)(sum >> shift);
  }
  if (product >> 24 != 0u) {
    int32_t more = 1;
    while (product >> (24 + more)) more++;
    product = qcc_shift_half_even(product, more);
    shift -= more;
  }
  if (shift <= 0) return UINT32_C(1) << 18;
  return (uint32_t)qcc_shift_half_even(product, shift);
}

/* The same. Most accumulators are so far from ties that the high word of product * 2^8 shows it, of which that window is one
 * unit. */
QCC_INLINE uint32_t qcc_scaled_magnitude(uint32_t a, uint32_t mantissa, int32_t shift) {
  if (a >> 24 == 0u && shift >= 27 && shift <= 50) {
    const uint32_t sum = (uint32_t)(((uint64_t)a * (mantissa << 8)) >> 32) + (UINT32_C(1) << (shift - 25));
    if (((sum + 1u) & ((UINT32_C(1) << (shift - 24)) - 1u)) > 2u) return sum >> (shift - 24);
  }
  return qcc_scaled_magnitude__wide(a, mantissa, shift);
}

/* qcc_requantize without a float operation; m >= 0. */
QCC_INLINE int32_t qcc_requantize__integer(int32_t acc, float m, int32_t zp, int32_t lo, int32_t hi) {
  const uint32_t bits = qcc_bits_of_f32(m), exponent = bits >> 23;
  const uint32_t mantissa = (bits & UINT32_C(0x7fffff)) | (exponent == 0 ? 0u : UINT32_C(0x800000));
  const int32_t shift = 150 - (int32_t)(exponent == 0 ? 1u : exponent);
  const uint32_t magnitude = qcc_scaled_magnitude(acc < 0 ? 0u - (uint32_t)acc : (uint32_t)acc, mantissa, shift);
  const int32_t bounded = magnitude > UINT32_C(1) << 18 ? INT32_C(1) << 18 : (int32_t)magnitude;
  const int32_t v = (acc < 0 ? -bounded : bounded) + zp;
  return v < lo ? lo : v > hi ? hi : v;
}

QCC_INLINE int32_t qcc_requantize(int32_t acc, float m, int32_t zp, int32_t lo, int32_t hi) {
#if QCC_NO_FPU
  return qcc_requantize__integer(acc, m, zp, lo, hi);
#else
  return qcc_round_to_stored(qcc_mulf((float)acc, m), zp, lo, hi);
#endif
}

/* Clamps integers, which is cheaper on cores that compare floats slowly. */
QCC_INLINE int32_t qcc_requantize_proved(int32_t acc, float m, int32_t zp, int32_t lo, int32_t hi) {
#if QCC_NO_FPU
  return qcc_requantize__integer(acc, m, zp, lo, hi);
#else
  int32_t q = qcc_round_half_even(qcc_mulf((float)acc, m));
  q = q < lo - zp ? lo - zp : q;
  q = q > hi - zp ? hi - zp : q;
  return q + zp;
#endif
}

/* The fixed-point rules: 0 <= multiplier < 2^31 (bit 30 set unless it is 0), -31 <= shift <= 30, positive = left. The
 * compiler has proved for every acc that |acc| * 2^left < 2^31, that the first rounding plus half a step of the second,
 * 2^(right - 1), stays below 2^31, and that |result| <= 2^30.
 *
 * nearest(acc * 2^left * multiplier / 2^31), ties up: ARM's sqrdmulh; then nearest(that / 2^right), ties away from zero. */
QCC_INLINE int32_t qcc_fixed_double(int32_t acc, int32_t multiplier, int32_t shift) {
  const int32_t left = shift > 0 ? shift : 0, right = shift > 0 ? 0 : -shift;
  const int64_t product = (int64_t)(acc * (INT32_C(1) << left)) * multiplier;
  const int32_t high = (int32_t)((product + (INT64_C(1) << 30)) >> 31);
  const uint32_t mask = (UINT32_C(1) << right) - 1u;
  const uint32_t rest = (uint32_t)high & mask, half = (mask >> 1) + (high < 0 ? 1u : 0u);
  return (high >> right) + (rest > half ? 1 : 0);
}

QCC_INLINE int32_t qcc_fixed_single(int32_t acc, int32_t multiplier, int32_t shift) {
  const int32_t right = 31 - shift; /* 1 to 62 */
  const int64_t product = (int64_t)acc * multiplier;
  return (int32_t)((product + (INT64_C(1) << (right - 1)) - (acc < 0 ? 1 : 0)) >> right);
}

/* clamp(v + zp, lo, hi) for |v| <= 2^30. */
QCC_INLINE int32_t qcc_clamp_stored(int32_t v, int32_t zp, int32_t lo, int32_t hi) {
  v += zp;
  v = v < lo ? lo : v;
  return v > hi ? hi : v;
}

/* A true division: x * (1 / scale) would round twice. */
QCC_INLINE int32_t qcc_quantize_f32(float x, float scale, int32_t zp, int32_t lo, int32_t hi) {
  return qcc_round_to_stored(x / scale, zp, lo, hi);
}

/* q - zp must fit int32, as it does for every stored type whose zero point is of that type; s32 has zp 0. */
QCC_INLINE float qcc_dequantize(int32_t q, float scale, int32_t zp) { return qcc_mulf((float)(q - zp), scale); }

#endif
