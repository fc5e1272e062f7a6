/* SPDX-License-Identifier: 0BSD */
/* Weights in the packing nr16_quads_s8 (runtime-c/isa/x86-avx2/conv2d_quads.h), ordered at random, with inputs of any blocks
 * exchanged: any order is right if the pairs of each step keep within 128.
 *
 * Large weights go in two halves, one of them into an extra step. Of each 16 inputs up to 8 may be large: that is as many extra
 * steps as there is room for. */
#ifndef QCC_CHECK_QUADS_H
#define QCC_CHECK_QUADS_H

#include "check_convolution.h"

static void check_shuffle(uint8_t *of, int32_t count) {
  for (int32_t i = count - 1; i > 0; i--) {
    const int32_t j = check_between(0, i);
    const uint8_t was = of[i];
    of[i] = of[j], of[j] = was;
  }
}

/* Whether some channel from `first` on needs input i of block b in two halves. */
static int check_quads_is_large(const struct check_convolution *c, int32_t first, int32_t channels, int32_t i) {
  for (int32_t o = first; o < first + channels; o++) {
    const int16_t w = c->w[(size_t)o * (size_t)c->k + (size_t)i];
    if (w > 64 || w < -64) return 1;
  }
  return 0;
}

struct check_quads_group {
  uint8_t order[16 * 512];
  int32_t input[16 * 512], extra[8 * 512]; /* the input in each place of the steps; of extra steps -1 for none */
  int32_t extras, idle;                    /* idle: steps of the last block that are left out, its inputs being before them */
};

/* No weight that stands alone in its place is large: any two may meet. */
static void check_quads_exchange(struct check_quads_group *g, int32_t places) {
  for (int32_t n = check_between(0, 6); n > 0 && places > 0; n--) {
    const int32_t i = check_between(0, places - 1), j = check_between(0, places - 1), was = g->input[i];
    g->input[i] = g->input[j], g->input[j] = was;
  }
}

static void check_quads_order(struct check_quads_group *g, const struct check_convolution *c, int32_t first, int32_t channels) {
  const int32_t blocks = (c->k + 15) / 16;
  int32_t slots = 0;
  if (blocks > 512) abort();
  memset(g, 0, sizeof *g);
  for (int32_t b = 0; b < blocks; b++) {
    uint8_t *order = g->order + 16 * b, large[CHECK_QUADS_LARGE];
    int32_t count = 0;
    for (int32_t i = 0; i < 16; i++) order[i] = (uint8_t)i;
    const int32_t inputs = c->k - 16 * b;
    if (inputs < 16 && (check_random() & 1)) {
      g->idle = (16 - inputs) / 4;
      check_shuffle(order, 16 - 4 * g->idle);
    } else {
      check_shuffle(order, 16);
    }
    for (int32_t i = 0; i < 16; i++) g->input[16 * b + i] = 16 * b + order[i];
    for (int32_t i = 0; i < CHECK_QUADS_LARGE && 16 * b + i < c->k; i++)
      if (check_quads_is_large(c, first, channels, 16 * b + i)) large[count++] = (uint8_t)i;
    check_shuffle(large, count);
    for (int32_t i = 0; i < count; i++, slots++) {
      while (slots < 8 * b && check_between(0, 3) == 0) g->extra[slots++] = -1; /* there is room for 8 of each block */
      g->extra[slots] = 16 * b + large[i];
    }
    if (check_random() & 1)
      while (slots % 4 != 0) g->extra[slots++] = -1;
  }
  while (slots % 4 != 0) g->extra[slots++] = -1;
  g->extras = slots / 4;
  check_quads_exchange(g, 16 * blocks - 4 * g->idle);
}

/* The weight of an input in the order, or in an extra step. */
static int8_t check_quads_weight(const struct check_quads_group *g, const struct check_convolution *c, int32_t o, int32_t i,
                                 int is_extra) {
  if (i < 0 || i >= c->k) return 0;
  const int16_t w = c->w[(size_t)o * (size_t)c->k + (size_t)i];
  for (int32_t s = 0; s < 4 * g->extras; s++)
    if (g->extra[s] == i) return (int8_t)(is_extra ? w - w / 2 : w / 2);
  return (int8_t)w;
}

/* Counts moves where `to` is null. */
static int32_t check_quads_moves(uint8_t *to, const struct check_quads_group *g, int32_t blocks) {
  const int32_t places = 16 * blocks - 4 * g->idle;
  int32_t count = 0;
  for (int32_t s = 0; s < places + 4 * g->extras; s++) {
    const int32_t input = s < places ? g->input[s] : g->extra[s - places];
    if (s < places ? input == s / 16 * 16 + g->order[s] : input < 0) continue;
    if (to != 0) {
      memcpy(to + 8 * count, &s, 4);
      memcpy(to + 8 * count + 4, &input, 4);
    }
    count++;
  }
  return count;
}

static size_t check_quads_put(uint8_t *to, const struct check_quads_group *g, const struct check_convolution *c, int32_t first,
                              int32_t channels) {
  const int32_t blocks = (c->k + 15) / 16, extras = g->extras, base = 4 * blocks - g->idle, steps = base + extras;
  const int32_t moves = check_quads_moves(0, g, blocks);
  const size_t control = (size_t)(16 * blocks + 8 * moves + 63) / 64 * 64;
  const size_t bytes = 64 + control + (size_t)((channels + 15) / 16) * (size_t)steps * 64;
  if (to == 0) return bytes;
  memset(to, 0, bytes);
  memcpy(to, &extras, 4);
  memcpy(to + 12, &g->idle, 4);
  memcpy(to + 16, &moves, 4);
  memcpy(to + 64, g->order, (size_t)blocks * 16);
  check_quads_moves(to + 64 + 16 * blocks, g, blocks);
  int8_t *w = (int8_t *)to + 64 + control;
  for (int32_t panel = 0; panel < channels; panel += 16)
    for (int32_t s = 0; s < steps; s++)
      for (int32_t o = panel; o < panel + 16; o++)
        for (int32_t slot = 0; slot < 4; slot++, w++) {
          if (o >= channels) continue;
          const int32_t at = 4 * s + slot;
          *w = s < base ? check_quads_weight(g, c, first + o, g->input[at], 0)
                        : check_quads_weight(g, c, first + o, g->extra[at - 4 * base], 1);
        }
  return bytes;
}

static void *check_pack_quads(int which, const struct check_convolution *c, int32_t groups, size_t slack) {
  const int32_t oc = c->oc / groups, panels = (oc + 15) / 16, together = check_between(1, panels < 5 ? panels : 5);
  const int32_t each = (panels + together - 1) / together;
  struct check_quads_group *orders = malloc((size_t)(groups * each) * sizeof *orders);
  int32_t count = 0;
  size_t most = 0, last = 0;
  if (orders == 0) abort();
  for (int32_t g = 0; g < groups; g++)
    for (int32_t o = 0; o < oc; o += 16 * together, count++) {
      const int32_t channels = oc - o < 16 * together ? oc - o : 16 * together;
      check_quads_order(&orders[count], c, g * oc + o, channels);
      last = check_quads_put(0, &orders[count], c, g * oc + o, channels);
      most = last > most ? last : most;
    }
  const int32_t apart = (int32_t)most + 64 * check_between(0, 2);
  uint8_t *w = check_place(which, (size_t)(count - 1) * (size_t)apart + last, slack, 64), *to = w;
  count = 0;
  for (int32_t g = 0; g < groups; g++)
    for (int32_t o = 0; o < oc; o += 16 * together, count++, to += apart) {
      check_quads_put(to, &orders[count], c, g * oc + o, oc - o < 16 * together ? oc - o : 16 * together);
      memcpy(to + 4, &together, 4);
      memcpy(to + 8, &apart, 4);
    }
  free(orders);
  return w;
}

#endif
