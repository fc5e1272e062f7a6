/* SPDX-License-Identifier: 0BSD */
/* What a RISC-V image needs besides the start-up code and semihosting of picolibc. Linked with -Wl,--wrap=main. */
#include "firmware.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { BLANK = 0x1f, SYS_RENAME = 0x0f };

/* The three instructions that mean semihosting, uncompressed and on one page. */
static intptr_t semihost(intptr_t operation, const void *parameter) {
  register intptr_t a0 __asm__("a0") = operation;
  register const void *a1 __asm__("a1") = parameter;
  __asm__ volatile(
      ".balign 16\n"
      ".option push\n"
      ".option norvc\n"
      "slli x0, x0, 0x1f\n"
      "ebreak\n"
      "srai x0, x0, 7\n"
      ".option pop\n"
      : "+r"(a0)
      : "r"(a1)
      : "memory");
  return a0;
}

int rename(const char *from, const char *to) {
  const struct {
    const char *from;
    size_t from_length;
    const char *to;
    size_t to_length;
  } block = {from, strlen(from), to, strlen(to)};
  return semihost(SYS_RENAME, &block) == 0 ? 0 : -1;
}

/* Semihosting cannot tell: no file is known. */
int stat(const char *path, struct stat *known) {
  (void)path, (void)known;
  return -1;
}

int __real_main(int argc, char **argv);
int __wrap_main(int argc, char **argv);

/* picolibc puts a name of its own before the words of the command line; a blank inside a word is spelled 0x1f. */
int __wrap_main(int argc, char **argv) {
  for (int i = 1; i < argc; i++)
    for (char *at = argv[i]; *at != 0; at++)
      if (*at == BLANK) *at = ' ';
  return __real_main(argc - 1, argv + 1);
}

__asm__(
    ".text\n"
    ".balign 4\n"
    ".global qcc_mark_first\n"
    ".type qcc_mark_first, @function\n"
    "qcc_mark_first: ret\n"
    ".size qcc_mark_first, . - qcc_mark_first\n"
    ".balign 4\n"
    ".global qcc_mark_next\n"
    ".type qcc_mark_next, @function\n"
    "qcc_mark_next: ret\n"
    ".size qcc_mark_next, . - qcc_mark_next\n");
