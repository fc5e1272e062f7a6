/* SPDX-License-Identifier: 0BSD */
/* Timing of a kernel against plain C, interleaved: shared machines have no steady clock, so every figure is a minimum over
 * rounds that ran side by side, and cycles come from a chain of dependent additions measured in the same rounds. */
#ifndef QCC_CHECK_BENCH_H
#define QCC_CHECK_BENCH_H

#include <stdio.h>
#include <time.h>

#include "qcc/base.h"

#if defined(CLOCK_MONOTONIC)
static double bench_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}
#else /* no operating system: instructions are counted instead */
static double bench_now(void) { return 0; }
#endif

/* Core cycles per nanosecond: one dependent addition a cycle. */
static QCC_NOINLINE QCC_MAYBE_UNUSED double bench_cycles_per_ns(void) {
  uint64_t a = 1;
  const double t = bench_now();
#define BENCH_ADD(n) a += (uint64_t)n; __asm__ volatile("" : "+r"(a));
  for (int i = 0; i < 10000; i++) {
    BENCH_ADD(i) BENCH_ADD(i) BENCH_ADD(i) BENCH_ADD(i) BENCH_ADD(i) BENCH_ADD(i) BENCH_ADD(i) BENCH_ADD(i)
  }
#undef BENCH_ADD
  return 80000.0 / (bench_now() - t);
}

static QCC_MAYBE_UNUSED void bench_report(const char *symbol, const char *name, double work, const char *unit, const double *best,
                                          double rate) {
  printf("%-38s %-22s %8.4f ns/%s %7.2f %s/cycle %7.1fx plain C\n", symbol, name, best[0] / work, unit,
         work / best[0] / rate, unit, best[1] / best[0]);
  fflush(stdout);
}

/* Calls whose arguments do not change must not be taken for one. */
#define BENCH_CALL(call)               \
  do {                                 \
    call;                              \
    __asm__ volatile("" : : : "memory"); \
  } while (0)

/* `fast` and `scalar` are calls; work: how many `unit`s one call does. */
#define BENCH(symbol, name, work, unit, fast, scalar)                                            \
  do {                                                                                           \
    double bench_best[2] = {1e30, 1e30}, bench_rate = 0;                                         \
    BENCH_CALL(fast);                                                                            \
    double bench_t = bench_now();                                                                \
    BENCH_CALL(fast);                                                                            \
    bench_t = bench_now() - bench_t;                                                             \
    const int bench_reps = bench_t < 50000.0 ? (int)(50000.0 / (bench_t + 1.0)) + 1 : 1;         \
    const double bench_stop = bench_now() + 2e8;                                                 \
    for (int bench_i = 0; bench_i < 3 || (bench_i < 200 && bench_now() < bench_stop); bench_i++) { \
      const double bench_cycles = bench_cycles_per_ns();                                         \
      if (bench_cycles > bench_rate) bench_rate = bench_cycles;                                  \
      bench_t = bench_now();                                                                     \
      for (int bench_r = 0; bench_r < bench_reps; bench_r++) BENCH_CALL(fast);                   \
      bench_t = (bench_now() - bench_t) / bench_reps;                                            \
      if (bench_t < bench_best[0]) bench_best[0] = bench_t;                                      \
      if (bench_i >= 3) continue;                                                                \
      bench_t = bench_now();                                                                     \
      BENCH_CALL(scalar);                                                                        \
      bench_t = bench_now() - bench_t;                                                           \
      if (bench_t < bench_best[1]) bench_best[1] = bench_t;                                      \
    }                                                                                            \
    bench_report(symbol, name, work, unit, bench_best, bench_rate);                              \
  } while (0)

#endif
