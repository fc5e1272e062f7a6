/* SPDX-License-Identifier: 0BSD */
/* max_pool_q8 and average_pool_q8 on 32-bit NEON. */
#ifndef QCC_ARMV7_NEON_POOL_Q8_H
#define QCC_ARMV7_NEON_POOL_Q8_H

#include "../arm-neon/pool_q8.h"

QCC_INLINE void qcc_max_pool_q8__16__armv7_neon(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, const uint8_t *x,
                                                uint8_t *y) {
  qcc_neon_pool(QCC_NEON_POOL_MAX, p, d, x, 0, y);
}

QCC_INLINE void qcc_average_pool_q8__16__armv7_neon(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d,
                                                    const uint8_t *x, const float *mult, uint8_t *y) {
  qcc_neon_pool(QCC_NEON_POOL_AVERAGE, p, d, x, mult, y);
}

#endif
