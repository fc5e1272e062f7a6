/* SPDX-License-Identifier: 0BSD */
/* The epilogue of qcc/epilogue.h on cores with the DSP extension. Where the rule is proved to stay within 32 bits
 * (kind.proved), a value takes
 *
 *   ONNX           vcvt, vmul, vcvtr, two moves between register files, add, ssat
 *   TFLITE_DOUBLE  h = smmulr(2 acc, m); asrs by -shift, adc y_zero; ssat
 *   TFLITE_SINGLE  h = smmul(2 acc, m); the same
 *
 * (2 acc m + 2^31) >> 32 is TFLite's first rounding; ties of the second go away from zero, so where they can show a
 * negative h is 1 less. A single rounding never sees the bits that smmul drops, but in such a tie. Everything else is
 * plain C's. */
#ifndef QCC_ARM_DSP_SIMD_EPILOGUE_H
#define QCC_ARM_DSP_SIMD_EPILOGUE_H

#include "../scalar/epilogue.h"
#include "simd.h"

/* A value that the zero point is in already. */
QCC_INLINE int32_t qcc_dsp_bounded(struct qcc_epilogue_kind k, struct qcc_epilogue_data d, int32_t v) {
  if (k.full_range != 0) return qcc_dsp_saturate(v, k.y_signed);
  v = v < d.y_min ? d.y_min : v;
  return v > d.y_max ? d.y_max : v;
}

QCC_INLINE int32_t qcc_dsp_requantize(struct qcc_epilogue_kind k, struct qcc_epilogue_data d, int32_t acc, const void *scale,
                                      int32_t o) {
  if (!k.proved || (k.rounding == QCC_ROUND_ONNX && !k.full_range)) return qcc_requantize_channel(k, d, acc, scale, o);
  if (k.rounding == QCC_ROUND_ONNX)
    return qcc_dsp_bounded(k, d, qcc_round_half_even(qcc_mulf((float)acc, ((const float *)scale)[o])) + d.y_zero);
  const int32_t *const fixed = (const int32_t *)scale + (k.constants == QCC_CONSTANTS_SHARED ? 0 : 2 * (ptrdiff_t)o);
  if (k.rounding == QCC_ROUND_TFLITE_SINGLE && k.proved == 1) {
    /* smlal: half a step, for negative sums less 1, and the product; the low word is shifted out */
    const int32_t right = k.constants == QCC_CONSTANTS_JOINED ? fixed[1] & 255 : -fixed[1];
    const int64_t sum = (INT64_C(1) << (30 + right)) + (acc >> 31) + (int64_t)acc * fixed[0];
    return qcc_dsp_bounded(k, d, ((int32_t)(sum >> 32) >> (right - 1)) + d.y_zero);
  }
  int32_t high = k.rounding == QCC_ROUND_TFLITE_DOUBLE ? qcc_dsp_smmulr(2 * acc, fixed[0]) : qcc_dsp_smmul(2 * acc, fixed[0]);
  if (k.proved == 1) high += high >> 31;
  /* asrs takes the low byte of its register */
  return qcc_dsp_bounded(k, d, qcc_dsp_round_shift(high, k.constants == QCC_CONSTANTS_JOINED ? fixed[1] : -fixed[1], d.y_zero));
}

/* The value that an 8-bit result stores at `at`; residual is read, y is not written. */
QCC_INLINE uint8_t qcc_dsp_result(struct qcc_epilogue_kind k, struct qcc_epilogue_data d, int32_t acc, const void *scale,
                                  int32_t o, const uint8_t *residual, const uint8_t *table, size_t at) {
  int32_t v = qcc_dsp_requantize(k, d, acc, scale, o);
  if (k.has_add != 0) {
    const int32_t r = qcc_stored(residual[at], k.r_signed);
    if (k.add_linear != 0 && k.z_full_range != 0)
      v = qcc_dsp_shifted_saturate(r * d.r_factor + d.add_constant + v * d.v_factor, k.add_linear, k.z_signed);
    else
      v = qcc_add_residual(k, d, v, r);
  }
  return k.has_lookup ? table[(uint8_t)v] : (uint8_t)v;
}

/* The short epilogue of joined constants: sums come doubled, everything but the product is one number of the channel.
 *
 *   (smmulr(2 acc, m) + 2^(right - 1)) >> right, + y_zero  =  smmlar(2 acc, m, (2 y_zero + 1) << (right - 1)) >> right
 *
 * and where negative ties can show the product of a negative sum is 1 less. right is 20 at most, so that the number and the product stay within 32 bits together. */
QCC_INLINE int32_t qcc_dsp_is_short(struct qcc_epilogue_kind k) {
  return k.constants == QCC_CONSTANTS_JOINED && k.rounding == QCC_ROUND_TFLITE_DOUBLE && k.proved != 0 && k.full_range && !k.has_add &&
         !k.has_lookup;
}

struct qcc_dsp_short {
  int32_t multiplier, fixed, right;
};

QCC_INLINE struct qcc_dsp_short qcc_dsp_short_of(struct qcc_epilogue_data d, const void *scale, int32_t o) {
  const int32_t *const joined = (const int32_t *)scale + 2 * (ptrdiff_t)o;
  const int32_t right = joined[1] & 255;
  return (struct qcc_dsp_short){joined[0], (2 * d.y_zero + 1) * (INT32_C(1) << (right - 1)), right};
}

QCC_INLINE uint8_t qcc_dsp_short(struct qcc_epilogue_kind k, struct qcc_dsp_short by, int32_t twice) {
  if (k.proved == 1) {
    const int32_t high = qcc_dsp_smmulr(twice, by.multiplier);
    return (uint8_t)qcc_dsp_saturate((high + (high >> 31) + by.fixed) >> by.right, k.y_signed);
  }
  return (uint8_t)qcc_dsp_saturate(qcc_dsp_smmlar(twice, by.multiplier, by.fixed) >> by.right, k.y_signed);
}

/* Stores element `at` of channel `o`. */
QCC_INLINE void qcc_dsp_store(struct qcc_epilogue_kind k, struct qcc_epilogue_data d, int32_t acc, const void *scale,
                              int32_t o, const uint8_t *residual, const uint8_t *table, void *y, size_t at) {
  if (k.out == QCC_OUT_Q8)
    ((uint8_t *)y)[at] = qcc_dsp_result(k, d, acc, scale, o, residual, table, at);
  else
    qcc_epilogue_store(k, d, acc, scale, o, residual, table, y, at);
}

#endif
