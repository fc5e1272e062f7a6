/* SPDX-License-Identifier: 0BSD */
/* Contract of family dynamic_scale: what conv2d_q8 needs for each output channel, of activations whose scale and zero point
 * are known at run time only.
 *
 *   bias[o]  = (shift - zero) * sums[o]                      sums: of the channel's weights
 *   m        = x_scale * w_scale[per_channel ? o : 0]
 *   scale[o] = m                                             has_add = 0
 *   scale[2 * o], scale[2 * o + 1] = m, add[o]               has_add = 1: pairs of QCC_ROUND_AFFINE (epilogue.h)
 *
 * shift is what the kernel takes off the stored activations before it multiplies: 128 where it reads u8 as s8, -128 the other
 * way round. x_scale and zero (u8, or s8 if zero_signed) hold one number each; add is null if has_add is 0. Channels oc to
 * padded - 1 of bias and scale are zero. No overlap. No bias can leave int32: proved. */
#ifndef QCC_DYNAMIC_SCALE_H
#define QCC_DYNAMIC_SCALE_H

#include "qcc/base.h"

struct qcc_dynamic_scale_params {
  int32_t oc, padded;
  int32_t shift;
  int32_t zero_signed;
  int32_t per_channel;
  int32_t has_add;
};

typedef void qcc_dynamic_scale_fn(struct qcc_dynamic_scale_params p, const float *x_scale, const uint8_t *zero, const int32_t *sums,
                                  const float *w_scale, const float *add, int32_t *bias, float *scale);

#endif
