/* SPDX-License-Identifier: 0BSD */
/* What the kernel benchmarks share: the clock, seeded data, the loops that define 100 %.
 *
 * A shared virtual machine has no steady clock: every figure is a ratio to a peak loop measured in the same round, and the
 * minimum over all rounds. */
#ifndef QCC_BENCH_CLOCK_H
#define QCC_BENCH_CLOCK_H

#include <immintrin.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <x86intrin.h>

#define BENCH_NOINLINE static __attribute__((noinline))

static uint64_t bench_state = 88172645463325252u;

static inline uint32_t bench_random(void) {
  bench_state ^= bench_state << 13;
  bench_state ^= bench_state >> 7;
  bench_state ^= bench_state << 17;
  return (uint32_t)(bench_state >> 16);
}

static inline void *bench_bytes(size_t count) {
  uint8_t *p = aligned_alloc(64, (count + 127) / 64 * 64);
  if (p == 0) abort();
  for (size_t i = 0; i < count; i++) p[i] = (uint8_t)bench_random();
  return p;
}

static inline double bench_ticks(void) {
  _mm_lfence();
  double t = (double)__rdtsc();
  _mm_lfence();
  return t;
}

/* vpmaddwd and vpaddd on 12 independent sums, as the 6x16 tile has them: 12 * 16 multiply-accumulates a turn. */
BENCH_NOINLINE void bench_peak_pairs(int turns) {
  __m256i x = _mm256_set1_epi16(3), w = _mm256_set1_epi16(5);
#define BENCH_ALL(F) F(0) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11)
#define BENCH_START(i) __m256i c##i = _mm256_setzero_si256();
#define BENCH_DOT(i)                                             \
  c##i = _mm256_add_epi32(c##i, _mm256_madd_epi16(x, w));        \
  __asm__ volatile("" : "+x"(c##i), "+x"(x));
#define BENCH_KEEP(i) __asm__ volatile("" : : "x"(c##i));
  BENCH_ALL(BENCH_START)
  for (int t = 0; t < turns; t++) {
    BENCH_ALL(BENCH_DOT)
  }
  BENCH_ALL(BENCH_KEEP)
}

enum { BENCH_PEAK_TURNS = 4000 };

/* The peak loop's multiply-accumulates per tick of the time-stamp counter; the best seen so far is kept by the caller. */
static inline double bench_peak(void) {
  double t = bench_ticks();
  bench_peak_pairs(BENCH_PEAK_TURNS);
  return 192.0 * BENCH_PEAK_TURNS / (bench_ticks() - t);
}

/* Core cycles per tick: a chain of dependent additions, one a cycle. */
static inline double bench_cycles_per_tick(void) {
  uint64_t a = 1, step = 1;
  double t = bench_ticks();
  for (int i = 0; i < 20000; i++) __asm__ volatile("add %1, %0\n add %1, %0\n add %1, %0\n add %1, %0" : "+r"(a) : "r"(step));
  return 80000.0 / (bench_ticks() - t);
}

#endif
