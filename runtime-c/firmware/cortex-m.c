/* SPDX-License-Identifier: 0BSD */
/* Start-up of a Cortex-M image: vector table, floating-point unit, variables, arguments, main. Works on a board and in an
 * emulator; files, standard output and the exit code go through Arm semihosting, which the C library's rdimon part speaks.
 *
 * The command line comes from the semihosting host as one string; words are separated by blanks, and a blank inside a word
 * is spelled 0x1f (src/toolchain/run.ts). */
#include "firmware.h"

#include <errno.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SYS_WRITE0 = 0x04, SYS_RENAME = 0x0f, SYS_GET_CMDLINE = 0x15, SYS_EXIT_EXTENDED = 0x20 };
enum { STOPPED_APPLICATION_EXIT = 0x20026, STOPPED_RUN_TIME_ERROR = 0x20023 };
enum { LINE = 2048, WORDS = 64, BLANK = 0x1f };

extern uint32_t qcc_data[], qcc_data_end[], qcc_data_load[], qcc_bss[], qcc_bss_end[], qcc_stack[];

int main(int argc, char **argv);
void initialise_monitor_handles(void);
void qcc_reset(void);

static int32_t semihost(int32_t operation, const void *parameter) {
  register int32_t r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = parameter;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

__asm__(
    ".syntax unified\n"
    ".thumb\n"
    ".text\n"
    ".balign 4\n"
    ".global qcc_mark_first\n"
    ".type qcc_mark_first, %function\n"
    ".thumb_func\n"
    "qcc_mark_first: bx lr\n"
    ".size qcc_mark_first, . - qcc_mark_first\n"
    ".global qcc_mark_next\n"
    ".type qcc_mark_next, %function\n"
    ".thumb_func\n"
    "qcc_mark_next: bx lr\n"
    ".size qcc_mark_next, . - qcc_mark_next\n");

static void fault(void) {
  static const uintptr_t stop[2] = {STOPPED_RUN_TIME_ERROR, 70};
  semihost(SYS_WRITE0, "fault: an instruction the core does not have, or memory that is not there\n");
  for (;;) semihost(SYS_EXIT_EXTENDED, stop);
}

/* Fifteen system exceptions; no interrupt is ever enabled. */
struct vectors {
  uint32_t *stack;
  void (*handlers[15])(void);
};
__attribute__((section(".vectors"), used)) static const struct vectors vectors = {
    qcc_stack, {qcc_reset, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault}};

static int arguments(char *line, char **words) {
  const struct {
    char *text;
    size_t bytes;
  } block = {line, LINE};
  int count = 0;
  if (semihost(SYS_GET_CMDLINE, &block) != 0) return 0;
  for (char *at = line; *at != 0 && count < WORDS - 1;) {
    while (*at == ' ') *at++ = 0;
    if (*at != 0) words[count++] = at;
    for (; *at != 0 && *at != ' '; at++)
      if (*at == BLANK) *at = ' ';
  }
  return count;
}

void qcc_reset(void) {
#if (defined(__ARM_FP) && !defined(__SOFTFP__)) || defined(__ARM_FEATURE_MVE)
  *(volatile uint32_t *)0xe000ed88u |= 0xfu << 20; /* CPACR: full access to the floating-point unit */
  __asm__ volatile("dsb\n isb" ::: "memory");
#endif
#if defined(__ARM_ARCH_6M__)
  *(volatile uint32_t *)0xe000ed14u |= 1u << 3; /* CCR.UNALIGN_TRP: what this core does, on any that stands in for it */
#endif
  for (uint32_t *to = qcc_data, *from = qcc_data_load; to < qcc_data_end;) *to++ = *from++;
  for (uint32_t *to = qcc_bss; to < qcc_bss_end;) *to++ = 0;
  static char line[LINE];
  static char *words[WORDS];
  initialise_monitor_handles();
  exit(main(arguments(line, words), words));
}

/* newlib's aligned_alloc asks for this one, which it lacks. */
int posix_memalign(void **memory, size_t align, size_t bytes);
int posix_memalign(void **memory, size_t align, size_t bytes) {
  *memory = memalign(align, bytes);
  return *memory == NULL ? ENOMEM : 0;
}

/* newlib would make a link and remove the old name; semihosting has no links. */
int rename(const char *from, const char *to) {
  const struct {
    const char *from;
    size_t from_length;
    const char *to;
    size_t to_length;
  } block = {from, strlen(from), to, strlen(to)};
  if (semihost(SYS_RENAME, &block) == 0) return 0;
  errno = EACCES;
  return -1;
}

/* newlib runs constructors and destructors through these; an image of C has none. */
void _init(void);
void _fini(void);
void _init(void) {}
void _fini(void) {}
