/* SPDX-License-Identifier: 0BSD */
/* Makes a program of a model for qcc itself: many inputs in one process, values and times of single steps.
 *
 *   driver run INPUTS OUTPUTS [TRACE]   runs the model on each sample of INPUTS, appends its outputs to OUTPUTS and, where the
 *                                       build has an observer, every value of every step to TRACE
 *   driver profile INPUTS N             the first sample N times: prints {"runs":N,"step_ns":[smallest time of each step, all its calls in a run together]}
 *                                       and the "peaks" of the instruction sets' loops, in 10^9 multiply-accumulates a second
 *   driver count INPUTS N               the first sample N times, a system call that does nothing before and after every
 *                                       step, for a plugin of the emulator to count instructions between; on one thread
 *
 * Files are raw: tensors in the model's order, in its own types, without anything between them. Exit codes as main.c.
 * What it knows about the model comes from model_io.h, see main.c. */
#if !defined(_DEFAULT_SOURCE)
#define _DEFAULT_SOURCE
#endif
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "model_io.h"
#include "threads.h"

enum { LINE = 64, MAX_RUNS = 1000000 };

static void *inputs[QCC_HOST_INPUTS + 1];
static void *outputs[QCC_HOST_OUTPUTS + 1];
static void *arena;

static int complain(const char *what) {
  perror(what);
  return 1;
}

/* Filled with a pattern: nothing may depend on what memory held before. */
static void *buffer_of(size_t bytes, size_t align) {
  if (align < LINE) align = LINE;
  const size_t size = (bytes / align + 1) * align;
  void *memory = aligned_alloc(align, size);
  if (memory == NULL) {
    fputs(QCC_HOST_MODEL ": out of memory\n", stderr);
    exit(1);
  }
  return memset(memory, 0xA5, size);
}

static void allocate(void) {
  arena = buffer_of(QCC_HOST_ARENA_BYTES, QCC_HOST_ARENA_ALIGN);
  for (size_t i = 0; i < QCC_HOST_INPUTS; i++) inputs[i] = buffer_of(qcc_host_inputs[i].bytes, LINE);
  for (size_t i = 0; i < QCC_HOST_OUTPUTS; i++) outputs[i] = buffer_of(qcc_host_outputs[i].bytes, LINE);
}

static int run_once(void) {
  const void *in[QCC_HOST_INPUTS + 1] = {NULL};
  for (size_t i = 0; i < QCC_HOST_INPUTS; i++) in[i] = inputs[i];
  const int status = qcc_host_run(in, outputs, arena);
  if (status != QCC_OK) fprintf(stderr, QCC_HOST_MODEL ": the model returned status %d\n", status);
  return status != QCC_OK;
}

/* 1: a sample was read; 0: the file ends here; -1: it ends inside a sample. A model without inputs has one sample. */
static int read_sample(FILE *from, int is_first) {
  size_t wanted = 0, got = 0;
  for (size_t i = 0; i < QCC_HOST_INPUTS; i++) {
    wanted += qcc_host_inputs[i].bytes;
    got += fread(inputs[i], 1, qcc_host_inputs[i].bytes, from);
  }
  if (wanted == 0) return is_first;
  return got == wanted ? 1 : got == 0 ? 0 : -1;
}

static int write_all(FILE *to, const void *data, size_t bytes) { return fwrite(data, 1, bytes, to) == bytes ? 0 : 1; }

/* ---- observers */

#if defined(QCC_HOST_STEPS)
struct trace {
  FILE *to;
  size_t next; /* first value not yet written */
  int failed;
};

static void write_values(void *context, unsigned done) {
  struct trace *const trace = context;
  for (; trace->next < QCC_HOST_VALUES && qcc_host_values[trace->next].step < done; trace->next++) {
    const struct qcc_host_value *v = &qcc_host_values[trace->next];
    const unsigned char *const base = v->output < 0 ? arena : outputs[v->output];
    trace->failed |= write_all(trace->to, base + v->offset, v->bytes);
  }
}

#if defined(QCC_HOST_FIRMWARE)
/* Times of an emulator mean nothing. */
static double now_ns(void) { return 0; }
#else
static double now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}
#endif

struct profile {
  double before, clock_cost;
  double now[QCC_HOST_STEPS + 1]; /* of this run: a step of a loop is done several times */
  double best[QCC_HOST_STEPS + 1];
};

static void take_time(void *context, unsigned done) {
  struct profile *const profile = context;
  const double now = now_ns();
  if (done > 0 && now - profile->before > profile->clock_cost)
    profile->now[done - 1] += now - profile->before - profile->clock_cost;
  profile->before = now_ns();
}

static void mark(void *context, unsigned done) {
  (void)context;
#if defined(QCC_HOST_FIRMWARE)
  if (done == 0)
    qcc_mark_first();
  else
    qcc_mark_next();
#else
  (void)!close(-1000000 - (int)done); /* a file that cannot be open: nothing changes, the plugin sees the number */
#endif
}

static int profile(long runs) {
  static struct profile p;
  for (size_t i = 0; i < QCC_HOST_STEPS; i++) p.best[i] = 1e300;
#if defined(QCC_HOST_PEAKS)
  double peaks[QCC_HOST_PEAKS] = {0};
#endif
  p.clock_cost = 1e300;
  for (int i = 0; i < 1000; i++) {
    const double start = now_ns(), cost = now_ns() - start;
    if (cost < p.clock_cost) p.clock_cost = cost;
  }
  qcc_host_observer = take_time;
  qcc_host_observer_context = &p;
  for (long i = 0; i < runs; i++) {
    for (size_t k = 0; k < QCC_HOST_STEPS; k++) p.now[k] = 0;
    if (run_once() != 0) return 1;
    for (size_t k = 0; k < QCC_HOST_STEPS; k++)
      if (p.now[k] < p.best[k]) p.best[k] = p.now[k];
#if defined(QCC_HOST_PEAKS)
    for (size_t k = 0; k < QCC_HOST_PEAKS; k++) {
      const double start = now_ns(), macs = qcc_host_peaks[k].macs(2000), gmacs = macs / (now_ns() - start);
      if (gmacs > peaks[k]) peaks[k] = gmacs;
    }
#endif
  }
  printf("{\"runs\":%ld,\"step_ns\":[", runs);
  for (size_t i = 0; i < QCC_HOST_STEPS; i++)
    printf("%s%.0f", i == 0 ? "" : ",", p.best[i]);
  printf("],\"peaks\":{");
#if defined(QCC_HOST_PEAKS)
  for (size_t k = 0; k < QCC_HOST_PEAKS; k++)
    printf("%s\"%s\":%.2f", k == 0 ? "" : ",", qcc_host_peaks[k].scheme, peaks[k]);
#endif
  puts("}}");
  return 0;
}

/* Two marks with nothing between them first: what a mark itself costs. */
static int count(long runs) {
  mark(NULL, QCC_HOST_STEPS + 1u);
  mark(NULL, QCC_HOST_STEPS + 1u);
  qcc_host_observer = mark;
  for (long i = 0; i < runs; i++)
    if (run_once() != 0) return 1;
  return 0;
}
#endif

/* ---- commands */

static int run(FILE *from, const char *outputs_file, const char *trace_file) {
  FILE *const to = fopen(outputs_file, "wb");
  if (to == NULL) return complain(outputs_file);
#if defined(QCC_HOST_STEPS)
  struct trace trace = {NULL, 0, 0};
  if (trace_file != NULL) {
    trace.to = fopen(trace_file, "wb");
    if (trace.to == NULL) return complain(trace_file);
    qcc_host_observer = write_values;
    qcc_host_observer_context = &trace;
  }
#else
  if (trace_file != NULL) {
    fputs(QCC_HOST_MODEL ": this build has no observer\n", stderr);
    return 2;
  }
#endif
  int failed = 0, got = 0;
  for (int is_first = 1; !failed && (got = read_sample(from, is_first)) > 0; is_first = 0) {
#if defined(QCC_HOST_STEPS)
    trace.next = 0;
#endif
    failed = run_once();
    for (size_t i = 0; i < QCC_HOST_OUTPUTS; i++) failed |= write_all(to, outputs[i], qcc_host_outputs[i].bytes);
  }
  if (got < 0) {
    fputs(QCC_HOST_MODEL ": the inputs end inside a sample\n", stderr);
    failed = 1;
  }
#if defined(QCC_HOST_STEPS)
  if (trace.to != NULL && (fclose(trace.to) != 0 || trace.failed)) return complain(trace_file);
#endif
  return fclose(to) != 0 ? complain(outputs_file) : failed;
}

int main(int argc, char **argv) {
  const char *const command = argc > 3 ? argv[1] : "";
  const int is_run = strcmp(command, "run") == 0;
  const int is_profile = strcmp(command, "profile") == 0, is_count = strcmp(command, "count") == 0;
  if (argc > (is_run ? 5 : 4) || (!is_run && !is_profile && !is_count)) {
    fputs("usage: driver run INPUTS OUTPUTS [TRACE] | profile INPUTS N | count INPUTS N\n", stderr);
    return 2;
  }
  FILE *const from = fopen(argv[2], "rb");
  if (from == NULL) return complain(argv[2]);
  allocate();
  if (!is_count && qcc_host_threads(0u) > 1u) atexit(qcc_host_stop_threads);
  if (is_run) return run(from, argv[3], argc > 4 ? argv[4] : NULL);
#if defined(QCC_HOST_STEPS)
  const long runs = strtol(argv[3], NULL, 10);
  if (runs < 1 || runs > MAX_RUNS || read_sample(from, 1) != 1) {
    fputs(QCC_HOST_MODEL ": no sample, or no number of runs\n", stderr);
    return 2;
  }
  return is_profile ? profile(runs) : count(runs);
#else
  fputs(QCC_HOST_MODEL ": this build has no observer\n", stderr);
  return 2;
#endif
}
