/* SPDX-License-Identifier: 0BSD */
/* Makes a program of a model: reads .npy inputs, runs, writes .npy outputs. Exit code 0: done; 1: input or CPU; 2: usage.
 *
 * What it knows about the model comes from model_io.h, which qcc writes. That file includes tensor.h and the model's own
 * header, and defines:
 *
 *   QCC_HOST_MODEL         string: the model's C name
 *   QCC_HOST_VERSION       string: version of qcc
 *   QCC_HOST_TARGET        string: "x86-avx2"
 *   QCC_HOST_CPU           string: CPU features the model needs, "avx2 fma"; "" where every CPU of the target will do
 *   QCC_HOST_SHA256        string: digest of the model file, hexadecimal
 *   QCC_HOST_ARENA_BYTES   integer, may be 0
 *   QCC_HOST_ARENA_ALIGN   integer, a power of two, at least 1
 *   QCC_HOST_WEIGHTS_BYTES integer
 *   QCC_HOST_INPUTS        integer, number of inputs, may be 0
 *   QCC_HOST_OUTPUTS       integer, number of outputs
 *   QCC_HOST_PARTS         integer: threads that can run the model at most (threads.h says what else it defines then)
 *   static const struct qcc_host_tensor qcc_host_inputs[QCC_HOST_INPUTS + 1];     the last entry is all zero and not used
 *   static const struct qcc_host_tensor qcc_host_outputs[QCC_HOST_OUTPUTS + 1];   the same
 *   static int qcc_host_run(const void *const *inputs, void *const *outputs, void *arena);
 *       runs the model once on pointers in the order of the tables; returns a qcc_status, which qcc/status.h defines */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "model_io.h"
#include "npy.h"
#include "threads.h"

/* A cache line; every buffer is aligned to it at least. */
enum { LINE = 64, INPUT = 0, OUTPUT = 1, MAX_BENCH = 100000000, MAX_THREADS = 1024 };

struct options {
  const char *files[2][QCC_HOST_INPUTS + QCC_HOST_OUTPUTS + 1]; /* by kind and tensor; null: not given */
  long bench, threads;                                          /* 0: not asked for */
  int is_info, is_json, has_input, has_output;
};

static const char help[] =
    "usage: %s [options]\n"
    "  --input [NAME=]FILE.npy   an input; without NAME, in the model's order. All inputs or none:\n"
    "                            without any the model runs on seeded pseudo-random numbers\n"
    "  --output [NAME=]FILE.npy  where to write an output; without any, the largest values are printed\n"
    "  --bench N                 time N runs and print microseconds as JSON\n"
    "  --threads N               run on N threads; without it, on as many as it was built for and there are cores\n"
    "  --info                    print what the model is and what it needs\n"
    "  --json                    print JSON\n"
    "  --help                    print this\n";

static int usage(const char *what, const char *detail) {
  fprintf(stderr, QCC_HOST_MODEL ": %s%s%s\n", what, *detail == 0 ? "" : " ", detail);
  fprintf(stderr, help, QCC_HOST_MODEL);
  return 2;
}

static const struct qcc_host_tensor *tensors(int kind) { return kind == INPUT ? qcc_host_inputs : qcc_host_outputs; }
static size_t tensor_count(int kind) { return kind == INPUT ? QCC_HOST_INPUTS : QCC_HOST_OUTPUTS; }

/* "NAME=FILE" where the model has a NAME (names may hold `=` themselves: the longest wins), else "FILE". */
static int add_file(struct options *o, int kind, const char *text) {
  const char *const what = kind == INPUT ? "--input" : "--output";
  const size_t count = tensor_count(kind);
  size_t index = count, longest = 0;
  for (size_t i = 0; i < count; i++) {
    const size_t length = strlen(tensors(kind)[i].name);
    if (strncmp(text, tensors(kind)[i].name, length) == 0 && text[length] == '=' && (index == count || length > longest)) {
      index = i;
      longest = length;
    }
  }
  const char *file = text;
  if (index < count) {
    file += longest + 1;
    if (o->files[kind][index] != NULL) return usage("given twice:", text);
  } else {
    for (index = 0; index < count && o->files[kind][index] != NULL; index++) {
    }
    if (qcc_host_misnamed(kind == INPUT ? "input" : "output", tensors(kind), count, text)) return 2;
    if (index == count) return usage(kind == INPUT ? "more files than inputs:" : "more files than outputs:", text);
  }
  if (*file == 0) return usage(what, "needs a file");
  o->files[kind][index] = file;
  *(kind == INPUT ? &o->has_input : &o->has_output) = 1;
  return 0;
}

static int parse_options(int argc, char **argv, struct options *o) {
  static const char *const valued[] = {"--input", "--output", "--bench", "--threads"};
  for (int i = 1; i < argc; i++) {
    const char *const arg = argv[i];
    int which = -1;
    const char *value = NULL;
    for (int k = 0; k < 4; k++) {
      const size_t length = strlen(valued[k]);
      if (strncmp(arg, valued[k], length) != 0 || (arg[length] != 0 && arg[length] != '=')) continue;
      which = k;
      value = arg[length] == '=' ? arg + length + 1 : i + 1 < argc ? argv[++i] : NULL;
    }
    int failed = 0;
    if (which >= 0 && value == NULL)
      failed = usage(arg, "needs a value");
    else if (which == 2)
      failed = (o->bench = qcc_host_count(value, MAX_BENCH)) ? 0 : usage("--bench needs a number of runs from 1 to 100000000, found", value);
    else if (which == 3)
      failed = (o->threads = qcc_host_count(value, MAX_THREADS)) ? 0 : usage("--threads needs a number from 1 to 1024, found", value);
    else if (which >= 0)
      failed = add_file(o, which == 0 ? INPUT : OUTPUT, value);
    else if (strcmp(arg, "--info") == 0)
      o->is_info = 1;
    else if (strcmp(arg, "--json") == 0)
      o->is_json = 1;
    else
      failed = usage(*arg == '-' ? "unknown option" : "unexpected argument", arg);
    if (failed) return failed;
  }
  if (o->is_info && (o->bench != 0 || o->has_input || o->has_output)) return usage("--info", "runs nothing");
  for (size_t i = 0; o->has_input && i < QCC_HOST_INPUTS; i++)
    if (o->files[INPUT][i] == NULL) return usage("no file for input", qcc_host_inputs[i].name);
  return 0;
}

/* ---- --info */

static void print_tensors_json(const char *key, int kind) {
  printf(",\"%s\":[", key);
  for (size_t i = 0; i < tensor_count(kind); i++) {
    if (i > 0) putchar(',');
    qcc_host_print_description(stdout, &tensors(kind)[i]);
    putchar('}');
  }
  putchar(']');
}

static void print_tensors(const char *label, int kind) {
  for (size_t i = 0; i < tensor_count(kind); i++) {
    const struct qcc_host_tensor *t = &tensors(kind)[i];
    printf("%-8s ", label);
    qcc_host_print_quoted(stdout, t->name);
    fputs("  ", stdout);
    qcc_host_print_type(stdout, t->dtype, t->rank, t->dims);
    if (t->is_quantized) printf("  real = %.9g * (stored - %ld)", (double)t->scale, (long)t->zero_point);
    putchar('\n');
  }
}

static int print_info(int is_json) {
  const unsigned long long arena = QCC_HOST_ARENA_BYTES, weights = QCC_HOST_WEIGHTS_BYTES;
  if (is_json) {
    printf("{\"model\":\"%s\",\"qcc\":\"%s\",\"target\":\"%s\",\"cpu\":\"%s\",\"model_sha256\":\"%s\"", QCC_HOST_MODEL,
           QCC_HOST_VERSION, QCC_HOST_TARGET, QCC_HOST_CPU, QCC_HOST_SHA256);
    print_tensors_json("inputs", INPUT);
    print_tensors_json("outputs", OUTPUT);
    printf(",\"arena_bytes\":%llu,\"weights_bytes\":%llu,\"threads\":%d}\n", arena, weights, QCC_HOST_PARTS);
    return 0;
  }
  printf("model    %s\nqcc      %s\ntarget   %s%s%s%s\nsha256   %s\n", QCC_HOST_MODEL, QCC_HOST_VERSION, QCC_HOST_TARGET,
         *QCC_HOST_CPU == 0 ? "" : " (CPU features: ", QCC_HOST_CPU, *QCC_HOST_CPU == 0 ? "" : ")", QCC_HOST_SHA256);
  print_tensors("input", INPUT);
  print_tensors("output", OUTPUT);
  printf("arena    %llu bytes\nweights  %llu bytes\nthreads  %d at most\n", arena, weights, QCC_HOST_PARTS);
  return 0;
}

/* ---- Running */

static void *inputs[QCC_HOST_INPUTS + 1];
static void *outputs[QCC_HOST_OUTPUTS + 1];
static void *arena;

/* Filled with a pattern: nothing may depend on what memory held before. Null if there is no memory. */
static void *buffer_of(size_t bytes, size_t align) {
  if (align < LINE) align = LINE;
  const size_t size = (bytes / align + 1) * align;
  void *memory = aligned_alloc(align, size);
  if (memory != NULL) memset(memory, 0xA5, size);
  return memory;
}

static int allocate(void) {
  int failed = (arena = buffer_of(QCC_HOST_ARENA_BYTES, QCC_HOST_ARENA_ALIGN)) == NULL;
  for (size_t i = 0; i < QCC_HOST_INPUTS; i++) failed |= (inputs[i] = buffer_of(qcc_host_inputs[i].bytes, LINE)) == NULL;
  for (size_t i = 0; i < QCC_HOST_OUTPUTS; i++) failed |= (outputs[i] = buffer_of(qcc_host_outputs[i].bytes, LINE)) == NULL;
  if (failed) fputs(QCC_HOST_MODEL ": out of memory\n", stderr);
  return failed;
}

static void release(void) {
  free(arena);
  for (size_t i = 0; i < QCC_HOST_INPUTS; i++) free(inputs[i]);
  for (size_t i = 0; i < QCC_HOST_OUTPUTS; i++) free(outputs[i]);
}

static int run_once(void) {
  const void *in[QCC_HOST_INPUTS + 1] = {NULL};
  for (size_t i = 0; i < QCC_HOST_INPUTS; i++) in[i] = inputs[i];
  const int status = qcc_host_run(in, outputs, arena);
  if (status == QCC_OK) return 0;
  if (status == QCC_ERROR_CPU)
    fputs(QCC_HOST_MODEL ": this CPU lacks what target " QCC_HOST_TARGET " needs (" QCC_HOST_CPU
                         "); build for another target\n", stderr);
  else
    fprintf(stderr, QCC_HOST_MODEL ": the model returned status %d\n", status);
  return 1;
}

/* ---- a build with --profile: means over some runs more; of instructions one run is all there is */

#if defined(QCC_HOST_PROFILE)
#if defined(QCC_HOST_FIRMWARE)
enum { PROFILE_RUNS = 1 };
#else
enum { PROFILE_RUNS = 10 };
#endif
static int profile(int is_json) {
  static uint64_t sums[QCC_HOST_PROFILE + 1];
  qcc_host_profile = sums;
  for (int i = 0; i < PROFILE_RUNS; i++)
    if (run_once() != 0) return 1;
  qcc_host_profile = NULL;
  if (is_json) fputs(",\"profile\":", stdout);
  fflush(stdout);
  qcc_host_profile_print(sums, PROFILE_RUNS, is_json);
  return 0;
}
#else
static int profile(int is_json) {
  (void)is_json;
  return 0;
}
#endif

static int print_results(const struct options *o) {
  if (o->is_json) {
    printf("{\"model\":\"%s\",\"target\":\"%s\",\"seeded\":%s,\"outputs\":[", QCC_HOST_MODEL, QCC_HOST_TARGET,
           o->has_input ? "false" : "true");
    for (size_t i = 0; i < QCC_HOST_OUTPUTS; i++) {
      if (i > 0) putchar(',');
      qcc_host_print_description(stdout, &qcc_host_outputs[i]);
      qcc_host_print_values_json(stdout, &qcc_host_outputs[i], outputs[i]);
      putchar('}');
    }
    putchar(']');
    const int failed = profile(1);
    puts("}");
    return failed;
  }
  if (!o->has_input && QCC_HOST_INPUTS > 0) {
    print_tensors("input", INPUT);
    puts("         seeded pseudo-random numbers");
  }
  for (size_t i = 0; i < QCC_HOST_OUTPUTS; i++) {
    const struct qcc_host_tensor *t = &qcc_host_outputs[i];
    fputs("output   ", stdout);
    qcc_host_print_quoted(stdout, t->name);
    fputs("  ", stdout);
    qcc_host_print_type(stdout, t->dtype, t->rank, t->dims);
    putchar('\n');
    qcc_host_print_values(stdout, t, outputs[i]);
  }
  return profile(0);
}

static int run(const struct options *o) {
  for (size_t i = 0; i < QCC_HOST_INPUTS; i++) {
    if (!o->has_input)
      qcc_host_seed(&qcc_host_inputs[i], i, inputs[i]);
    else if (qcc_npy_read(o->files[INPUT][i], &qcc_host_inputs[i], inputs[i]) != 0)
      return 1;
  }
  (void)qcc_host_threads((unsigned)o->threads);
  if ((o->bench > 0 ? qcc_host_bench(QCC_HOST_MODEL, o->bench, run_once) : run_once()) != 0) return 1;
  for (size_t i = 0; i < QCC_HOST_OUTPUTS; i++)
    if (o->files[OUTPUT][i] != NULL && qcc_npy_write(o->files[OUTPUT][i], &qcc_host_outputs[i], outputs[i]) != 0) return 1;
  return o->bench == 0 && (o->is_json || !o->has_output) ? print_results(o) : 0;
}

int main(int argc, char **argv) {
  static struct options o;
  for (int i = 1; i < argc; i++)
    if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) return printf(help, QCC_HOST_MODEL) < 0;
  int failed = parse_options(argc, argv, &o);
  if (failed) return failed;
  if (o.is_info) {
    print_info(o.is_json);
  } else {
    failed = allocate() || run(&o);
    qcc_host_stop_threads();
    release();
  }
  if (fflush(stdout) != 0 || ferror(stdout)) {
    perror(QCC_HOST_MODEL ": standard output");
    return 1;
  }
  return failed;
}
