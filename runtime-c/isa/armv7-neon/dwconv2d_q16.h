/* SPDX-License-Identifier: 0BSD */
/* dwconv2d_q16 on 32-bit NEON. */
#ifndef QCC_ARMV7_NEON_DWCONV2D_Q16_H
#define QCC_ARMV7_NEON_DWCONV2D_Q16_H

#include "../arm-neon/conv2d_q16.h"

QCC_NEON_DWCONV2D_Q16(1x8, armv7_neon)

#endif
