/* SPDX-License-Identifier: 0BSD */
/* Histograms of float32 values: bin i counts those with floor(x / 2^exponent) = i, `side` bins on each side of zero. The
 * exponent is the smallest with which all values fit, so histograms of parts add up to that of the whole. */
#ifndef QCC_HOST_HISTOGRAM_H
#define QCC_HOST_HISTOGRAM_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { SIDE_BINS = 2048, CHANNEL_SIDE_BINS = 64, SMALLEST = -149 };

struct histogram {
  int exponent;
  uint64_t zeros;
  double scale; /* 2^-exponent, of the last count */
  uint64_t *counts;
};

/* floor(x / 2^exponent); a double holds the quotient exactly. */
static inline int32_t bin_of(float x, double scale) {
  const double quotient = (double)x * scale;
  const int32_t whole = (int32_t)quotient;
  return whole - (quotient < (double)whole);
}

static inline double power_of_two(int exponent) {
  const uint64_t bits = (uint64_t)(1023 + exponent) << 52;
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static inline int fits(float x, int exponent, int side) {
  const double quotient = (double)x * power_of_two(-exponent);
  return quotient >= -(double)side && quotient < (double)side;
}

/* Bins join in pairs until low and high have one. */
static inline void widen(struct histogram *h, float low, float high, int side) {
  int shift = 0;
  while (!fits(low, h->exponent + shift, side) || !fits(high, h->exponent + shift, side)) shift++;
  if (shift == 0) return;
  h->exponent += shift;
  static uint64_t wide[2 * SIDE_BINS];
  memset(wide, 0, sizeof wide);
  for (int i = 0; i < 2 * side; i++)
    if (h->counts[i] != 0) {
      const int bin = i - side;
      const int joined = shift > 12 ? -(bin < 0) : bin >= 0 ? bin >> shift : -((-bin - 1) >> shift) - 1;
      wide[joined + side] += h->counts[i];
    }
  memcpy(h->counts, wide, (size_t)(2 * side) * sizeof *wide);
}

static inline void count_bins(struct histogram *h, const float *x, size_t count, int side) {
  const double scale = power_of_two(-h->exponent);
  uint64_t *const middle = h->counts + side;
  uint64_t zeros = 0;
  for (size_t i = 0; i < count; i++) middle[bin_of(x[i], scale)]++;
  for (size_t i = 0; i < count; i++) zeros += x[i] == 0.0f;
  h->zeros += zeros;
}

/* Rows of `width` neighbours, each with a histogram of its own. */
static inline void count_rows(struct histogram *h, const float *x, size_t rows, size_t width, int side) {
  for (size_t c = 0; c < width; c++) h[c].scale = power_of_two(-h[c].exponent);
  for (size_t r = 0; r < rows; r++, x += width)
    for (size_t c = 0; c < width; c++) {
      h[c].counts[side + bin_of(x[c], h[c].scale)]++;
      h[c].zeros += x[c] == 0.0f;
    }
}

static inline int write_histogram(FILE *to, const struct histogram *h, int side) {
  int first = 0, end = 2 * side;
  while (first < end && h->counts[first] == 0) first++;
  while (end > first && h->counts[end - 1] == 0) end--;
  const int64_t head[4] = {h->exponent, first - side, end - first, (int64_t)h->zeros};
  const size_t bins = (size_t)(end - first);
  return (fwrite(head, sizeof head, 1, to) != 1) | (fwrite(h->counts + first, sizeof *h->counts, bins, to) != bins);
}

#endif
