/* SPDX-License-Identifier: 0BSD */
/* The loop of conv2d_4x2.h with the short epilogue of s8 results behind it, in registers, for all channels: eight results leave as
 * halfwords. Beside 13 instructions for 16 products two channels cost 56: 6 before, 5 for the loop, 32 for the results, 13 to
 * store them. C and it speak through a struct. */
#ifndef QCC_ARM_DSP_CONV2D_TILE_H
#define QCC_ARM_DSP_CONV2D_TILE_H

#include "conv2d_dot.h"
#include "qcc/epilogue.h"

/* joined, y: those of the next channel; joined_end: where the last two end; step: bytes from pixel to pixel; odd_zero: 2 y_zero + 1;
 * skipped: 8 * n - (pairs - 1), below 8, but 8 for one pair. The offsets are in the assembly. */
struct qcc_dsp_tile {
  const int32_t *joined;
  uint8_t *y;
  int32_t step, odd_zero;
  const uint32_t *x;
  int32_t skipped;
  const int32_t *joined_end;
};

/* r4..r7 channel 0, r8..r11 channel 1; r0 x, r1 w */
#define QCC_DSP_STEP_4x2         \
  "ldr lr, [r1], #4\n"           \
  "ldrd r2, r3, [r0], #16\n"     \
  "sxtb16 r12, lr\n"             \
  "sxtb16 lr, lr, ror #8\n"      \
  "smlad r4, r2, r12, r4\n"      \
  "smlad r5, r3, r12, r5\n"      \
  "smlad r8, r2, lr, r8\n"       \
  "smlad r9, r3, lr, r9\n"       \
  "ldrd r2, r3, [r0, #-8]\n"     \
  "smlad r6, r2, r12, r6\n"      \
  "smlad r7, r3, r12, r7\n"      \
  "smlad r10, r2, lr, r10\n"     \
  "smlad r11, r3, lr, r11\n"
/* Eight steps, entered after the first r12 of them; the end of x is the second word on the stack. */
#define QCC_DSP_LOOP_4x2                                                                        \
  "mov r5, r4\n"                                                                                \
  "mov r6, r4\n"                                                                                \
  "mov r7, r4\n"                                                                                \
  "mov r9, r8\n"                                                                                \
  "mov r10, r8\n"                                                                               \
  "mov r11, r8\n"                                                                               \
  "tbb [pc, r12]\n"                                                                             \
  "1:\n"                                                                                        \
  ".byte (2f - 1b) / 2, (2f - 1b) / 2 + 26, (2f - 1b) / 2 + 52, (2f - 1b) / 2 + 78\n"           \
  ".byte (2f - 1b) / 2 + 104, (2f - 1b) / 2 + 130, (2f - 1b) / 2 + 156, (2f - 1b) / 2 + 182\n"  \
  "2:\n" QCC_DSP_STEP_4x2 QCC_DSP_STEP_4x2 QCC_DSP_STEP_4x2 QCC_DSP_STEP_4x2                    \
  QCC_DSP_STEP_4x2 QCC_DSP_STEP_4x2 QCC_DSP_STEP_4x2 QCC_DSP_STEP_4x2                           \
  "ldr r12, [sp, #4]\n"                                                                         \
  "cmp r0, r12\n"                                                                               \
  "bne 2b\n"
/* The first of the steps: biases are in r7 and r11. */
#define QCC_DSP_FIRST_4x2        \
  "ldr lr, [r1], #4\n"           \
  "ldrd r2, r3, [r0], #16\n"     \
  "sxtb16 r12, lr\n"             \
  "sxtb16 lr, lr, ror #8\n"      \
  "smlad r4, r2, r12, r7\n"      \
  "smlad r5, r3, r12, r7\n"      \
  "smlad r8, r2, lr, r11\n"      \
  "smlad r9, r3, lr, r11\n"      \
  "ldrd r2, r3, [r0, #-8]\n"     \
  "smlad r6, r2, r12, r7\n"      \
  "smlad r7, r3, r12, r7\n"      \
  "smlad r10, r2, lr, r11\n"     \
  "smlad r11, r3, lr, r11\n"
#define QCC_DSP_STORED_4x2(sum) "smmlar " sum ", " sum ", r3, r12\nasr " sum ", " sum ", lr\nssat " sum ", #8, " sum "\n"
/* One channel: its sums, the next pair of joined at r0, the tile at r2. */
#define QCC_DSP_CHANNEL_4x2(a, b, c, d)                                                               \
  "ldrd r3, lr, [r0], #8\n"                                                                           \
  "ldr r12, [r2, #12]\n"                                                                              \
  "lsl r12, r12, lr\n"                                                                                \
  "asr r12, r12, #1\n" QCC_DSP_STORED_4x2(a) QCC_DSP_STORED_4x2(b) QCC_DSP_STORED_4x2(c) QCC_DSP_STORED_4x2(d)

#if QCC_DSP_BY_HAND
/* Doubled x, pairs > 0. Returns the next w. */
QCC_INLINE const int8_t *qcc_dsp_tiles_4x2(struct qcc_dsp_tile *tile, const int8_t *w, int32_t pairs) {
  register const int32_t *r0 __asm__("r0") = tile->joined;
  register const int8_t *r1 __asm__("r1") = w;
  register struct qcc_dsp_tile *r2 __asm__("r2") = tile;
  register const uint32_t *r3 __asm__("r3") = tile->x + 4 * (ptrdiff_t)pairs;
  register int32_t r12 __asm__("r12");
  __asm__ volatile("push {r2-r11, lr}\n"
                   "3:\n"
                   "ldr r7, [r0, #4]\n" /* bias * 256 + right, right below 128 */
                   "ldr r11, [r0, #12]\n"
                   "str r0, [r2]\n"
                   "ldr r0, [r2, #16]\n"
                   "asr r7, r7, #7\n"
                   "asr r11, r11, #7\n" QCC_DSP_FIRST_4x2
                   "ldr r12, [sp]\n"
                   "ldr r12, [r12, #20]\n"
                   "tbb [pc, r12]\n"
                   "1:\n"
                   ".byte (2f - 1b) / 2, (2f - 1b) / 2 + 26, (2f - 1b) / 2 + 52, (2f - 1b) / 2 + 78\n"
                   ".byte (2f - 1b) / 2 + 104, (2f - 1b) / 2 + 130, (2f - 1b) / 2 + 156, (2f - 1b) / 2 + 182\n"
                   ".byte (2f - 1b) / 2 + 208, 0\n"
                   "2:\n" QCC_DSP_STEP_4x2 QCC_DSP_STEP_4x2 QCC_DSP_STEP_4x2 QCC_DSP_STEP_4x2
                   QCC_DSP_STEP_4x2 QCC_DSP_STEP_4x2 QCC_DSP_STEP_4x2 QCC_DSP_STEP_4x2
                   "ldr r12, [sp, #4]\n"
                   "cmp r0, r12\n"
                   "bne 2b\n"
                   "ldr r2, [sp]\n"
                   "ldr r0, [r2]\n" QCC_DSP_CHANNEL_4x2("r4", "r5", "r6", "r7") QCC_DSP_CHANNEL_4x2("r8", "r9", "r10", "r11")
                   "ldrd r3, r12, [r2, #4]\n"
                   "bfi r4, r8, #8, #8\n"
                   "bfi r5, r9, #8, #8\n"
                   "bfi r6, r10, #8, #8\n"
                   "bfi r7, r11, #8, #8\n"
                   "strh r4, [r3]\n"
                   "strh r5, [r3, r12]\n"
                   "add lr, r3, r12, lsl #1\n"
                   "strh r6, [lr]\n"
                   "strh r7, [lr, r12]\n"
                   "add r3, r3, #2\n"
                   "str r3, [r2, #4]\n"
                   "ldr r3, [r2, #24]\n"
                   "cmp r0, r3\n"
                   "bne 3b\n"
                   "str r0, [r2]\n"
                   "pop {r2-r11, lr}\n"
                   : "+r"(r0), "+r"(r1), "=r"(r12)
                   : "r"(r2), "r"(r3)
                   : "cc", "memory");
  return r1;
}
#endif

#endif
