/* SPDX-License-Identifier: 0BSD */
/* Weights in the packing nr16_octs_s8 (runtime-c/isa/x86-avx2/conv2d_octs.h), their steps in any order that is right: octs of two steps
 * that fit, plain steps that may also be signed ones. */
#ifndef QCC_CHECK_OCTS_H
#define QCC_CHECK_OCTS_H

#include "check_quads.h"

enum { CHECK_OCTS_CHUNK = 128 };

/* A panel's channels, and which step of them is asked about. */
struct check_octs_panel {
  const struct check_convolution *c;
  int32_t first, channels;
};

static int32_t check_octs_weight(struct check_octs_panel p, int32_t o, int32_t i) {
  return o < p.channels && i < p.c->k ? p.c->w[(size_t)(p.first + o) * (size_t)p.c->k + (size_t)i] : 0;
}

/* Whether the pairs of steps s and t (or of s alone: t < 0) keep within 16 bits, taken as they are or as magnitudes. */
static int check_octs_fit(struct check_octs_panel p, int32_t s, int32_t t, int is_signed) {
  for (int32_t o = 0; o < p.channels; o++)
    for (int32_t pair = 0; pair < 2; pair++) {
      int32_t positive = 0, negative = 0;
      for (int32_t i = 0; i < 4; i++) {
        if (i >= 2 && t < 0) break;
        const int32_t w = check_octs_weight(p, o, 4 * (i < 2 ? s : t) + 2 * pair + i % 2);
        if (w > 0)
          positive += w;
        else
          negative -= w;
      }
      if (is_signed ? positive + negative > 256 : positive > 128 || negative > 128) return 0;
    }
  return 1;
}

/* Orders `count` steps: as many octs as chance finds, then what is left. Returns the number of octs. */
static int32_t check_octs_match(struct check_octs_panel p, int32_t first, uint8_t *steps, int32_t count, int is_signed) {
  uint8_t octs[CHECK_OCTS_CHUNK], left[CHECK_OCTS_CHUNK];
  int32_t paired = 0, alone = 0;
  check_shuffle(steps, count);
  for (int32_t i = 0; i < count; i++) {
    if (i + 1 < count && check_between(0, 7) != 0 && check_octs_fit(p, first + steps[i], first + steps[i + 1], is_signed)) {
      octs[paired++] = steps[i++];
      octs[paired++] = steps[i];
    } else {
      left[alone++] = steps[i];
    }
  }
  memcpy(steps, octs, (size_t)paired);
  memcpy(steps + paired, left, (size_t)alone);
  return paired / 2;
}

static void check_octs_put(uint8_t *to, struct check_octs_panel p, int32_t head) {
  const int32_t all = (p.c->k + 3) / 4, chunks = (all + CHECK_OCTS_CHUNK - 1) / CHECK_OCTS_CHUNK;
  int8_t *w = (int8_t *)to + head;
  for (int32_t chunk = 0; chunk < chunks; chunk++) {
    const int32_t first = chunk * CHECK_OCTS_CHUNK, steps = all - first < CHECK_OCTS_CHUNK ? all - first : CHECK_OCTS_CHUNK;
    uint8_t plain[CHECK_OCTS_CHUNK], others[CHECK_OCTS_CHUNK], *const order = to + 3 * chunks + first;
    int32_t unsigned_steps = 0, signed_steps = 0;
    for (int32_t s = 0; s < steps; s++)
      if (check_between(0, 7) != 0 && check_octs_fit(p, first + s, -1, 0))
        plain[unsigned_steps++] = (uint8_t)s;
      else
        others[signed_steps++] = (uint8_t)s;
    const int32_t plain_octs = check_octs_match(p, first, plain, unsigned_steps, 0);
    to[3 * chunk] = (uint8_t)plain_octs;
    to[3 * chunk + 1] = (uint8_t)(unsigned_steps - 2 * plain_octs);
    to[3 * chunk + 2] = (uint8_t)check_octs_match(p, first, others, signed_steps, 1);
    memcpy(order, plain, (size_t)unsigned_steps);
    memcpy(order + unsigned_steps, others, (size_t)signed_steps);
    for (int32_t s = 0; s < steps; s++)
      for (int32_t o = 0; o < 16; o++)
        for (int32_t i = 0; i < 4; i++) *w++ = (int8_t)check_octs_weight(p, o, 4 * (first + order[s]) + i);
  }
}

static void *check_pack_octs(int which, const struct check_convolution *c, int32_t groups, size_t slack) {
  const int32_t oc = c->oc / groups, panels = (oc + 15) / 16, all = (c->k + 3) / 4;
  const int32_t head = (3 * ((all + CHECK_OCTS_CHUNK - 1) / CHECK_OCTS_CHUNK) + all + 63) / 64 * 64, bytes = head + 64 * all;
  uint8_t *const w = check_place(which, (size_t)groups * (size_t)panels * (size_t)bytes, slack, 64);
  memset(w, 0, (size_t)groups * (size_t)panels * (size_t)bytes);
  for (int32_t g = 0; g < groups; g++)
    for (int32_t panel = 0; panel < panels; panel++) {
      const int32_t channels = oc - 16 * panel < 16 ? oc - 16 * panel : 16;
      check_octs_put(w + (size_t)(g * panels + panel) * (size_t)bytes, (struct check_octs_panel){c, g * oc + 16 * panel, channels}, head);
    }
  return w;
}

#endif
