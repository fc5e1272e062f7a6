/* SPDX-License-Identifier: 0BSD */
/* What the cases of matmul_q8 and matmul_f32 share. */
#ifndef QCC_CHECK_MATMUL_H
#define QCC_CHECK_MATMUL_H

#include "check.h"

/* Strides of three batch loops around matrices of `size` elements, each of which may repeat; the number of elements. */
static QCC_MAYBE_UNUSED size_t check_matmul_batch(const int32_t *g, int32_t *strides, int32_t size) {
  size_t count = (size_t)size;
  for (int32_t i = 2; i >= 0; i--) {
    const int repeats = g[i] == 1 || check_once_in(3);
    strides[i] = repeats ? 0 : (int32_t)count;
    if (!repeats) count *= (size_t)g[i];
  }
  return count;
}

#endif
