/* SPDX-License-Identifier: 0BSD */
/* lookup_q8 on NEON: the table fills 16 registers; tbl answers the indices 0-63 of 16, three tbx the others. */
#ifndef QCC_ARM_NEON_LOOKUP_Q8_H
#define QCC_ARM_NEON_LOOKUP_Q8_H

#include "qcc/lookup_q8.h"
#include "simd.h"

QCC_INLINE void qcc_lookup_q8__16__arm_neon(struct qcc_lookup_q8_params p, const uint8_t *x, const uint8_t *table,
                                            uint8_t *y) {
  const struct qcc_neon_table t = qcc_neon_load_table(table);
  int32_t i = 0;
  for (; i + 16 <= p.count; i += 16) vst1q_u8(y + i, qcc_neon_lookup(t, vld1q_u8(x + i)));
  const int32_t left = p.count - i;
  if (left > 0) qcc_neon_store_part(y + i, qcc_neon_lookup(t, qcc_neon_load_part(x + i, left, x + p.count)), left);
}

#endif
