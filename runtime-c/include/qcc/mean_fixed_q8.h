/* SPDX-License-Identifier: 0BSD */
/* Contract of family mean_fixed_q8: TFLite's mean over the middle dimension of x s8[outer,count,inner].
 *
 *   y[o,i] = clamp(qcc_fixed_double(sum over k of (x[o,k,i] - x_zero), multiplier, shift) + y_zero, y_min, y_max)
 *
 * The multiplier may be below 2^30. No overlap. */
#ifndef QCC_MEAN_FIXED_Q8_H
#define QCC_MEAN_FIXED_Q8_H

#include "qcc/requantize.h"

struct qcc_mean_fixed_q8_params {
  int32_t outer, count, inner;
};

struct qcc_mean_fixed_q8_data {
  int32_t x_zero, y_zero, multiplier, shift, y_min, y_max;
};

typedef void qcc_mean_fixed_q8_fn(struct qcc_mean_fixed_q8_params p, struct qcc_mean_fixed_q8_data d, const int8_t *x,
                                  int8_t *y);

#endif
