/* SPDX-License-Identifier: 0BSD */
/* Weights of convolutions in the packings that src/program/packing.ts documents. */
#ifndef QCC_CHECK_PANELS_H
#define QCC_CHECK_PANELS_H

#include "check_octs.h"

/* Weights as src/program/packing.ts documents it: `ohwi_<e>` (N = 1) or panels `nr<N>_kr<K>_<e>`. */
struct check_panels {
  int32_t nr, kr, size; /* size: bytes of an element */
  int32_t by_k;         /* nr<N>_kr<K>k: within a step k comes before the output channel */
  int winograd, quads, octs;
  int32_t columns; /* of a window, where columns4_s8 packs it */
  int32_t narrow;  /* nr<N>n_kr<K>: no places for channels that do not exist */
  int32_t across;  /* nr<N>g_kr<K>: panels hold channels of several groups */
  int zeros; /* nr<N>_kr<K>_s8z: a panel begins with zero points, s32: weight = stored - zero point */
};
/* `ohwi`, of elements of so many bytes. */
#define CHECK_PLAIN(bytes) ((struct check_panels){.nr = 1, .kr = 1, .size = (bytes)})
static struct check_panels check_read_packing(struct check_kernel k) {
  struct check_panels f = CHECK_PLAIN(check_is_wide(k) ? 2 : 1);
  f.by_k = strstr(k.packing, "k_s8") != 0;
  f.zeros = strstr(k.packing, "_s8z") != 0;
  if (sscanf(k.packing, "winograd4_nr%d", &f.nr) == 1) {
    f.winograd = 1;
    return f;
  }
  if (strncmp(k.packing, "nr16_quads_s8", 13) == 0) {
    f.nr = 16, f.quads = 1;
    return f;
  }
  if (strncmp(k.packing, "nr16_octs_s8", 12) == 0) {
    f.nr = 16, f.octs = 1;
    return f;
  }
  if (strncmp(k.packing, "columns4_s8", 11) == 0) {
    f.nr = 16, f.columns = 1;
    return f;
  }
  f.narrow = sscanf(k.packing, "nr%dn_kr%d", &f.nr, &f.kr) == 2;
  f.across = sscanf(k.packing, "nr%dg_kr%d", &f.nr, &f.kr) == 2;
  if (!f.narrow && !f.across && strncmp(k.packing, "ohwi_", 5) != 0 && sscanf(k.packing, "nr%d_kr%d", &f.nr, &f.kr) != 2) {
    printf("FAIL %s: check_conv2d_q8.h does not know the packing %s\n", k.symbol, k.packing);
    exit(1);
  }
  return f;
}

/* U = G g G' of every kernel, the doubled sums spelled out: row 4 of G is (1, -2, 4). */
static int32_t check_winograd(const int16_t *g, size_t step, int32_t row, int32_t column) {
  static const int32_t G[6][3] = {{6, 0, 0}, {-4, -4, -4}, {-4, 4, -4}, {1, 2, 4}, {1, -2, 4}, {0, 0, 6}};
  int32_t sum = 0;
  for (int32_t y = 0; y < 3; y++)
    for (int32_t x = 0; x < 3; x++) sum += G[row][y] * G[column][x] * g[(size_t)(3 * y + x) * step];
  return sum;
}

/* Panels of nr outputs, each 36 positions of [pairs of channels][nr][2]. */
static void *check_pack_winograd(int which, const struct check_convolution *c, struct check_panels f, size_t slack) {
  const int32_t channels = c->k / 9, panels = (c->oc + f.nr - 1) / f.nr, pairs = (channels + 1) / 2;
  int16_t *w = check_place(which, (size_t)panels * 36 * (size_t)pairs * (size_t)f.nr * 4, slack, 64);
  size_t at = 0;
  for (int32_t p = 0; p < panels; p++)
    for (int32_t position = 0; position < 36; position++)
      for (int32_t pair = 0; pair < pairs; pair++)
        for (int32_t n = 0; n < f.nr; n++)
          for (int32_t i = 0; i < 2; i++, at++) {
            const int32_t o = p * f.nr + n, channel = 2 * pair + i;
            w[at] = o < c->oc && channel < channels
                        ? (int16_t)check_winograd(c->w + (size_t)o * (size_t)c->k + (size_t)channel, (size_t)channels,
                                                  position / 6, position % 6)
                        : (int16_t)0;
          }
  return w;
}

/* A zero point that makes a channel's weights fit s8, the first or the last one that does; channels beyond the last have 0. */
static int32_t check_zero_of_channel(const struct check_convolution *c, int32_t o) {
  int32_t low = 0, high = 0;
  for (int32_t i = 0; i < c->k; i++) {
    const int32_t w = c->w[(size_t)o * (size_t)c->k + (size_t)i];
    if (w < low) low = w;
    if (w > high) high = w;
  }
  if (low >= -128 && high <= 127) return 0;
  return o & 1 ? -128 - low : 127 - high;
}

/* Steps of four taps of one channel: a column of four rows; of the rows left over 1 to 4 columns. */
static void *check_pack_columns(int which, const struct check_convolution *c, int32_t kw, size_t slack) {
  const int32_t kh = c->k / kw, left = kh % 4, across = left == 1 ? 4 : left == 2 ? 2 : 1;
  const int32_t steps = kh / 4 * kw + (left ? (kw + across - 1) / across : 0);
  int8_t *w = check_place(which, (size_t)c->oc * (size_t)steps * 4, slack, 64);
  memset(w, 0, (size_t)c->oc * (size_t)steps * 4);
  for (int32_t o = 0; o < c->oc; o++)
    for (int32_t y = 0; y < kh; y++)
      for (int32_t x = 0; x < kw; x++) {
        const int is_left = y >= kh - left;
        const int32_t step = y / 4 * kw + (is_left ? x / across : x), place = is_left ? y % 4 + left * (x % across) : y % 4;
        w[4 * ((size_t)o * (size_t)steps + (size_t)step) + (size_t)place] = (int8_t)c->w[(size_t)o * (size_t)c->k + (size_t)(y * kw + x)];
      }
  return w;
}

static void *check_pack(int which, const struct check_convolution *c, struct check_panels f, int32_t groups, size_t slack) {
  if (f.winograd) return check_pack_winograd(which, c, f, slack);
  if (f.columns) return check_pack_columns(which, c, f.columns, slack);
  if (f.quads) return check_pack_quads(which, c, groups, slack);
  if (f.octs) return check_pack_octs(which, c, groups, slack);
  if (f.across) groups = 1;
  const int32_t oc = c->oc / groups, panels = (oc + f.nr - 1) / f.nr;
  const int32_t kr = f.nr == 1 ? c->k : f.kr, steps = (c->k + kr - 1) / kr;
  const size_t places = f.narrow ? (size_t)oc : (size_t)panels * (size_t)f.nr;
  const size_t count = (size_t)groups * places * ((size_t)steps * (size_t)kr + (f.zeros ? 4 : 0));
  void *w = check_place(which, count * (size_t)f.size, slack, 64);
  size_t at = 0;
  for (int32_t g = 0; g < groups; g++)
    for (int32_t p = 0; p < panels; p++) {
      int32_t zeros[64] = {0};
      for (int32_t n = 0; f.zeros && n < f.nr; n++, at += 4) {
        if (p * f.nr + n < oc) zeros[n] = check_zero_of_channel(c, g * oc + p * f.nr + n);
        memcpy((int8_t *)w + at, &zeros[n], 4);
      }
      for (int32_t s = 0; s < steps; s++)
        for (int32_t j = 0; j < (f.narrow && oc - p * f.nr < f.nr ? oc - p * f.nr : f.nr); j++)
          for (int32_t l = 0; l < kr; l++, at++) {
            const int32_t place = j * kr + l, n = f.by_k ? place % f.nr : j, i = f.by_k ? place / f.nr : l;
            const int32_t o = p * f.nr + n, k = s * kr + i;
            const int16_t v = o < oc && k < c->k ? c->w[(size_t)(g * oc + o) * (size_t)c->k + (size_t)k] : (int16_t)0;
            if (f.size == 2)
              ((int16_t *)w)[at] = v;
            else
              ((int8_t *)w)[at] = o < oc && k < c->k ? (int8_t)(v + zeros[n]) : (int8_t)0;
          }
    }
  return w;
}

#endif
