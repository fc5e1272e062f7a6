/* SPDX-License-Identifier: 0BSD */
/* Packing _s8z: the weights of a channel lie within 255 of each other and of 0; here of half of the channels at one end of that, the
 * other, or anywhere. */
#ifndef QCC_CHECK_ZEROS_LIMIT_H
#define QCC_CHECK_ZEROS_LIMIT_H

#include "check.h"

static void check_zeros_limit(int16_t *w, int32_t oc, int32_t k) {
  for (int32_t o = 0; o < oc; o++, w += k) {
    const int32_t more = check_once_in(2) ? 0 : CHECK_PICK(-127, 128, check_between(-127, 128));
    for (int32_t i = 0; i < k; i++) w[i] = (int16_t)(w[i] + more);
  }
}

#endif
