/* SPDX-License-Identifier: 0BSD */
/* Times a model: one wall clock, every run measured on its own, the order statistics printed. */
#if !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L
#endif
#include "bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#if defined(CLOCK_MONOTONIC)
static double now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}
#else /* C libraries for machines without an operating system */
static double now_us(void) { return (double)clock() * (1e6 / (double)CLOCKS_PER_SEC); }
#endif

static int by_value(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int qcc_host_bench(const char *model, long runs, int (*run_once)(void)) {
  const double start = now_us();
  for (int i = 0; i < 50 && (i == 0 || now_us() - start < 20e3); i++)
    if (run_once() != 0) return 1;
  const size_t count = (size_t)runs;
  double *us = malloc(count * sizeof *us);
  if (us == NULL) {
    fprintf(stderr, "%s: out of memory\n", model);
    return 1;
  }
  int failed = 0;
  for (size_t i = 0; i < count && !failed; i++) {
    const double before = now_us();
    failed = run_once();
    us[i] = now_us() - before;
  }
  if (!failed) {
    qsort(us, count, sizeof *us, by_value);
    const double median = (us[(count - 1) / 2] + us[count / 2]) / 2;
    const double p99 = us[(count * 99 + 99) / 100 - 1]; /* nearest rank */
    printf("{\"runs\":%ld,\"min_us\":%.3f,\"median_us\":%.3f,\"p99_us\":%.3f}\n", runs, us[0], median, p99);
  }
  free(us);
  return failed;
}

long qcc_host_count(const char *text, long most) {
  char *end = NULL;
  errno = 0;
  const long count = strtol(text, &end, 10);
  return *text < '0' || *text > '9' || *end != 0 || errno != 0 || count > most ? 0 : count;
}
