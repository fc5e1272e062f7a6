/* SPDX-License-Identifier: 0BSD */
/* What the cases of lstm and gru share: gates and states that reach the flat ends of sigmoid and tanh, weights of a state.
 * All states of a call lie in one buffer, all results in another: y, then the last states. */
#ifndef QCC_CHECK_RECURRENT_H
#define QCC_CHECK_RECURRENT_H

#include "bench.h"
#include "check_elements.h"

enum { CHECK_HIDDEN = 40, CHECK_ROWS = 4 * CHECK_HIDDEN };

struct check_recurrent_sizes {
  int32_t seq, batch, hidden;
};

static QCC_MAYBE_UNUSED struct check_recurrent_sizes check_recurrent_shape(void) {
  const struct check_recurrent_sizes s = {check_between(1, 4), check_once_in(3) ? check_between(2, 5) : 1,
                                          CHECK_PICK(1, 2, 7, 8, 9, 13, 16, 17, 24, 31, 32, 33, 40)};
  return s;
}

/* Values of a few units, some of them far out. */
static QCC_MAYBE_UNUSED float *check_gates_at(int which, size_t count) {
  float *x = check_place(which, count * 4, 0, 4);
  for (size_t i = 0; i < count; i++) {
    x[i] = (float)check_between(-4000, 4000) / 1000.0f;
    if (check_once_in(40)) x[i] = (float)CHECK_PICK(0, 40, -40, 9, -9, 18, -18);
  }
  return x;
}

/* Room for the sums or the scales of `rows`, as the compiler pads them. */
static QCC_MAYBE_UNUSED size_t check_padded(int32_t rows) { return (size_t)(rows + 31) / 32 * 32; }

/* Weights [rows][hidden] of one state, logical; packed for the scalar kernel and for this one. */
static QCC_MAYBE_UNUSED void check_state_weights(int8_t *w, int32_t rows, int32_t hidden, int32_t *sums, float *scales) {
  const int32_t fill = check_between(0, 3);
  for (size_t o = 0; o < check_padded(rows); o++) {
    sums[o] = 0;
    scales[o] = o < (size_t)rows ? (float)check_between(1, 40) / 4096.0f : 0.0f;
    for (int32_t k = 0; o < (size_t)rows && k < hidden; k++) {
      const int32_t v = fill == 0 ? -128 : fill == 1 ? 127 : check_between(-128, 127);
      w[o * (size_t)hidden + (size_t)k] = (int8_t)v;
      sums[o] += v;
    }
  }
}

/* `ohwi_s8`, or panels `nr<N>_kr<K>_s8`, or `nr<N>n_kr<K>_s8`, whose last panel holds the rows that are left. */
static QCC_MAYBE_UNUSED void *check_pack_state(struct check_kernel k, int which, const int8_t *w, int32_t rows, int32_t hidden) {
  int32_t nr = 1, kr = hidden;
  const int narrow = sscanf(k.packing, "nr%dn_kr%d_s8", &nr, &kr) == 2;
  if (!narrow && strncmp(k.packing, "ohwi_s8", 7) != 0 && sscanf(k.packing, "nr%d_kr%d_s8", &nr, &kr) != 2) {
    printf("FAIL %s: check_recurrent.h does not know the packing %s\n", k.symbol, k.packing);
    exit(1);
  }
  const int32_t panels = (rows + nr - 1) / nr, steps = (hidden + kr - 1) / kr;
  const size_t places = narrow ? (size_t)rows : (size_t)panels * (size_t)nr;
  int8_t *packed = check_place(which, places * (size_t)steps * (size_t)kr, k.slack, 64);
  size_t at = 0;
  for (int32_t p = 0; p < panels; p++)
    for (int32_t s = 0; s < steps; s++)
      for (int32_t n = 0; n < (narrow && rows - p * nr < nr ? rows - p * nr : nr); n++)
        for (int32_t i = 0; i < kr; i++, at++) {
          const int32_t o = p * nr + n, c = s * kr + i;
          packed[at] = o < rows && c < hidden ? w[o * hidden + c] : (int8_t)0;
        }
  return packed;
}

static const struct check_kernel check_plain_state = {"", "", "ohwi_s8", "", 0, "plain C"};

#endif
