/* SPDX-License-Identifier: 0BSD */
/* dynamic_matmul on cores with the DSP extension: the sums are those of conv2d_q8's kernels, the rest is plain C. */
#ifndef QCC_ARM_DSP_DYNAMIC_MATMUL_H
#define QCC_ARM_DSP_DYNAMIC_MATMUL_H

#include "conv2d_q8.h"
#include "isa/scalar/dynamic_matmul.h"

QCC_DYNAMIC_MATMUL_OVER(qcc_dynamic_matmul__2x2any__arm_dsp, qcc_conv2d_q8__2x2any__arm_dsp, 0)
QCC_DYNAMIC_MATMUL_OVER(qcc_dynamic_matmul__1x4__arm_dsp, qcc_conv2d_q8__1x4__arm_dsp, 0)

#endif
