/* SPDX-License-Identifier: 0BSD */
/* TFLite's functions of int16 in plain C, from interpolated tables: twin of src/quant/wide-functions.ts. */
#ifndef QCC_SCALAR_FUNCTIONS_S16_H
#define QCC_SCALAR_FUNCTIONS_S16_H

#include "qcc/fixed_s16.h"

QCC_INLINE void qcc_curve_fixed_s16__1__scalar(struct qcc_curve_fixed_s16_params p, struct qcc_curve_fixed_s16_data d,
                                               const int16_t *x, const uint16_t *table, int16_t *y) {
  const int32_t bits = p.is_tanh ? 8 : 9, end = p.is_tanh ? 0xffff * 256 : 0x7fff * 1024;
  for (int32_t i = 0; i < p.count; i++) {
    const int32_t s = (x[i] * d.multiplier + (d.right > 0 ? INT32_C(1) << (d.right - 1) : 0)) >> d.right;
    const int32_t size = s < 0 ? -s : s, at = size >> bits, rest = size & ((1 << bits) - 1);
    const int32_t v = at >= 255 ? end : table[at] * (1 << bits) + rest * (table[at + 1] - table[at]);
    if (p.is_tanh)
      y[i] = (int16_t)((s >= 0 ? v - (1 << 23) + 128 : (1 << 23) - v + 127) >> 8);
    else
      y[i] = (int16_t)((s >= 0 ? v + 512 : (1 << 25) - v + 511) >> 10);
  }
}

QCC_INLINE int32_t qcc_s16_interpolated(const int16_t *table, int32_t value) {
  const int32_t at = 256 + (value >> 7), rest = value & 127;
  return table[at] + (((table[at + 1] - table[at]) * rest + 64) >> 7);
}

QCC_INLINE void qcc_softmax_s16__1__scalar(struct qcc_softmax_s16_params p, struct qcc_softmax_s16_data d, const int16_t *x,
                                           const int16_t *exponentials, const int16_t *reciprocals, int16_t *y) {
  for (int32_t r = 0; r < p.rows; r++, x += p.columns, y += p.columns) {
    int32_t max = -32768, sum = 0;
    for (int32_t i = 0; i < p.columns; i++) max = x[i] > max ? x[i] : max;
    for (int32_t i = 0; i < p.columns; i++) {
      const int32_t v = qcc_wide_clamp(qcc_fixed_double(x[i] - max, d.multiplier, d.shift) + 32767, -32768, 32767);
      const int32_t e = qcc_s16_interpolated(exponentials, v);
      y[i] = (int16_t)e;
      sum += e;
    }
    {
      const int32_t headroom = qcc_leading_zeros((uint32_t)sum), right = 31 - headroom;
      const int32_t shifted = (int32_t)((((int64_t)sum << (headroom - 1)) + (1 << 13)) >> 14);
      const int32_t reciprocal = qcc_s16_interpolated(reciprocals, qcc_wide_clamp(shifted - (1 << 15) - (1 << 16), -32768, 32767));
      for (int32_t i = 0; i < p.columns; i++)
        y[i] = (int16_t)qcc_wide_clamp((int32_t)(((int64_t)y[i] * reciprocal + (INT64_C(1) << (right - 1))) >> right), 0, 32767);
    }
  }
}

#endif
