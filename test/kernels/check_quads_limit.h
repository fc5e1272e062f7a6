/* SPDX-License-Identifier: 0BSD */
/* QUADS_FIT_S16: of each 16 inputs so many may have weights beyond half the range: as many as there is room for extra steps
 * (check_quads.h). */
#ifndef QCC_CHECK_QUADS_LIMIT_H
#define QCC_CHECK_QUADS_LIMIT_H

#include <stddef.h>
#include <stdint.h>

enum { CHECK_QUADS_LARGE = 8 };

/* PAIR_SUM_FITS_S16: no two neighbouring k whose sum is beyond `most`; those that would are set to the edge. */
static void check_pairs_limit(int16_t *w, int32_t oc, int32_t k, int32_t most) {
  for (int32_t o = 0; o < oc; o++)
    for (int32_t i = 0; i + 1 < k; i += 2) {
      int16_t *a = w + (size_t)o * (size_t)k + i;
      if (a[0] > 0 && a[1] > 0 && a[0] + a[1] > most) a[1] = (int16_t)(most - a[0]);
      if (a[0] < 0 && a[1] < 0 && a[0] + a[1] < -most) a[1] = (int16_t)(-most - a[0]);
    }
}

static void check_quads_limit(int16_t *w, int32_t oc, int32_t k) {
  for (int32_t o = 0; o < oc; o++)
    for (int32_t i = CHECK_QUADS_LARGE; i < k; i++) {
      int16_t *v = w + (size_t)o * (size_t)k + (size_t)i;
      if (i % 16 >= CHECK_QUADS_LARGE) *v = (int16_t)(*v > 64 ? 64 : *v < -64 ? -64 : *v);
    }
}

/* OCTS_FIT_S16: smaller weights go together in more ways. */
static void check_octs_spread(int16_t *w, size_t count) {
  const int32_t part = CHECK_PICK(1, 2, 4);
  for (size_t i = 0; i < count; i++) w[i] = (int16_t)(w[i] / part);
}

#endif
