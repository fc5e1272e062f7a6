/* SPDX-License-Identifier: 0BSD */
/* The epilogue of qcc/epilogue.h, one value at a time. */
#ifndef QCC_SCALAR_EPILOGUE_H
#define QCC_SCALAR_EPILOGUE_H

#include "qcc/epilogue.h"
#include "qcc/exact.h"
#include "qcc/math.h"
#include "qcc/requantize.h"

QCC_INLINE int32_t qcc_stored(uint8_t byte, int32_t is_signed) { return is_signed ? (int32_t)(int8_t)byte : (int32_t)byte; }

/* Sum of two stored values, add_q8.h. */
QCC_INLINE int32_t qcc_add_stored(int32_t a, int32_t b, float sa, float sb, float fixed, int32_t lo, int32_t hi) {
#if QCC_NO_FPU
  return qcc_add_stored__integer(a, b, sa, sb, fixed, lo, hi);
#else
  return qcc_round_to_stored(qcc_fmaf((float)a, sa, qcc_fmaf((float)b, sb, fixed)), 0, lo, hi);
#endif
}

/* The requantized accumulator of channel `o`. */
QCC_INLINE int32_t qcc_requantize_channel(struct qcc_epilogue_kind k, struct qcc_epilogue_data d, int32_t acc,
                                          const void *scale, int32_t o) {
  if (k.rounding == QCC_ROUND_ONNX) {
    const float m = ((const float *)scale)[o];
    return k.proved ? qcc_requantize_proved(acc, m, d.y_zero, d.y_min, d.y_max)
                    : qcc_requantize(acc, m, d.y_zero, d.y_min, d.y_max);
  }
  const struct qcc_fixed fixed = qcc_channel_fixed(k, scale, o);
  return qcc_clamp_stored(k.rounding == QCC_ROUND_TFLITE_DOUBLE ? qcc_fixed_double(acc, fixed.multiplier, fixed.shift)
                                                                : qcc_fixed_single(acc, fixed.multiplier, fixed.shift),
                          d.y_zero, d.y_min, d.y_max);
}

/* The sum of a requantized value and the residual's stored one. */
QCC_INLINE int32_t qcc_add_residual(struct qcc_epilogue_kind k, struct qcc_epilogue_data d, int32_t v, int32_t r) {
  if (k.add_linear != 0)
    return qcc_clamp_stored((r * d.r_factor + d.add_constant + v * d.v_factor) >> k.add_linear, 0, d.z_min, d.z_max);
  return k.add_first ? qcc_add_stored(v, r, d.add_a, d.add_b, d.add_fixed, d.z_min, d.z_max)
                     : qcc_add_stored(r, v, d.add_a, d.add_b, d.add_fixed, d.z_min, d.z_max);
}

/* Stores element `at` of channel `o`. */
QCC_INLINE void qcc_epilogue_store(struct qcc_epilogue_kind k, struct qcc_epilogue_data d, int32_t acc, const void *scale,
                                   int32_t o, const uint8_t *residual, const uint8_t *table, void *y, size_t at) {
  if (k.out == QCC_OUT_S32) {
    ((int32_t *)y)[at] = acc;
  } else if (k.out == QCC_OUT_F32) {
    const float *const of = (const float *)scale;
    ((float *)y)[at] = k.rounding == QCC_ROUND_AFFINE ? qcc_mulf((float)acc, of[2 * (ptrdiff_t)o]) + of[2 * (ptrdiff_t)o + 1]
                                                      : qcc_mulf((float)acc, of[o]);
  } else if (k.out == QCC_OUT_S16) {
    ((int16_t *)y)[at] = (int16_t)qcc_requantize_channel(k, d, acc, scale, o);
  } else {
    int32_t v = qcc_requantize_channel(k, d, acc, scale, o);
    if (k.has_add != 0) v = qcc_add_residual(k, d, v, qcc_stored(residual[at], k.r_signed));
    ((uint8_t *)y)[at] = k.has_lookup ? table[(uint8_t)v] : (uint8_t)v;
  }
}

#endif
