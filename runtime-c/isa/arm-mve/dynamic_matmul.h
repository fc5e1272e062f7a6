/* SPDX-License-Identifier: 0BSD */
/* dynamic_matmul on Helium: the sums are those of conv2d_q8's kernels, the rest is plain C (results may be subnormal: no vectors). */
#ifndef QCC_ARM_MVE_DYNAMIC_MATMUL_H
#define QCC_ARM_MVE_DYNAMIC_MATMUL_H

#include "conv2d_q8.h"
#include "isa/scalar/dynamic_matmul.h"

QCC_DYNAMIC_MATMUL_OVER(qcc_dynamic_matmul__short__arm_mve, qcc_conv2d_q8__short__arm_mve, 128)
QCC_DYNAMIC_MATMUL_OVER(qcc_dynamic_matmul__any__arm_mve, qcc_conv2d_q8__any__arm_mve, 128)

#endif
