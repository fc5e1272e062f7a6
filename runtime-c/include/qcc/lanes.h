/* SPDX-License-Identifier: 0BSD */
/* Sums in a fixed order. Item j of a sum joins lane j % 8, in order; the lanes join as ((0+4)+(2+6)) + ((1+5)+(3+7)).
 * Vectors of 4, 8 or 16 floats, along the sum or across sums, all make these bits; so does plain C. */
#ifndef QCC_LANES_H
#define QCC_LANES_H

#include "qcc/base.h"

QCC_INLINE float qcc_sum_lanes(const float lane[8]) {
  const float even = (lane[0] + lane[4]) + (lane[2] + lane[6]);
  const float odd = (lane[1] + lane[5]) + (lane[3] + lane[7]);
  return even + odd;
}

#endif
