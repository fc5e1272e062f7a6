/* SPDX-License-Identifier: 0BSD */
/* conv2d_q8 on 32-bit NEON: arm-neon's tiles with the rows that 16 registers hold. */
#ifndef QCC_ARMV7_NEON_CONV2D_Q8_H
#define QCC_ARMV7_NEON_CONV2D_Q8_H

#include "../arm-neon/conv2d_q8.h"

QCC_NEON_CONV2D(2x4c16, armv7_neon, 2, QCC_NEON_PAIRS)
QCC_NEON_CONV2D(2x4c8, armv7_neon, 2, QCC_NEON_SINGLES)
QCC_NEON_CONV2D(3x8, armv7_neon, 3, QCC_NEON_WIDE)

#endif
