/* SPDX-License-Identifier: 0BSD */
/* conv2d_q16 with vpdpwssd: conv2d_q8's blocks and tiles of up to 5 rows and 64 channels; rows of int16 are gathered as bytes, or
 * read in the image where whole pairs lie in it. The sum of two products is added modulo 2^32, and every sum fits. */
#ifndef QCC_X86_AVX512VNNI_CONV2D_Q16_H
#define QCC_X86_AVX512VNNI_CONV2D_Q16_H

#include "conv2d_q8.h"
#include "qcc/conv2d_q16.h"

QCC_INLINE void qcc_conv2d_q16__5x64__x86_avx512vnni(struct qcc_conv2d_q16_params p, struct qcc_conv2d_q16_data d,
                                                     const int16_t *x, const void *w, const int32_t *bias, const void *scale,
                                                     const uint8_t *residual, const uint8_t *table, void *y, void *scratch) {
  struct qcc_conv2d_q8_params b = qcc_conv2d_q16_bytes(p, 2);
  b.x_signed = 0; /* nothing is to be flipped */
  qcc_vnni_conv2d(0, 1, b, (struct qcc_conv2d_q8_data){0, d.e}, (const uint8_t *)x, w, bias, scale, residual, table, y, scratch);
}

#endif
