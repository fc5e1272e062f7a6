/* SPDX-License-Identifier: 0BSD */
/* The epilogue of qcc/epilogue.h on cores with the DSP extension: saturation is one instruction where the bounds are those
 * of the type; everything else is plain C's. */
#ifndef QCC_ARM_DSP_SIMD_EPILOGUE_H
#define QCC_ARM_DSP_SIMD_EPILOGUE_H

#include "../scalar/epilogue.h"
#include "simd.h"

/* clamp(v + y_zero, y_min, y_max) for |v| <= 2^30 */
QCC_INLINE int32_t qcc_dsp_stored(struct qcc_epilogue_kind k, struct qcc_epilogue_data d, int32_t v) {
  if (!k.full_range) return qcc_clamp_stored(v, d.y_zero, d.y_min, d.y_max);
  return qcc_dsp_saturate(v + d.y_zero, k.y_signed);
}

QCC_INLINE int32_t qcc_dsp_requantize(struct qcc_epilogue_kind k, struct qcc_epilogue_data d, int32_t acc, const void *scale,
                                      int32_t o) {
  if (k.rounding == QCC_ROUND_ONNX) {
    const float m = ((const float *)scale)[o];
    if (!k.proved || !k.full_range) return qcc_requantize_channel(k, d, acc, scale, o);
    return qcc_dsp_stored(k, d, qcc_round_half_even(qcc_mulf((float)acc, m)));
  }
  const int32_t *const fixed = (const int32_t *)scale + 2 * (ptrdiff_t)o;
  return qcc_dsp_stored(k, d, k.rounding == QCC_ROUND_TFLITE_DOUBLE ? qcc_fixed_double(acc, fixed[0], fixed[1])
                                                                    : qcc_fixed_single(acc, fixed[0], fixed[1]));
}

/* Stores element `at` of channel `o`. */
QCC_INLINE void qcc_dsp_store(struct qcc_epilogue_kind k, struct qcc_epilogue_data d, int32_t acc, const void *scale,
                              int32_t o, const uint8_t *residual, const uint8_t *table, void *y, size_t at) {
  if (k.out == QCC_OUT_Q8 && !k.has_add) {
    const int32_t v = qcc_dsp_requantize(k, d, acc, scale, o);
    ((uint8_t *)y)[at] = k.has_lookup ? table[(uint8_t)v] : (uint8_t)v;
  } else {
    qcc_epilogue_store(k, d, acc, scale, o, residual, table, y, at);
  }
}

#endif
