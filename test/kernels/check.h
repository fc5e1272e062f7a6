/* SPDX-License-Identifier: 0BSD */
/* What every kernel check stands on: seeded random numbers, buffers with guards, failures that can be repeated.
 *
 * A buffer lies against an unreadable page, at its start or at its end, and is followed by exactly the slack its kernel
 * may read; bytes around it inside the region are canaries (and poisoned under AddressSanitizer). Without an operating
 * system there are no such pages, the canaries remain.
 * Invariant: a case depends on seed, kernel and case number alone. */
#ifndef QCC_CHECK_H
#define QCC_CHECK_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if defined(__unix__) || defined(__APPLE__)
#include <sys/mman.h>
#define CHECK_PAGES 1
#endif

#include "qcc/base.h"

#if defined(__SANITIZE_ADDRESS__)
#define CHECK_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CHECK_ASAN 1
#endif
#endif
#ifdef CHECK_ASAN
#include <sanitizer/asan_interface.h>
#define CHECK_POISON(p, n) __asan_poison_memory_region(p, n)
#define CHECK_UNPOISON(p, n) __asan_unpoison_memory_region(p, n)
#else
#define CHECK_POISON(p, n) ((void)(p), (void)(n))
#define CHECK_UNPOISON(p, n) ((void)(p), (void)(n))
#endif

/* One line of a kernels.def. */
struct check_kernel {
  const char *family, *tile, *packing, *needs;
  size_t slack;
  const char *symbol;
};

static struct check_state {
  uint64_t random;
  const char *symbol;
  unsigned long seed, index;
  int failed;
  char text[1024]; /* the case, for messages */
} check_now;

/* ---- random numbers: splitmix64 ---- */

static uint64_t check_mix(uint64_t z) {
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

static uint32_t check_random(void) {
  check_now.random += UINT64_C(0x9e3779b97f4a7c15);
  return (uint32_t)(check_mix(check_now.random) >> 32);
}

/* low..high, both included. */
static int32_t check_between(int32_t low, int32_t high) {
  return (int32_t)(low + (int64_t)(((uint64_t)check_random() * (uint64_t)((int64_t)high - low + 1)) >> 32));
}

/* True once in n. */
static int check_once_in(int32_t n) { return check_between(1, n) == 1; }

#define CHECK_PICK(...) \
  ((const int32_t[]){__VA_ARGS__})[check_between(0, (int32_t)(sizeof((int32_t[]){__VA_ARGS__}) / sizeof(int32_t)) - 1)]

/* 2^e * 1.xxx */
static QCC_MAYBE_UNUSED float check_float(int32_t exponent) {
  return qcc_f32_of_bits(((uint32_t)(exponent + 127) << 23) | (check_random() >> 9));
}

/* Floats that round, overflow or are none: for kernels that read floats. `unit`: the size of one step. */
static QCC_MAYBE_UNUSED float check_hostile_float(float unit) {
  switch (check_between(0, 11)) {
    case 0: return qcc_f32_of_bits(check_random());
    case 1: return check_random() & 1 ? 0.0f : -0.0f;
    case 2: return check_random() & 1 ? 1.0f / 0.0f : -1.0f / 0.0f;
    case 3: return qcc_f32_of_bits(0x7fc00000u);
    case 4: return ((float)check_between(-300, 300) + 0.5f) * unit; /* a tie, where the product is exact */
    case 5: return (float)check_between(-300, 300) * unit;
    case 6: return qcc_f32_of_bits(check_random() & 0x807fffffu); /* subnormal */
    default: return ((float)check_between(-100000, 100000) / 256.0f) * unit;
  }
}

/* ---- needs and packings, as kernels.def spells them ---- */

static int check_has_word(const char *list, const char *word, size_t length) {
  for (const char *at = list; (at = strstr(at, word)) != 0; at += length) {
    const char after = at[length];
    if ((at == list || at[-1] == ' ' || at[-1] == '|') && (after == 0 || after == ' ' || after == '|')) return 1;
  }
  return 0;
}

static QCC_MAYBE_UNUSED int check_needs(struct check_kernel k, const char *word) { return check_has_word(k.needs, word, strlen(word)); }

/* n of a word like C_MULTIPLE_OF_n; 1 if it is not there. */
static QCC_MAYBE_UNUSED int32_t check_multiple(struct check_kernel k, const char *prefix) {
  for (const char *at = k.needs; (at = strstr(at, prefix)) != 0; at++)
    if (at == k.needs || at[-1] == ' ' || at[-1] == '|') return atoi(at + strlen(prefix));
  return 1;
}

/* Every word of the kernel must be one the family's cases respect; a word that ends in _ is a prefix. */
static void check_knows(struct check_kernel k, const char *const *words) {
  for (const char *at = k.needs; *at != 0;) {
    const size_t length = strcspn(at, " |");
    int known = length == 0 || strncmp(at, "NONE", length) == 0;
    for (const char *const *w = words; *w != 0 && !known; w++) {
      const size_t n = strlen(*w);
      known = (*w)[n - 1] == '_' ? length > n && strncmp(at, *w, n) == 0 : length == n && strncmp(at, *w, n) == 0;
    }
    if (!known) {
      printf("FAIL %s: check_%s.h does not know the word %.*s\n", k.symbol, k.family, (int)length, at);
      exit(1);
    }
    at += length;
    if (*at != 0) at++;
  }
}

/* ---- failures ---- */

static void check_fail(const char *what, size_t at, long want, long got) {
  printf("FAIL %s: %s at %lu: expected %ld, found %ld\n     %s\n     again with: --seed %lu --only %s --case %lu\n",
         check_now.symbol, what, (unsigned long)at, want, got, check_now.text, check_now.seed, check_now.symbol,
         check_now.index);
  check_now.failed = 1;
}

static void check_crashed(int signal) {
  check_fail(signal == SIGILL ? "illegal instruction" : "memory outside its buffers (signal)", 0, 0, signal);
  fflush(stdout);
  _exit(1);
}

#ifdef CHECK_ASAN
void __asan_on_error(void);
void __asan_on_error(void) {
  check_fail("AddressSanitizer", 0, 0, 0);
  fflush(stdout);
}
#endif

/* ---- buffers ---- */

enum { CHECK_X, CHECK_X2, CHECK_W, CHECK_BIAS, CHECK_MULT, CHECK_TABLE, CHECK_SCRATCH, CHECK_Y, CHECK_WANT, CHECK_BUFFERS };
#ifdef CHECK_PAGES
enum { CHECK_REGION = 1 << 24, CHECK_CANARIES = 64 };
#else
enum { CHECK_REGION = 3 << 19, CHECK_CANARIES = 64 };
#endif

static struct check_buffer {
  uint8_t *region; /* between two unreadable pages */
  uint8_t *data;
  size_t bytes, slack;
} check_buffers[CHECK_BUFFERS];

static uint8_t check_canary(const uint8_t *p) { return (uint8_t)(0xa5u ^ (uint8_t)((uintptr_t)p * 37u)); }

static uint8_t *check_later(uint8_t *a, uint8_t *b) { return a > b ? a : b; }
static uint8_t *check_earlier(uint8_t *a, uint8_t *b) { return a < b ? a : b; }

#ifdef CHECK_PAGES
static uint8_t *check_region(void) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  uint8_t *all = mmap(0, CHECK_REGION + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED || mprotect(all + page, CHECK_REGION, PROT_READ | PROT_WRITE) != 0) abort();
  return all + page;
}
#else
static uint8_t *check_region(void) {
  uint8_t *all = aligned_alloc(4096, CHECK_REGION + 2 * 4096);
  if (all == 0) abort();
  return all + 4096;
}
#endif

/* `bytes` bytes at a multiple of `align`, followed by `slack` readable ones; all of them random. */
static void *check_place(int which, size_t bytes, size_t slack, size_t align) {
  struct check_buffer *b = &check_buffers[which];
  if (b->region == 0) {
    b->region = check_region();
    CHECK_POISON(b->region, CHECK_REGION);
  }
  if (b->data != 0) CHECK_POISON(b->data, b->bytes + b->slack);
  const size_t whole = (bytes + slack + align - 1) / align * align;
  if (whole > CHECK_REGION) abort();
  b->data = check_random() & 1 ? b->region : b->region + CHECK_REGION - whole;
  b->bytes = bytes;
  b->slack = slack;
  uint8_t *const from = check_later(b->region, b->data - CHECK_CANARIES);
  uint8_t *const end = b->data + bytes + slack;
  uint8_t *const to = check_earlier(b->region + CHECK_REGION, end + CHECK_CANARIES);
  CHECK_UNPOISON(from, (size_t)(to - from));
  for (uint8_t *p = from; p < b->data; p++) *p = check_canary(p);
  for (uint8_t *p = end; p < to; p++) *p = check_canary(p);
  for (size_t i = 0; i < bytes + slack; i++) b->data[i] = (uint8_t)check_random();
  CHECK_POISON(from, (size_t)(to - from));
  CHECK_UNPOISON(b->data, bytes + slack);
  return b->data;
}

/* The canaries of one buffer are as they were. */
static void check_canaries(int which, const char *name) {
  struct check_buffer *b = &check_buffers[which];
  uint8_t *const from = check_later(b->region, b->data - CHECK_CANARIES);
  uint8_t *const end = b->data + b->bytes + b->slack;
  uint8_t *const to = check_earlier(b->region + CHECK_REGION, end + CHECK_CANARIES);
  CHECK_UNPOISON(from, (size_t)(to - from));
  for (uint8_t *p = from; p < to && !check_now.failed; p++) {
    if (p == b->data) p = end;
    if (p < to && *p != check_canary(p)) {
      char what[64];
      snprintf(what, sizeof what, "%s written %s its %lu bytes", name, p < b->data ? "before" : "after", (unsigned long)b->bytes);
      check_fail(what, (size_t)(p < b->data ? b->data - p : p - b->data), check_canary(p), *p);
    }
  }
  CHECK_POISON(from, (size_t)(to - from));
  CHECK_UNPOISON(b->data, b->bytes + b->slack);
}

/* CHECK_Y holds what CHECK_WANT holds, and nothing around it, nor around scratch, has changed. */
static QCC_MAYBE_UNUSED void check_same_bytes(void) {
  const struct check_buffer *y = &check_buffers[CHECK_Y], *want = &check_buffers[CHECK_WANT];
  for (size_t i = 0; i < want->bytes && !check_now.failed; i++)
    if (y->data[i] != want->data[i]) check_fail("byte", i, want->data[i], y->data[i]);
  check_canaries(CHECK_Y, "y");
  if (check_buffers[CHECK_SCRATCH].region != 0) check_canaries(CHECK_SCRATCH, "scratch");
}

/* The same for words; one NaN is as good as another where the words are floats, whose payload is the machine's choice. */
static QCC_MAYBE_UNUSED void check_same_words(int are_floats) {
  const struct check_buffer *y = &check_buffers[CHECK_Y], *want = &check_buffers[CHECK_WANT];
  for (size_t i = 0; i + 4 <= want->bytes && !check_now.failed; i += 4) {
    uint32_t a, b;
    memcpy(&a, y->data + i, 4);
    memcpy(&b, want->data + i, 4);
    if (are_floats && (a & 0x7fffffffu) > 0x7f800000u && (b & 0x7fffffffu) > 0x7f800000u) continue;
    if (a != b) check_fail(are_floats ? "float (bits)" : "word", i / 4, (long)b, (long)a);
  }
  check_canaries(CHECK_Y, "y");
  if (check_buffers[CHECK_SCRATCH].region != 0) check_canaries(CHECK_SCRATCH, "scratch");
}

#endif
