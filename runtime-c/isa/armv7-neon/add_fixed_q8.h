/* SPDX-License-Identifier: 0BSD */
/* add_fixed_q8 on 32-bit NEON. */
#ifndef QCC_ARMV7_NEON_ADD_FIXED_Q8_H
#define QCC_ARMV7_NEON_ADD_FIXED_Q8_H

#include "../arm-neon/add_fixed_q8.h"

QCC_INLINE void qcc_add_fixed_q8__16__armv7_neon(struct qcc_add_fixed_q8_params p, struct qcc_add_fixed_q8_data d,
                                                 const uint8_t *a, const uint8_t *b, uint8_t *y) {
  qcc_neon_add_fixed_q8(p, d, a, b, y);
}

#endif
