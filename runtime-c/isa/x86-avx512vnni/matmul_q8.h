/* SPDX-License-Identifier: 0BSD */
/* matmul_q8: the kernel of x86-avx2, whose tiles multiply with vpdpwssd under this ISA's flags. */
#ifndef QCC_X86_AVX512VNNI_MATMUL_Q8_H
#define QCC_X86_AVX512VNNI_MATMUL_Q8_H

#include "../x86-avx2/matmul_q8.h"

QCC_INLINE void qcc_matmul_q8__6x16__x86_avx512vnni(struct qcc_matmul_q8_params p, struct qcc_matmul_q8_data d, const uint8_t *a,
                                                    const uint8_t *b, const int32_t *b_zeros, const float *mult, void *y,
                                                    void *scratch) {
  qcc_matmul_q8__6x16__x86_avx2(p, d, a, b, b_zeros, mult, y, scratch);
}

#endif
