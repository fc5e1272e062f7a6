/* SPDX-License-Identifier: 0BSD */
/* The inner loops of conv2d_q8 on arm-dsp, by hand: gcc keeps neither the accumulators nor the order.
 *
 * 2x2: two pixels, two channels, 15 instructions for 16 products:
 *   x  words [step][even of pixel 0, even of pixel 1, odd of pixel 0, odd of pixel 1], s16 pairs unpacked before
 *   w  bytes [step][channel][4]
 * 1x4: one pixel, four channels, 20 instructions for 16 products; x bytes as they are, w [step][channel][4].
 * Accumulators sit in registers: a<channel><pixel>. 2x2 takes twelve: with one more, gcc gives up under some flags; 1x4 takes all
 * fourteen and saves them by itself. A build without optimization gets plain C. */
#ifndef QCC_ARM_DSP_CONV2D_DOT_H
#define QCC_ARM_DSP_CONV2D_DOT_H

#include "simd.h"

#if defined(__OPTIMIZE__)
#define QCC_DSP_BY_HAND 1
#else
#define QCC_DSP_BY_HAND 0
#endif

struct qcc_dsp_2x2 {
  int32_t a00, a01, a10, a11;
};

#define QCC_DSP_STEP_2x2                         \
  "ldrd %[w0], %[w1], [%[w]], #8\n"              \
  "ldrd %[x0], %[x1], [%[x]], #8\n"              \
  "sxtb16 %[t], %[w0]\n"                         \
  "smlad %[a00], %[x0], %[t], %[a00]\n"          \
  "smlad %[a01], %[x1], %[t], %[a01]\n"          \
  "sxtb16 %[t], %[w1]\n"                         \
  "smlad %[a10], %[x0], %[t], %[a10]\n"          \
  "smlad %[a11], %[x1], %[t], %[a11]\n"          \
  "ldrd %[x0], %[x1], [%[x]], #8\n"              \
  "sxtb16 %[w0], %[w0], ror #8\n"                \
  "smlad %[a00], %[x0], %[w0], %[a00]\n"         \
  "smlad %[a01], %[x1], %[w0], %[a01]\n"         \
  "sxtb16 %[w1], %[w1], ror #8\n"                \
  "smlad %[a10], %[x0], %[w1], %[a10]\n"         \
  "smlad %[a11], %[x1], %[w1], %[a11]\n"
#define QCC_DSP_STEPS_2x2 QCC_DSP_STEP_2x2 QCC_DSP_STEP_2x2 QCC_DSP_STEP_2x2 QCC_DSP_STEP_2x2

/* steps > 0. `skipped`: 8 * n - steps, below 8: where the loop, unrolled eight times, is entered. */
QCC_INLINE struct qcc_dsp_2x2 qcc_dsp_dot_2x2(struct qcc_dsp_2x2 a, const uint32_t *x, const int8_t *w, int32_t steps, int32_t skipped) {
#if QCC_DSP_BY_HAND
  uint32_t w0, w1, x0, x1, t = (uint32_t)skipped;
  const uint32_t *const end = x + 4 * (ptrdiff_t)steps;
  __asm__ volatile("tbb [pc, %[t]]\n"
                   "1:\n"
                   ".byte (2f - 1b) / 2, (2f - 1b) / 2 + 30, (2f - 1b) / 2 + 60, (2f - 1b) / 2 + 90\n"
                   ".byte (2f - 1b) / 2 + 120, (2f - 1b) / 2 + 150, (2f - 1b) / 2 + 180, (2f - 1b) / 2 + 210\n"
                   "2:\n" QCC_DSP_STEPS_2x2 QCC_DSP_STEPS_2x2
                   "cmp %[x], %[end]\n"
                   "bne 2b\n"
                   : [x] "+r"(x), [w] "+r"(w), [a00] "+r"(a.a00), [a01] "+r"(a.a01), [a10] "+r"(a.a10), [a11] "+r"(a.a11),
                     [w0] "=&r"(w0), [w1] "=&r"(w1), [x0] "=&r"(x0), [x1] "=&r"(x1), [t] "+r"(t)
                   : [end] "r"(end)
                   : "cc", "memory");
#else
  (void)skipped;
  for (int32_t s = 0; s < steps; s++, x += 4, w += 8) {
    const uint32_t w0 = qcc_dsp_load(w), w1 = qcc_dsp_load(w + 4);
    a.a00 = qcc_dsp_smlad(x[2], qcc_dsp_odd(w0, 1), qcc_dsp_smlad(x[0], qcc_dsp_even(w0, 1), a.a00));
    a.a01 = qcc_dsp_smlad(x[3], qcc_dsp_odd(w0, 1), qcc_dsp_smlad(x[1], qcc_dsp_even(w0, 1), a.a01));
    a.a10 = qcc_dsp_smlad(x[2], qcc_dsp_odd(w1, 1), qcc_dsp_smlad(x[0], qcc_dsp_even(w1, 1), a.a10));
    a.a11 = qcc_dsp_smlad(x[3], qcc_dsp_odd(w1, 1), qcc_dsp_smlad(x[1], qcc_dsp_even(w1, 1), a.a11));
  }
#endif
  return a;
}

struct qcc_dsp_1x4 {
  int32_t a0, a1, a2, a3;
};

/* r4..r7 the sums; r0 x, r1 w, lr where x ends. Four words of weights in one ldm. */
#define QCC_DSP_WORD_1x4(sum, word)                   \
  "sxtb16 r12, " word "\n"                            \
  "smlad " sum ", r3, r12, " sum "\n"                 \
  "sxtb16 " word ", " word ", ror #8\n"               \
  "smlad " sum ", r2, " word ", " sum "\n"
#define QCC_DSP_STEP_1x4(unpack)                                                                                       \
  "ldr r2, [r0], #4\nldm r1!, {r8-r11}\n" unpack " r3, r2\n" unpack " r2, r2, ror #8\n" QCC_DSP_WORD_1x4("r4", "r8")    \
      QCC_DSP_WORD_1x4("r5", "r9") QCC_DSP_WORD_1x4("r6", "r10") QCC_DSP_WORD_1x4("r7", "r11")
#define QCC_DSP_LOOP_1x4(body)                                                                                \
  __asm__ volatile("push {r2-r11, lr}\n"                                                                      \
                   "ldm r2, {r4-r7}\n"                                                                        \
                   "mov lr, r3\n"                                                                             \
                   "1:\n" body                                                                                \
                   "cmp r0, lr\n"                                                                             \
                   "bne 1b\n"                                                                                 \
                   "ldr r2, [sp]\n"                                                                           \
                   "stm r2, {r4-r7}\n"                                                                        \
                   "pop {r2-r11, lr}\n"                                                                       \
                   : "+r"(r0), "+r"(r1), "=r"(r12)                                                            \
                   : "r"(r2), "r"(r3)                                                                         \
                   : "cc", "memory")

/* One step: four products of each channel. */
QCC_INLINE struct qcc_dsp_1x4 qcc_dsp_step_1x4(struct qcc_dsp_1x4 a, uint32_t x, const int8_t *w, int32_t is_signed) {
  const uint32_t xe = qcc_dsp_even(x, is_signed), xo = qcc_dsp_odd(x, is_signed);
  const uint32_t w0 = qcc_dsp_load(w), w1 = qcc_dsp_load(w + 4), w2 = qcc_dsp_load(w + 8), w3 = qcc_dsp_load(w + 12);
  a.a0 = qcc_dsp_smlad(xo, qcc_dsp_odd(w0, 1), qcc_dsp_smlad(xe, qcc_dsp_even(w0, 1), a.a0));
  a.a1 = qcc_dsp_smlad(xo, qcc_dsp_odd(w1, 1), qcc_dsp_smlad(xe, qcc_dsp_even(w1, 1), a.a1));
  a.a2 = qcc_dsp_smlad(xo, qcc_dsp_odd(w2, 1), qcc_dsp_smlad(xe, qcc_dsp_even(w2, 1), a.a2));
  a.a3 = qcc_dsp_smlad(xo, qcc_dsp_odd(w3, 1), qcc_dsp_smlad(xe, qcc_dsp_even(w3, 1), a.a3));
  return a;
}

/* steps > 0 */
QCC_INLINE struct qcc_dsp_1x4 qcc_dsp_dot_1x4(struct qcc_dsp_1x4 a, const uint8_t *x, const int8_t *w, int32_t steps,
                                              int32_t is_signed) {
#if QCC_DSP_BY_HAND
  int32_t sums[4] = {a.a0, a.a1, a.a2, a.a3};
  register const uint8_t *r0 __asm__("r0") = x;
  register const int8_t *r1 __asm__("r1") = w;
  register int32_t *r2 __asm__("r2") = sums;
  register const uint8_t *r3 __asm__("r3") = x + 4 * (ptrdiff_t)steps;
  register uint32_t r12 __asm__("r12");
  if (steps % 4 == 0 && is_signed)
    QCC_DSP_LOOP_1x4(QCC_DSP_STEP_1x4("sxtb16") QCC_DSP_STEP_1x4("sxtb16") QCC_DSP_STEP_1x4("sxtb16")
                         QCC_DSP_STEP_1x4("sxtb16"));
  else if (is_signed)
    QCC_DSP_LOOP_1x4(QCC_DSP_STEP_1x4("sxtb16"));
  else
    QCC_DSP_LOOP_1x4(QCC_DSP_STEP_1x4("uxtb16"));
  a = (struct qcc_dsp_1x4){sums[0], sums[1], sums[2], sums[3]};
#else
  for (int32_t s = 0; s < steps; s++, x += 4, w += 16) a = qcc_dsp_step_1x4(a, qcc_dsp_load(x), w, is_signed);
#endif
  return a;
}

#endif
