/* SPDX-License-Identifier: 0BSD */
/* dwconv2d_q8 on 32-bit NEON, multiplier 1. */
#ifndef QCC_ARMV7_NEON_DWCONV2D_Q8_H
#define QCC_ARMV7_NEON_DWCONV2D_Q8_H

#include "../arm-neon/dwconv2d_q8.h"

QCC_NEON_DWCONV2D(3x3s1, armv7_neon, 1, QCC_NEON_DW_PAIRS)
QCC_NEON_DWCONV2D(3x3s2, armv7_neon, 2, QCC_NEON_DW_PAIRS)
QCC_NEON_DWCONV2D(2x16, armv7_neon, 0, QCC_NEON_DW_PAIRS)
QCC_NEON_DWCONV2D(2x16m, armv7_neon, 0, QCC_NEON_DW_SINGLES)
QCC_NEON_DWCONV2D(2x16w, armv7_neon, 0, QCC_NEON_DW_WIDE)

#endif
