/* SPDX-License-Identifier: 0BSD */
/* A plugin of QEMU: counts the instructions between the marks of `driver count`.
 *
 *   qemu-aarch64 -plugin count.so,out=FILE driver count INPUTS N
 *   qemu-system-arm ... -plugin count.so,out=FILE -kernel driver
 *
 * writes a line "MARK INSTRUCTIONS" for every mark: its number, and the instructions since the program started. Under a
 * system, a mark is a system call whose first argument is QCC_MARK_BASE - MARK; the driver closes files that cannot be
 * open. Without one it is a call of a function of one instruction, qcc_mark_first (number 0) or qcc_mark_next (one more
 * than the last); names come from the image's symbol table (firmware/firmware.h).
 * No header of QEMU is needed (Debian ships none): the few functions used are declared as its documentation has them.
 * QEMU loads a plugin of its own interface version only; QCC_PLUGIN_VERSION is tried from old to new. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#if !defined(QCC_PLUGIN_VERSION)
#define QCC_PLUGIN_VERSION 1
#endif
#define QCC_EXPORT __attribute__((visibility("default")))

enum { QCC_MARK_BASE = -1000000, QCC_MARKS = 1000000, QCC_NO_REGISTERS = 0 };

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info_t;
typedef void qcc_exec_fn(unsigned vcpu, void *data);
typedef void qcc_translate_fn(uint64_t id, struct qemu_plugin_tb *tb);
typedef void qcc_exit_fn(uint64_t id, void *data);
typedef void qcc_syscall_fn(uint64_t id, unsigned vcpu, int64_t number, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                            uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
const char *qemu_plugin_insn_symbol(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, qcc_exec_fn *fn, int registers, void *data);
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, qcc_translate_fn *fn);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, qcc_exec_fn *fn, int registers, void *data);
void qemu_plugin_register_vcpu_syscall_cb(uint64_t id, qcc_syscall_fn *fn);
void qemu_plugin_register_atexit_cb(uint64_t id, qcc_exit_fn *fn, void *data);

extern QCC_EXPORT int qemu_plugin_version;
QCC_EXPORT int qemu_plugin_version = QCC_PLUGIN_VERSION;
QCC_EXPORT int qemu_plugin_install(uint64_t id, const struct qemu_info_t *info, int argc, char **argv);

static uint64_t instructions;
static FILE *out;

static void count(unsigned vcpu, void *data) {
  (void)vcpu;
  instructions += (uint64_t)(uintptr_t)data;
}

static void write_mark(int number) { fprintf(out, "%d %llu\n", number, (unsigned long long)instructions); }

static void call(unsigned vcpu, void *is_first) {
  static int last;
  (void)vcpu;
  last = is_first != NULL ? 0 : last + 1;
  write_mark(last);
}

/* A mark is a block of its own: it is called, and returns at once. */
static void translate(uint64_t id, struct qemu_plugin_tb *tb) {
  (void)id;
  const size_t length = qemu_plugin_tb_n_insns(tb);
  qemu_plugin_register_vcpu_tb_exec_cb(tb, count, QCC_NO_REGISTERS, (void *)(uintptr_t)length);
  if (length != 1) return;
  struct qemu_plugin_insn *const insn = qemu_plugin_tb_get_insn(tb, 0);
  const char *const symbol = qemu_plugin_insn_symbol(insn);
  if (symbol == NULL) return;
  const int is_first = strcmp(symbol, "qcc_mark_first") == 0;
  if (is_first || strcmp(symbol, "qcc_mark_next") == 0)
    qemu_plugin_register_vcpu_insn_exec_cb(insn, call, QCC_NO_REGISTERS, is_first ? &out : NULL);
}

static void mark(uint64_t id, unsigned vcpu, int64_t number, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5,
                 uint64_t a6, uint64_t a7, uint64_t a8) {
  (void)id, (void)vcpu, (void)number, (void)a2, (void)a3, (void)a4, (void)a5, (void)a6, (void)a7, (void)a8;
  const int32_t argument = (int32_t)(uint32_t)a1;
  if (argument <= QCC_MARK_BASE && argument > QCC_MARK_BASE - QCC_MARKS)
    write_mark(QCC_MARK_BASE - (int)argument);
}

static void finish(uint64_t id, void *data) {
  (void)id, (void)data;
  fclose(out);
}

int qemu_plugin_install(uint64_t id, const struct qemu_info_t *info, int argc, char **argv) {
  (void)info;
  for (int i = 0; i < argc; i++)
    if (strncmp(argv[i], "out=", 4) == 0) out = fopen(argv[i] + 4, "w");
  if (out == NULL) return 1;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
  qemu_plugin_register_vcpu_syscall_cb(id, mark);
  qemu_plugin_register_atexit_cb(id, finish, NULL);
  return 0;
}
