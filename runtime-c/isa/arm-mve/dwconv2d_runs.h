/* SPDX-License-Identifier: 0BSD */
/* dwconv2d_q8 on Helium, windows of at most 16 taps along one row or column (dwconv2d_window.h), s8 results by the double rounding: the
 * loop over channels, by hand. A window begins a byte after the one before.
 *
 * Eight results: 16 instructions for sums, 4 to bring them into vectors, 14 to requantize and store (4 more where ties show), 3 for
 * the loop. The last eight may begin with some that are there already. */
#ifndef QCC_ARM_MVE_DWCONV2D_RUNS_H
#define QCC_ARM_MVE_DWCONV2D_RUNS_H

#include "channel.h"

#if defined(__OPTIMIZE__)
#define QCC_MVE_RUNS_BY_HAND 1
#else
#define QCC_MVE_RUNS_BY_HAND 0
#endif

/* Of the next channel: strip, w, bias, scale, y; bytes to that of the one behind: pitch, taps. eight: bytes of y between two groups
 * of eight results, whole: groups; again, again_y: bytes that one more group begins earlier, 0 where there is none. The offsets are in the
 * assembly. */
struct qcc_mve_runs {
  const uint8_t *strip;
  int32_t pitch;
  const uint8_t *w;
  int32_t taps;
  const int32_t *bias;
  const int32_t *scale;
  uint8_t *y;
  int32_t eight, whole, channels, again, again_y;
};

#if QCC_MVE_RUNS_BY_HAND
#define QCC_MVE_RUNS_SUM(sum) "vldrb.u8 q0, [r1], #1\n\tvmladav.s8 " sum ", q0, q4\n\t"
#define QCC_MVE_RUNS_TIES "vshr.s32 q0, q1, #31\n\tvshr.s32 q3, q2, #31\n\tvadd.i32 q1, q1, q0\n\tvadd.i32 q2, q2, q3\n\t"
#define QCC_MVE_RUNS(ties)                                                                                            \
  __asm__ volatile("push {r0, r7, r11, lr}\n"                                                                         \
                   "1:\n\t"                                                                                           \
                   "ldr r0, [sp]\n\t"                                                                                 \
                   "ldrd r1, r3, [r0]\n\t"                                                                            \
                   "ldrd r2, r4, [r0, #8]\n\t"                                                                        \
                   "ldrd r6, r8, [r0, #16]\n\t"                                                                       \
                   "vctp.8 r4\n\t"                                                                                    \
                   "vpst\n\t"                                                                                         \
                   "vldrbt.u8 q4, [r2]\n\t"                                                                           \
                   "add r3, r3, r1\n\t"                                                                               \
                   "add r2, r2, r4\n\t"                                                                               \
                   "str r3, [r0]\n\t"                                                                                 \
                   "ldr r10, [r6], #4\n\t"                                                                            \
                   "ldrd r7, r9, [r8], #8\n\t"                                                                        \
                   "vdup.32 q6, r10\n\t"                                                                              \
                   "str r2, [r0, #8]\n\t"                                                                             \
                   "strd r6, r8, [r0, #16]\n\t"                                                                       \
                   "ldrd r3, r11, [r0, #24]\n\t"                                                                      \
                   "ldr r5, [r0, #32]\n\t"                                                                            \
                   "add r2, r3, #1\n\t"                                                                               \
                   "str r2, [r0, #24]\n"                                                                              \
                   "2:\n\t" QCC_MVE_RUNS_SUM("r0") QCC_MVE_RUNS_SUM("r8") QCC_MVE_RUNS_SUM("r2") QCC_MVE_RUNS_SUM("r10") \
                   QCC_MVE_RUNS_SUM("r4") QCC_MVE_RUNS_SUM("r12") QCC_MVE_RUNS_SUM("r6") QCC_MVE_RUNS_SUM("lr")       \
                   "vmov q1[2], q1[0], r0, r4\n\tvmov q1[3], q1[1], r2, r6\n\t"                                       \
                   "vmov q2[2], q2[0], r8, r12\n\tvmov q2[3], q2[1], r10, lr\n\t"                                     \
                   "vadd.i32 q1, q1, q6\n\tvadd.i32 q2, q2, q6\n\t"                                                   \
                   "vqrdmulh.s32 q1, q1, r7\n\tvqrdmulh.s32 q2, q2, r7\n\t" ties                                      \
                   "vrshl.s32 q1, r9\n\tvrshl.s32 q2, r9\n\t"                                                         \
                   "vqmovnb.s32 q1, q1\n\tvqmovnt.s32 q1, q2\n\t"                                                     \
                   "vqadd.s16 q1, q1, %q[zero]\n\tvqmovnb.s16 q1, q1\n\t"                                             \
                   "vstrb.16 q1, [r3, %q[to]]\n\t"                                                                    \
                   "add r3, r3, r11\n\t"                                                                              \
                   "subs r5, r5, #1\n\t"                                                                              \
                   "bgt 2b\n\t"                                                                                       \
                   "ldr r0, [sp]\n\t"                                                                                 \
                   "bne 3f\n\t"                                                                                       \
                   "ldrd r2, r4, [r0, #40]\n\t"                                                                       \
                   "cbz r2, 3f\n\t"                                                                                   \
                   "sub r1, r1, r2\n\t"                                                                               \
                   "sub r3, r3, r4\n\t"                                                                               \
                   "b 2b\n"                                                                                           \
                   "3:\n\t"                                                                                           \
                   "ldr r2, [r0, #36]\n\t"                                                                            \
                   "subs r2, r2, #1\n\t"                                                                              \
                   "str r2, [r0, #36]\n\t"                                                                            \
                   "bne 1b\n\t"                                                                                       \
                   "pop {r0, r7, r11, lr}"                                                                            \
                   :                                                                                                  \
                   : "r"(r0), [zero] "w"(zero), [to] "w"(to)                                                          \
                   : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r12", "lr", "q0", "q1", "q2", "q3", "q4", "q6", "cc", \
                     "memory")
#endif

/* y: `column` bytes from result to result; at least eight of them. `ties`, a literal: they are minded. */
QCC_INLINE void qcc_mve_runs(struct qcc_mve_runs *runs, uint16x8_t to, int32_t y_zero, int32_t ties) {
#if QCC_MVE_RUNS_BY_HAND
  register struct qcc_mve_runs *r0 __asm__("r0") = runs;
  const int16x8_t zero = vdupq_n_s16((int16_t)y_zero);
  if (ties != 0)
    QCC_MVE_RUNS(QCC_MVE_RUNS_TIES);
  else
    QCC_MVE_RUNS("");
#else
  (void)runs;
  (void)to;
  (void)y_zero;
  (void)ties;
#endif
}

#endif
