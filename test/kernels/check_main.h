/* SPDX-License-Identifier: 0BSD */
/* The check program of one ISA: every line of its kernels.def (CHECK_KERNELS) against plain C. Included last, after the
 * ISA's headers and one check_<family>.h for each family of the list.
 *
 * check [--seed N] [--cases N] [--only SUBSTRING] [--case I]     exit status 1 if a kernel differs
 * check --bench [--only SUBSTRING]                               (compiled with -DCHECK_BENCH) */
#define QCC_KERNEL(family, tile, packing, needs, slack, scratch, rate, symbol)                                        \
  static int64_t scratch_of_##symbol(check_##family##_params p) {                                                     \
    (void)p;                                                                                                          \
    return (int64_t)(scratch);                                                                                        \
  }                                                                                                                   \
  static QCC_NOINLINE void run_##symbol(check_##family##_params p, const struct check_##family##_call *c) {           \
    CHECK_CALL_##family(symbol, p, c);                                                                                \
  }                                                                                                                   \
  static void check_of_##symbol(struct check_kernel k) { check_##family(k, run_##symbol, scratch_of_##symbol); }
#include CHECK_KERNELS
#undef QCC_KERNEL

/* One instance per shape with literal params, as the emitted wrappers have them, and plain C specialised the same way. */
#ifdef CHECK_BENCH
#define BENCH_INSTANCES(family, symbol, name, ...)                                                                    \
  static QCC_NOINLINE void symbol##__##name(check_##family##_params p, const struct check_##family##_call *c) {       \
    (void)p;                                                                                                          \
    CHECK_CALL_##family(symbol, ((check_##family##_params)__VA_ARGS__), c);                                           \
  }                                                                                                                   \
  static QCC_NOINLINE void symbol##__##name##__plain(check_##family##_params p, const struct check_##family##_call *c) { \
    (void)p;                                                                                                          \
    CHECK_CALL_##family(CHECK_SCALAR_##family, ((check_##family##_params)__VA_ARGS__), c);                            \
  }
#define BENCH_RUN(family, symbol, name, ...)                                                                   \
  bench_##family(k, #name, (check_##family##_params)__VA_ARGS__, symbol##__##name, symbol##__##name##__plain, \
                 scratch_of_##symbol);
#define QCC_KERNEL(family, tile, packing, needs, slack, scratch, rate, symbol) \
  BENCH_SHAPES_##family(BENCH_INSTANCES, symbol)                               \
  static void bench_of_##symbol(struct check_kernel k) { BENCH_SHAPES_##family(BENCH_RUN, symbol) }
#include CHECK_KERNELS
#undef QCC_KERNEL
#define CHECK_BENCH_OF(symbol) bench_of_##symbol
#else
#define CHECK_BENCH_OF(symbol) 0
#endif

static const struct check_entry {
  struct check_kernel kernel;
  void (*check)(struct check_kernel k);
  void (*bench)(struct check_kernel k);
} check_entries[] = {
#define QCC_KERNEL(family, tile, packing, needs, slack, scratch, rate, symbol) \
  {{#family, #tile, #packing, #needs, slack, #symbol}, check_of_##symbol, CHECK_BENCH_OF(symbol)},
#include CHECK_KERNELS
#undef QCC_KERNEL
};

static void check_seed(unsigned long seed, const char *symbol, unsigned long index) {
  uint64_t h = check_mix(seed + 1);
  for (; *symbol != 0; symbol++) h = check_mix(h ^ (uint8_t)*symbol);
  check_now.random = check_mix(h + index);
}

/* Cases first..first+count-1 of one kernel, up to its first difference. */
static void check_kernel_cases(const struct check_entry *e, unsigned long first, unsigned long count) {
  unsigned long i = 0;
  check_now.symbol = e->kernel.symbol;
  check_now.failed = 0;
  for (; i < count && !check_now.failed; i++) {
    check_now.index = first + i;
    check_seed(check_now.seed, e->kernel.symbol, check_now.index);
    e->check(e->kernel);
  }
  if (!check_now.failed) printf("ok   %s: %lu cases\n", e->kernel.symbol, i);
  fflush(stdout);
}

int main(int argc, char **argv) {
  unsigned long cases = 1000, only_case = 0;
  int bench = 0, one = 0, failed = 0, ran = 0;
  const char *only = "";
  check_now.seed = 1;
  for (int i = 1; i < argc; i++) {
    const char *value = i + 1 < argc ? argv[i + 1] : "";
    if (strcmp(argv[i], "--bench") == 0) {
      bench = 1;
      continue;
    }
    if (strcmp(argv[i], "--seed") == 0) check_now.seed = strtoul(value, 0, 10);
    else if (strcmp(argv[i], "--cases") == 0) cases = strtoul(value, 0, 10);
    else if (strcmp(argv[i], "--only") == 0) only = value;
    else if (strcmp(argv[i], "--case") == 0) one = 1, only_case = strtoul(value, 0, 10);
    else return fprintf(stderr, "unknown option %s\n", argv[i]), 2;
    i++;
  }
  signal(SIGSEGV, check_crashed);
  signal(SIGBUS, check_crashed);
  signal(SIGILL, check_crashed);
  printf("seed %lu\n", check_now.seed);
  for (size_t i = 0; i < sizeof check_entries / sizeof *check_entries; i++) {
    const struct check_entry *e = &check_entries[i];
    if (strstr(e->kernel.symbol, only) == 0) continue;
    ran++;
    check_seed(check_now.seed, e->kernel.symbol, 0);
    if (bench && e->bench != 0) e->bench(e->kernel);
    if (bench) continue;
    check_kernel_cases(e, one ? only_case : 0, one ? 1 : cases);
    failed += check_now.failed;
  }
  if (ran == 0) return fprintf(stderr, "no kernel's symbol contains \"%s\"\n", only), 2;
  return failed > 0;
}
