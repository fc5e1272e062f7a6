/* SPDX-License-Identifier: 0BSD */
/* The loops of dwconv2d_dot.h with the short epilogue of s8 results behind them, in registers, for all rows of a tile.
 *
 * Four results cost 33 instructions (36 at stride 2) for 36 products, 12 for the epilogue, 6 to store them, 5 for loop and constants.
 * C and it speak through a struct; all fourteen registers are taken:
 *
 *   r0 x   r1 struct   r2 y   r3 results left of the row   r4..r7 sums   r8, r9 weights   r10..r12 x   lr start */
#ifndef QCC_ARM_DSP_DWCONV2D_ROWS_H
#define QCC_ARM_DSP_DWCONV2D_ROWS_H

#include "dwconv2d_dot.h"

/* w: three pairs of words, doubled as `start` is; x_step, y_step: bytes from row to row; next: bytes from result to result.
 * The offsets are in the assembly. */
struct qcc_dsp_dw_rows {
  uint32_t w[6];
  int32_t multiplier, fixed, right, next;
  const uint32_t *x;
  uint8_t *y;
  int32_t x_step, y_step;
  int32_t count, rows, start;
};

#if QCC_DSP_BY_HAND
/* Row k of a plane is 64 k bytes on; x moves on with the first words, 8 bytes at stride 1, 16 at stride 2. */
#define QCC_DSP_ROWS_S1(w, first, x2at, s0, s1, s2, s3)                              \
  "ldrd r8, r9, [r1, #" w "]\n"                                                      \
  "ldrd r10, r11, [r0" first "\n"                                                    \
  "ldr r12, [r0" x2at "]\n"                                                          \
  "smlad r4, r10, r8, " s0 "\n"                                                      \
  "smlatb r5, r10, r8, " s1 "\n"                                                     \
  "smlad r6, r11, r8, " s2 "\n"                                                      \
  "smlatb r7, r11, r8, " s3 "\n"                                                     \
  "smlabt r4, r11, r9, r4\n"                                                         \
  "smlad r5, r11, r9, r5\n"                                                          \
  "smlabt r6, r12, r9, r6\n"                                                         \
  "smlad r7, r12, r9, r7\n"
#define QCC_DSP_ROWS_S2(w, first, x2at, x4at, s0, s1, s2, s3)                        \
  "ldrd r8, r9, [r1, #" w "]\n"                                                      \
  "ldrd r10, r11, [r0" first "\n"                                                    \
  "smlad r4, r10, r8, " s0 "\n"                                                      \
  "smlabt r4, r11, r9, r4\n"                                                         \
  "smlad r5, r11, r8, " s1 "\n"                                                      \
  "ldrd r10, r12, [r0, #" x2at "]\n"                                                 \
  "ldr r11, [r0" x4at "]\n"                                                          \
  "smlabt r5, r10, r9, r5\n"                                                         \
  "smlad r6, r10, r8, " s2 "\n"                                                      \
  "smlabt r6, r12, r9, r6\n"                                                         \
  "smlad r7, r12, r8, " s3 "\n"                                                      \
  "smlabt r7, r11, r9, r7\n"
#define QCC_DSP_ROWS_STORED(sum) "smmlar " sum ", " sum ", r8, r9\nasr " sum ", " sum ", r10\nssat " sum ", #8, " sum "\n"
#define QCC_DSP_ROWS(sums)                                                                                             \
  __asm__ volatile("push {r2-r11, lr}\n"                                                                               \
                   "ldr lr, [r1, #64]\n"                                                                               \
                   "1:\n"                                                                                              \
                   "ldrd r0, r2, [r1, #40]\n"                                                                          \
                   "ldr r3, [r1, #56]\n"                                                                               \
                   "2:\n" sums                                                                                         \
                   "ldrd r8, r9, [r1, #24]\n"                                                                          \
                   "ldrd r10, r11, [r1, #32]\n"                                                                        \
                   QCC_DSP_ROWS_STORED("r4") QCC_DSP_ROWS_STORED("r5") QCC_DSP_ROWS_STORED("r6") QCC_DSP_ROWS_STORED("r7") \
                   "subs r3, r3, #4\n"                                                                                 \
                   "strb r4, [r2]\n"                                                                                   \
                   "bmi 3f\n"                                                                                          \
                   "strb r5, [r2, r11]\n"                                                                              \
                   "add r2, r2, r11, lsl #1\n"                                                                         \
                   "strb r6, [r2]\n"                                                                                   \
                   "strb r7, [r2, r11]\n"                                                                              \
                   "add r2, r2, r11, lsl #1\n"                                                                         \
                   "bne 2b\n"                                                                                          \
                   "b 4f\n"                                                                                            \
                   "3:\n"                                                                                              \
                   "adds r3, r3, #2\n"                                                                                 \
                   "bmi 4f\n"                                                                                          \
                   "strb r5, [r2, r11]\n"                                                                              \
                   "beq 4f\n"                                                                                          \
                   "add r2, r2, r11, lsl #1\n"                                                                         \
                   "strb r6, [r2]\n"                                                                                   \
                   "4:\n"                                                                                              \
                   "ldrd r4, r5, [r1, #40]\n"                                                                          \
                   "ldrd r6, r7, [r1, #48]\n"                                                                          \
                   "ldr r8, [r1, #60]\n"                                                                               \
                   "add r4, r4, r6\n"                                                                                  \
                   "add r5, r5, r7\n"                                                                                  \
                   "strd r4, r5, [r1, #40]\n"                                                                          \
                   "subs r8, r8, #1\n"                                                                                 \
                   "str r8, [r1, #60]\n"                                                                               \
                   "bne 1b\n"                                                                                          \
                   "pop {r2-r11, lr}\n"                                                                                \
                   : "=r"(r0), "=r"(r12)                                                                               \
                   : "r"(r1)                                                                                           \
                   : "cc", "memory")

/* count, rows > 0; both go down, x and y move on. `stride` is 1 or 2, a literal or the same for a whole layer. */
QCC_INLINE void qcc_dsp_dw_rows(struct qcc_dsp_dw_rows *a, int32_t stride) {
  register uint32_t r0 __asm__("r0"), r12 __asm__("r12");
  register struct qcc_dsp_dw_rows *r1 __asm__("r1") = a;
  if (stride == 1)
    QCC_DSP_ROWS(QCC_DSP_ROWS_S1("0", "], #8", "", "lr", "lr", "lr", "lr")
                     QCC_DSP_ROWS_S1("8", ", #56]", ", #64", "r4", "r5", "r6", "r7")
                         QCC_DSP_ROWS_S1("16", ", #120]", ", #128", "r4", "r5", "r6", "r7"));
  else
    QCC_DSP_ROWS(QCC_DSP_ROWS_S2("0", "], #16", "-8", "", "lr", "lr", "lr", "lr")
                     QCC_DSP_ROWS_S2("8", ", #48]", "56", ", #64", "r4", "r5", "r6", "r7")
                         QCC_DSP_ROWS_S2("16", ", #112]", "120", ", #128", "r4", "r5", "r6", "r7"));
}
#endif

#endif
