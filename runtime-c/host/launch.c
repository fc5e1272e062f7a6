/* SPDX-License-Identifier: 0BSD */
/* Starts a program again and again, for `qcc bench`: what it costs from the start of the process to its end, and how much
 * memory it ever had. What the program prints is dropped.
 *
 *   launch N PROGRAM [ARGUMENT]...   prints {"runs":N,"min_us":..,"median_us":..,"peak_rss_bytes":..}
 *
 * Exit code 1 where a run fails. */
#if !defined(_DEFAULT_SOURCE)
#define _DEFAULT_SOURCE
#endif
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_RUNS = 1000 };

static double now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Bytes of resident memory at most; -1 where it failed. vfork: the child must not be charged for a copy of this process. */
static long run(char **argv) {
  struct rusage used;
  int status = 0;
  const pid_t child = vfork();
  if (child == 0) {
    execv(argv[0], argv);
    _exit(127);
  }
  if (child < 0 || wait4(child, &status, 0, &used) != child) return -1;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return -1;
#if defined(__APPLE__)
  return used.ru_maxrss;
#else
  return used.ru_maxrss * 1024;
#endif
}

int main(int argc, char **argv) {
  static double us[MAX_RUNS];
  const long runs = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
  if (runs < 1 || runs > MAX_RUNS) {
    fputs("usage: launch N PROGRAM [ARGUMENT]...\n", stderr);
    return 2;
  }
  const int out = dup(STDOUT_FILENO), nowhere = open("/dev/null", O_WRONLY);
  if (out < 0 || nowhere < 0 || dup2(nowhere, STDOUT_FILENO) < 0) return 1;
  long most = 0;
  for (long i = 0; i < runs; i++) {
    const double start = now_us();
    const long bytes = run(argv + 2);
    us[i] = now_us() - start;
    if (bytes < 0) return 1;
    if (bytes > most) most = bytes;
  }
  qsort(us, (size_t)runs, sizeof us[0], compare);
  dprintf(out, "{\"runs\":%ld,\"min_us\":%.1f,\"median_us\":%.1f,\"peak_rss_bytes\":%ld}\n", runs, us[0], us[runs / 2], most);
  return 0;
}
