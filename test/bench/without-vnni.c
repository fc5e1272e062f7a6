/* SPDX-License-Identifier: MIT */
/* Preloaded into node, this makes ONNX Runtime believe that it runs on a CPU with AVX2 and FMA but without AVX-512, VNNI and AMX, as
 * most PCs are, so that its kernels for those can be timed on a newer CPU. The `cpuid` instructions of the library (QCC_CPUID_SITES:
 * hexadecimal addresses as objdump prints them, separated by commas) become traps, whose handler runs cpuid and takes features away.
 * What it prints on standard error says how many were found; an address where there is none ends the process. */
#define _GNU_SOURCE
#include <cpuid.h>
#include <dlfcn.h>
#include <link.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

/* Leaf 7: F 16, DQ 17, IFMA 21, PF 26, ER 27, CD 28, BW 30, VL 31. */
static const unsigned ebx7 = 1u << 16 | 1u << 17 | 1u << 21 | 1u << 26 | 1u << 27 | 1u << 28 | 1u << 30 | 1u << 31;
/* VBMI 1, VBMI2 6, VNNI 11, BITALG 12, VPOPCNTDQ 14. */
static const unsigned ecx7 = 1u << 1 | 1u << 6 | 1u << 11 | 1u << 12 | 1u << 14;
/* 4VNNIW 2, 4FMAPS 3, VP2INTERSECT 8, AMX-BF16 22, AVX512-FP16 23, AMX-TILE 24, AMX-INT8 25. */
static const unsigned edx7 = 1u << 2 | 1u << 3 | 1u << 8 | 1u << 22 | 1u << 23 | 1u << 24 | 1u << 25;
/* Leaf 7, sub-leaf 1: AVX-VNNI 4, AVX512-BF16 5; EDX: AVX-VNNI-INT8 4, AVX-VNNI-INT16 10, AVX10 19. */
static const unsigned eax71 = 1u << 4 | 1u << 5, edx71 = 1u << 4 | 1u << 10 | 1u << 19;

static void answer(int number, siginfo_t *info, void *context) {
  (void)number;
  (void)info;
  greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
  const unsigned leaf = (unsigned)r[REG_RAX], sub = (unsigned)r[REG_RCX];
  unsigned a, b, c, d;
  __cpuid_count(leaf, sub, a, b, c, d);
  if (leaf == 7 && sub == 0) {
    b &= ~ebx7;
    c &= ~ecx7;
    d &= ~edx7;
  }
  if (leaf == 7 && sub == 1) {
    a &= ~eax71;
    d &= ~edx71;
  }
  r[REG_RAX] = a;
  r[REG_RBX] = b;
  r[REG_RCX] = c;
  r[REG_RDX] = d;
}

static int patch(struct dl_phdr_info *info, size_t size, void *done) {
  (void)size;
  const char *file = strrchr(info->dlpi_name, '/');
  if (file == NULL || strncmp(file, "/libonnxruntime.so", 18) != 0) return 0;
  struct sigaction action = {.sa_sigaction = answer, .sa_flags = SA_SIGINFO | SA_NODEFER};
  sigaction(SIGTRAP, &action, NULL);
  const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  const char *at = getenv("QCC_CPUID_SITES");
  int count = 0;
  for (; at != NULL && *at != '\0'; count++) {
    char *end;
    unsigned char *site = (unsigned char *)(info->dlpi_addr + strtoull(at, &end, 16));
    at = *end == ',' ? end + 1 : end;
    void *first = (void *)((uintptr_t)site & ~(page - 1));
    if (mprotect(first, 2 * page, PROT_READ | PROT_WRITE | PROT_EXEC) != 0 || site[0] != 0x0f || site[1] != 0xa2) {
      fprintf(stderr, "without-vnni: no cpuid at %p\n", (void *)site);
      _exit(1);
    }
    site[0] = 0xcc; /* int3; nop */
    site[1] = 0x90;
    mprotect(first, 2 * page, PROT_READ | PROT_EXEC);
  }
  fprintf(stderr, "without-vnni: %d cpuid instructions of %s\n", count, file + 1);
  *(int *)done = 1;
  return 1;
}

/* Node loads its add-ons by dlopen, and onnxruntime's depends on the library. */
void *dlopen(const char *file, int flags) {
  static int done;
  void *(*next)(const char *, int);
  *(void **)&next = dlsym(RTLD_NEXT, "dlopen");
  void *library = next(file, flags);
  if (!done) dl_iterate_phdr(patch, &done);
  return library;
}
