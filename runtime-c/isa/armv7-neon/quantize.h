/* SPDX-License-Identifier: 0BSD */
/* quantize and dequantize on 32-bit NEON. */
#ifndef QCC_ARMV7_NEON_QUANTIZE_H
#define QCC_ARMV7_NEON_QUANTIZE_H

#include "../arm-neon/quantize.h"

QCC_INLINE void qcc_quantize__16__armv7_neon(struct qcc_quantize_params p, struct qcc_quantize_data d, const float *x,
                                             uint8_t *y) {
  qcc_neon_quantize(p, d, x, y);
}

QCC_INLINE void qcc_dequantize__16__armv7_neon(struct qcc_dequantize_params p, struct qcc_dequantize_data d,
                                               const void *x, float *y) {
  qcc_neon_dequantize(p, d, x, y);
}

#endif
