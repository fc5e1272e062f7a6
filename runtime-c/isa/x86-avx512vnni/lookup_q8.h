/* SPDX-License-Identifier: 0BSD */
/* lookup_q8 on AVX-512: y = table[x], 64 elements a turn (simd_lookup.h). */
#ifndef QCC_X86_AVX512VNNI_LOOKUP_Q8_H
#define QCC_X86_AVX512VNNI_LOOKUP_Q8_H

#include "qcc/lookup_q8.h"
#include "simd_lookup.h"

QCC_INLINE void qcc_lookup_q8__64__x86_avx512vnni(struct qcc_lookup_q8_params p, const uint8_t *x, const uint8_t *table,
                                                  uint8_t *y) {
  for (int32_t i = 0; i < p.count; i += 64)
    qcc_vnni_store_up_to_64(y + i, qcc_vnni_lookup(table, qcc_vnni_load_up_to_64(x + i, p.count - i)), p.count - i);
}

#endif
