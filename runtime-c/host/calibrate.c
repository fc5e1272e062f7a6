/* SPDX-License-Identifier: 0BSD */
/* Runs a float model on many samples and gathers what its tensors hold: calibration.
 *
 *   calibrate INPUTS SUMS      samples of INPUTS (raw tensors in the model's order, nothing between them) -> SUMS
 *
 * Prints {"samples":N}, or {"samples":N,"tensor":T,"value":"nan"|"inf"} if tensor T of sample N is not finite; SUMS is then
 * not written. For every tensor that model_io.h lists, SUMS holds, in the byte order of the machine:
 *
 *   s64 exponent, s64 first, u64 bins, u64 zeros, u64 counts[bins]       bin i: floor(x / 2^exponent) = first + i
 *   f32 min[channels], f32 max[channels], u64 sum[channels][SUM_WORDS]   two's complement, units of 2^-149
 *   for each channel: s64 exponent, s64 first, u64 bins, u64 zeros, u64 counts[bins]
 *
 * All of it adds up exactly, whatever the order of the samples: the exponent is the smallest with which all values fit, the
 * sum of a channel is exact but for the double sum within one sample, which follows the order of memory. */
#if !defined(_DEFAULT_SOURCE)
#define _DEFAULT_SOURCE
#endif
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "histogram.h"
#include "model_io.h"

enum { LINE = 64, SUM_WORDS = 6, LANES = 16 };

struct tensor_sums {
  struct histogram whole;
  struct histogram *channel;
  float *min, *max;
  double *sample_sum;
  uint64_t (*sum)[SUM_WORDS];
};

static void *inputs[QCC_HOST_INPUTS + 1];
static void *outputs[QCC_HOST_OUTPUTS + 1];
static void *arena;
static struct tensor_sums sums[QCC_HOST_WATCHED + 1];

static int complain(const char *what) {
  perror(what);
  return 1;
}

static void *zeroed(size_t bytes, size_t align) {
  if (align < LINE) align = LINE;
  const size_t size = (bytes / align + 1) * align;
  void *memory = aligned_alloc(align, size);
  if (memory == NULL) {
    fputs(QCC_HOST_MODEL ": out of memory\n", stderr);
    exit(1);
  }
  return memset(memory, 0, size);
}

static void allocate(void) {
  arena = zeroed(QCC_HOST_ARENA_BYTES, QCC_HOST_ARENA_ALIGN);
  for (size_t i = 0; i < QCC_HOST_INPUTS; i++) inputs[i] = zeroed(qcc_host_inputs[i].bytes, LINE);
  for (size_t i = 0; i < QCC_HOST_OUTPUTS; i++) outputs[i] = zeroed(qcc_host_outputs[i].bytes, LINE);
  for (size_t t = 0; t < QCC_HOST_WATCHED; t++) {
    const size_t channels = qcc_host_watched[t].channels;
    struct tensor_sums *const s = &sums[t];
    s->whole = (struct histogram){SMALLEST, 0, 0, zeroed(2 * SIDE_BINS * sizeof *s->whole.counts, LINE)};
    s->channel = zeroed(channels * sizeof *s->channel, LINE);
    uint64_t *const counts = zeroed(channels * 2 * CHANNEL_SIDE_BINS * sizeof *counts, LINE);
    for (size_t c = 0; c < channels; c++)
      s->channel[c] = (struct histogram){SMALLEST, 0, 0, counts + 2 * CHANNEL_SIDE_BINS * c};
    s->min = zeroed(channels * sizeof *s->min, LINE);
    s->max = zeroed(channels * sizeof *s->max, LINE);
    s->sample_sum = zeroed(channels * sizeof *s->sample_sum, LINE);
    s->sum = zeroed(channels * sizeof *s->sum, LINE);
    for (size_t c = 0; c < channels; c++) s->min[c] = 3.402823466e38f, s->max[c] = -3.402823466e38f;
  }
}

/* ---- one tensor of one sample */

static uint32_t bits_of(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

/* 0: all are finite; else the largest magnitude's bits, which tell infinity from NaN. */
static uint32_t not_finite(const float *x, size_t count) {
  uint32_t largest = 0;
  for (size_t i = 0; i < count; i++) {
    const uint32_t magnitude = bits_of(x[i]) & 0x7fffffffu;
    largest = magnitude > largest ? magnitude : largest;
  }
  return largest >= 0x7f800000u ? largest : 0u;
}

/* Rows of `width` neighbours: element by element, which vectors do in one step. */
static void add_rows(const float *restrict x, size_t rows, size_t width, float *restrict min, float *restrict max,
                     double *restrict sum) {
  for (size_t r = 0; r < rows; r++, x += width)
    for (size_t c = 0; c < width; c++) {
      min[c] = x[c] < min[c] ? x[c] : min[c];
      max[c] = x[c] > max[c] ? x[c] : max[c];
      sum[c] += (double)x[c];
    }
}

/* One channel whose values are neighbours. The sum follows memory; bounds go by lanes. */
static void add_run(const float *restrict x, size_t count, float *min, float *max, double *sum) {
  float low[LANES], high[LANES];
  double total = *sum;
  for (size_t j = 0; j < LANES; j++) low[j] = *min, high[j] = *max;
  size_t i = 0;
  for (; i + LANES <= count; i += LANES)
    for (size_t j = 0; j < LANES; j++) {
      low[j] = x[i + j] < low[j] ? x[i + j] : low[j];
      high[j] = x[i + j] > high[j] ? x[i + j] : high[j];
    }
  for (; i < count; i++) {
    low[0] = x[i] < low[0] ? x[i] : low[0];
    high[0] = x[i] > high[0] ? x[i] : high[0];
  }
  for (size_t j = 0; j < LANES; j++) {
    *min = low[j] < *min ? low[j] : *min;
    *max = high[j] > *max ? high[j] : *max;
  }
  for (i = 0; i < count; i++) total += (double)x[i];
  *sum = total;
}

/* x = mantissa * 2^shift units exactly: it is a sum of float32 values. */
static void add_exactly(uint64_t *sum, double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  const int exponent = (int)(bits >> 52 & 0x7ffu), shift = exponent - 926;
  uint64_t mantissa = (bits & 0xfffffffffffffu) | (exponent == 0 ? 0u : 1ull << 52);
  if (mantissa == 0 || exponent == 0) return;
  if (shift < 0) mantissa >>= -shift;
  const size_t word = shift < 0 ? 0u : (size_t)shift / 64u;
  const unsigned bit = shift < 0 ? 0u : (unsigned)shift % 64u;
  const uint64_t parts[2] = {mantissa << bit, bit == 0 ? 0u : mantissa >> (64u - bit)};
  const int is_negative = (int)(bits >> 63);
  uint64_t carry = 0;
  for (size_t i = word; i < SUM_WORDS; i++) {
    const uint64_t part = i - word < 2 ? parts[i - word] : 0u, old = sum[i];
    sum[i] = is_negative ? old - part - carry : old + part + carry;
    carry = is_negative ? (old < part || (carry && old == part)) : (sum[i] < old || (carry && sum[i] == old));
  }
}

static void add_tensor(struct tensor_sums *s, const struct qcc_host_watched_tensor *t, const float *x) {
  const size_t channels = t->channels, inner = t->inner, count = t->outer * channels * inner;
  if (count == 0) return;
  memset(s->sample_sum, 0, channels * sizeof *s->sample_sum);
  if (inner == 1)
    add_rows(x, t->outer, channels, s->min, s->max, s->sample_sum);
  else
    for (size_t o = 0; o < t->outer; o++)
      for (size_t c = 0; c < channels; c++)
        add_run(x + (o * channels + c) * inner, inner, &s->min[c], &s->max[c], &s->sample_sum[c]);
  float low = s->min[0], high = s->max[0];
  for (size_t c = 0; c < channels; c++) {
    add_exactly(s->sum[c], s->sample_sum[c]);
    low = s->min[c] < low ? s->min[c] : low;
    high = s->max[c] > high ? s->max[c] : high;
  }
  widen(&s->whole, low, high, SIDE_BINS);
  count_bins(&s->whole, x, count, SIDE_BINS);
  if (channels == 1) return;
  for (size_t c = 0; c < channels; c++) widen(&s->channel[c], s->min[c], s->max[c], CHANNEL_SIDE_BINS);
  if (inner == 1) {
    count_rows(s->channel, x, t->outer, channels, CHANNEL_SIDE_BINS);
    return;
  }
  for (size_t o = 0; o < t->outer; o++)
    for (size_t c = 0; c < channels; c++)
      count_bins(&s->channel[c], x + (o * channels + c) * inner, inner, CHANNEL_SIDE_BINS);
}

/* ---- samples */

struct progress {
  size_t next; /* first tensor not yet added */
  size_t bad;  /* the first that is not finite; QCC_HOST_WATCHED: none */
  uint32_t bits;
};

static void observe(void *context, unsigned done) {
  struct progress *const p = context;
  for (; p->next < QCC_HOST_WATCHED && qcc_host_watched[p->next].after <= done; p->next++) {
    if (p->bad < QCC_HOST_WATCHED) return;
    const struct qcc_host_watched_tensor *const t = &qcc_host_watched[p->next];
    const unsigned char *const base = t->place == 0 ? arena : t->place > 0 ? outputs[t->place - 1] : inputs[-1 - t->place];
    const float *const x = (const float *)(const void *)(base + t->offset);
    p->bits = not_finite(x, t->outer * t->channels * t->inner);
    if (p->bits != 0)
      p->bad = p->next;
    else
      add_tensor(&sums[p->next], t, x);
  }
}

/* 1: a sample was read; 0: the file ends here; -1: it ends inside a sample. */
static int read_sample(FILE *from) {
  size_t wanted = 0, got = 0;
  for (size_t i = 0; i < QCC_HOST_INPUTS; i++) {
    wanted += qcc_host_inputs[i].bytes;
    got += fread(inputs[i], 1, qcc_host_inputs[i].bytes, from);
  }
  return got == wanted && wanted > 0 ? 1 : got == 0 ? 0 : -1;
}

static int write_sums(FILE *to) {
  int failed = 0;
  for (size_t t = 0; t < QCC_HOST_WATCHED; t++) {
    const struct tensor_sums *const s = &sums[t];
    const size_t channels = qcc_host_watched[t].channels;
    failed |= write_histogram(to, &s->whole, SIDE_BINS);
    failed |= fwrite(s->min, sizeof *s->min, channels, to) != channels;
    failed |= fwrite(s->max, sizeof *s->max, channels, to) != channels;
    failed |= fwrite(s->sum, sizeof *s->sum, channels, to) != channels;
    for (size_t c = 0; c < channels && channels > 1; c++)
      failed |= write_histogram(to, &s->channel[c], CHANNEL_SIDE_BINS);
  }
  return failed;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fputs("usage: calibrate INPUTS SUMS\n", stderr);
    return 2;
  }
  FILE *const from = fopen(argv[1], "rb");
  if (from == NULL) return complain(argv[1]);
  allocate();
  struct progress progress = {0, QCC_HOST_WATCHED, 0};
  qcc_host_observer = observe;
  qcc_host_observer_context = &progress;
  unsigned long samples = 0;
  int got = 0;
  for (; (got = read_sample(from)) > 0; samples++) {
    const void *in[QCC_HOST_INPUTS + 1] = {NULL};
    for (size_t i = 0; i < QCC_HOST_INPUTS; i++) in[i] = inputs[i];
    progress.next = 0;
    const int status = qcc_host_run(in, outputs, arena);
    if (status != QCC_OK) return fprintf(stderr, QCC_HOST_MODEL ": the model returned status %d\n", status), 1;
    if (progress.bad < QCC_HOST_WATCHED)
      return printf("{\"samples\":%lu,\"tensor\":%lu,\"value\":\"%s\"}\n", samples, (unsigned long)progress.bad,
                    progress.bits > 0x7f800000u ? "nan" : "inf") < 0;
  }
  if (got < 0) return fputs(QCC_HOST_MODEL ": the inputs end inside a sample\n", stderr), 1;
  FILE *const to = fopen(argv[2], "wb");
  if (to == NULL) return complain(argv[2]);
  if (write_sums(to) | (fclose(to) != 0)) return complain(argv[2]);
  return printf("{\"samples\":%lu}\n", samples) < 0;
}
