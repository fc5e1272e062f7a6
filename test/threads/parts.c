/* SPDX-License-Identifier: 0BSD */
/* Runs a model by threads of its own: argument n means parts 0..n-1, each in a thread that makes several runs in a row, in an
 * arena that held something else before; then by the model's pool. Compares every output with that of the model's plain run,
 * byte by byte; prints the outputs' CRC-32. Compiled with -DMODEL=name, in host/. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model_io.h"
#if QCC_HOST_PARTS > 1
#include "../qcc/parts.h"
#include "threads.h"
#endif

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define RUN_PART JOIN(MODEL, _run_part)

#if !defined(RUNS)
#define RUNS 4
#endif
enum { LINE = 64 };

static const void *inputs[QCC_HOST_INPUTS + 1];
static void *wanted[QCC_HOST_OUTPUTS + 1];

static void *block(size_t bytes, int fill) {
  void *memory = aligned_alloc(LINE, (bytes / LINE + 1) * LINE);
  if (memory == NULL) exit(2);
  return memset(memory, fill, (bytes / LINE + 1) * LINE);
}

#if QCC_HOST_PARTS > 1
static unsigned parts;
static unsigned char *arena;

struct thread {
  unsigned part;
  void *outputs[QCC_HOST_OUTPUTS + 1];
  int failed;
  pthread_t id;
};

/* qcc_host_run takes all parts; this is one of them. */
static int run_part(void *const *outputs, unsigned part) {
  struct JOIN(MODEL, _inputs) in;
  struct JOIN(MODEL, _outputs) out;
  struct JOIN(MODEL, _memory) memory;
  memcpy(&in, inputs, sizeof in);
  memcpy(&out, outputs, sizeof out);
  memory.arena = arena;
  return RUN_PART(&in, &out, &memory, part, parts);
}

static void *work(void *context) {
  struct thread *const t = context;
  for (int i = 0; i < RUNS; i++) t->failed |= run_part(t->outputs, t->part);
  return NULL;
}

static int differs(void *const *found, const char *what) {
  for (size_t i = 0; i < QCC_HOST_OUTPUTS; i++)
    if (memcmp(wanted[i], found[i], qcc_host_outputs[i].bytes) != 0)
      return printf("output %u differs with %s of %u\n", (unsigned)i, what, parts);
  return 0;
}

static int check_parts(void *const *found) {
  struct thread threads[QCC_PARTS_MOST];
  for (unsigned p = 0; p < parts; p++) {
    threads[p].part = p;
    threads[p].failed = 0;
    memcpy(threads[p].outputs, found, sizeof threads[p].outputs);
    if (pthread_create(&threads[p].id, NULL, work, &threads[p]) != 0) return 1;
  }
  int failed = 0;
  for (unsigned p = 0; p < parts; p++) {
    pthread_join(threads[p].id, NULL);
    failed |= threads[p].failed;
  }
  return failed != 0 || differs(found, "parts");
}

/* The caller's core and worker 1's, once both ran: not the same, though the scheduler had them together. */
static int are_together(void) {
  return qcc_host_pool.parts > 1u && atomic_load(&qcc_host_pool.cores[0]) == atomic_load(&qcc_host_pool.cores[1]);
}

static void bring_together(void) {
  cpu_set_t all, one;
  CPU_ZERO(&one);
  CPU_SET((size_t)sched_getcpu(), &one);
  if (qcc_host_pool.parts < 2u || sched_getaffinity(0, sizeof all, &all) != 0) return;
  pthread_setaffinity_np(qcc_host_pool.workers[1].thread, sizeof one, &one);
  pthread_setaffinity_np(qcc_host_pool.workers[1].thread, sizeof all, &all);
}

static int check_pool(void *const *found) {
  parts = qcc_host_threads(0u);
  bring_together();
  for (int run = 0; run < RUNS; run++) {
    for (size_t i = 0; i < QCC_HOST_OUTPUTS; i++) memset(found[i], run, qcc_host_outputs[i].bytes);
    if (qcc_host_run(inputs, found, arena) != 0 || differs(found, "a pool")) return 1;
    if (run == 1) usleep(20000); /* long enough for the workers to fall asleep */
  }
  if (are_together()) return printf("worker 1 stayed on the caller's core\n");
  qcc_host_stop_threads();
  return 0;
}

static int check(int argc, char **argv) {
  void *found[QCC_HOST_OUTPUTS + 1] = {NULL};
  for (size_t i = 0; i < QCC_HOST_OUTPUTS; i++) found[i] = block(qcc_host_outputs[i].bytes, 2);
  for (int a = 1; a < argc; a++) {
    parts = (unsigned)atoi(argv[a]);
    arena = block(QCC_HOST_ARENA_BYTES, 0x11 * a);
    if (check_parts(found)) return 1;
  }
  parts = QCC_HOST_PARTS + 1;
  if (run_part(found, 0) != QCC_ERROR_PARTS) return 1;
  parts = 1;
  if (run_part(found, 1) != QCC_ERROR_PARTS) return 1;
  return check_pool(found);
}
#endif

static unsigned crc(const unsigned char *bytes, size_t count) {
  unsigned value = 0xffffffffu;
  for (size_t i = 0; i < count; i++) {
    value ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) value = (value >> 1) ^ (0xedb88320u & (0u - (value & 1u)));
  }
  return ~value;
}

int main(int argc, char **argv) {
  for (size_t i = 0; i < QCC_HOST_INPUTS; i++) {
    void *input = block(qcc_host_inputs[i].bytes, 0);
    qcc_host_seed(&qcc_host_inputs[i], i, input);
    inputs[i] = input;
  }
  for (size_t i = 0; i < QCC_HOST_OUTPUTS; i++) wanted[i] = block(qcc_host_outputs[i].bytes, 1);
  if (qcc_host_run(inputs, wanted, block(QCC_HOST_ARENA_BYTES, 0xA5)) != 0) return 2;
#if QCC_HOST_PARTS > 1
  if (check(argc, argv) != 0) return 1;
#else
  (void)argc;
  (void)argv;
#endif
  for (size_t i = 0; i < QCC_HOST_OUTPUTS; i++) printf("%08x\n", crc(wanted[i], qcc_host_outputs[i].bytes));
  return 0;
}
