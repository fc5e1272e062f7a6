/* SPDX-License-Identifier: 0BSD */
/* Multipliers and shifts of fixed-point rules for the cases of check_convolution.h. */
#ifndef QCC_CHECK_FIXED_H
#define QCC_CHECK_FIXED_H

#include "check_elements.h"

/* multiplier and shift of one channel whose |acc| is at most `most`: results around the stored range, ties, far shifts. */
static void check_convolution_fixed(int32_t *fixed, double most, int32_t shape) {
  int32_t left = 0, exponent = 0;
  double wanted = (double)CHECK_PICK(10, 100, 200, 400, 100000) / most;
  while (most * (double)(INT64_C(1) << (left + 1)) < 2147483647.0 && left < 30) left++;
  while (wanted < 0.5 && exponent > -31) wanted *= 2, exponent--;
  while (wanted >= 1.0 && exponent < left) wanted /= 2, exponent++;
  fixed[0] = check_between(1 << 30, INT32_MAX);
  fixed[1] = exponent;
  if (shape == 0) fixed[0] = 1 << 30; /* a power of two: results that tie */
  if (shape == 1) fixed[0] = (1 << 30) + (1 << check_between(0, 29));
  if (shape == 2) fixed[1] = -31;
  if (shape == 3 && check_once_in(4)) fixed[0] = fixed[1] = 0;
  while (most * (double)fixed[0] * (fixed[1] < 0 ? 1.0 / (double)(INT64_C(1) << -fixed[1]) : (double)(INT64_C(1) << fixed[1])) > 2305843009213693952.0)
    fixed[1]--;
  /* Half a step of the second rounding fits beside the sum. */
  while (fixed[1] < -1 && most + (double)(INT64_C(1) << (-fixed[1] - 1)) >= 2147483647.0) fixed[1]++;
}

#endif
