/* SPDX-License-Identifier: 0BSD */
/* conv2d_q16 on 32-bit NEON. */
#ifndef QCC_ARMV7_NEON_CONV2D_Q16_H
#define QCC_ARMV7_NEON_CONV2D_Q16_H

#include "../arm-neon/conv2d_q16.h"

QCC_NEON_CONV2D_Q16(3x8, armv7_neon, 3)

#endif
