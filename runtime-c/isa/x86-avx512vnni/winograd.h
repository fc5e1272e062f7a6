/* SPDX-License-Identifier: 0BSD */
/* conv2d_q8 by Winograd's F(4x4,3x3): the kernel of x86-avx2, whose tiles multiply with vpdpwssd under this ISA's flags. */
#ifndef QCC_X86_AVX512VNNI_WINOGRAD_H
#define QCC_X86_AVX512VNNI_WINOGRAD_H

#include "../x86-avx2/winograd.h"

QCC_INLINE void qcc_conv2d_q8__winograd4__x86_avx512vnni(struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d,
                                                         const uint8_t *x, const void *w, const int32_t *bias,
                                                         const void *scale, const uint8_t *residual, const uint8_t *table,
                                                         void *y, void *scratch) {
  qcc_conv2d_q8__winograd4__x86_avx2(p, d, x, w, bias, scale, residual, table, y, scratch);
}

#endif
