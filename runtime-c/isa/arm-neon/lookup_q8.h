/* SPDX-License-Identifier: 0BSD */
/* lookup_q8 on NEON: the table fills 16 registers; tbl answers the indices 0-63 of 16, three tbx the others. AArch64: 32-bit ARM
 * has no such table. */
#ifndef QCC_ARM_NEON_LOOKUP_Q8_H
#define QCC_ARM_NEON_LOOKUP_Q8_H

#include "qcc/lookup_q8.h"
#include "simd.h"

QCC_INLINE void qcc_lookup_q8__16__arm_neon(struct qcc_lookup_q8_params p, const uint8_t *x, const uint8_t *table,
                                            uint8_t *y) {
  const uint8x16x4_t t0 = vld1q_u8_x4(table), t1 = vld1q_u8_x4(table + 64);
  const uint8x16x4_t t2 = vld1q_u8_x4(table + 128), t3 = vld1q_u8_x4(table + 192);
  const int32_t whole = p.count / 16 * 16, left = p.count - whole;
  for (int32_t i = 0; i < whole; i += 16) {
    const uint8x16_t v = vld1q_u8(x + i);
    uint8x16_t r;
    QCC_NEON_LOOKUP(r, t0, t1, t2, t3, v)
    vst1q_u8(y + i, r);
  }
  if (left > 0) {
    const uint8x16_t v = qcc_neon_load_part(x + whole, left, x + p.count);
    uint8x16_t r;
    QCC_NEON_LOOKUP(r, t0, t1, t2, t3, v)
    qcc_neon_store_part(y + whole, r, left);
  }
}

#endif
