/* SPDX-License-Identifier: 0BSD */
/* The inner loops of conv2d_q8 on arm-dsp, by hand: gcc keeps neither the accumulators nor the order.
 *
 * 2x2: two pixels, two channels, 14 instructions for 16 products:
 *   x  words [step][even of pixel 0, even of pixel 1, odd of pixel 0, odd of pixel 1], s16 pairs unpacked before
 *   w  bytes [step][channel][4]
 * 1x4: one pixel, four channels, 20 instructions for 16 products; x bytes as they are, w [step][channel][4].
 * Accumulators sit in registers: a<channel><pixel>. Thirteen registers are taken, all but one (the end stays in memory), so
 * a build without optimization, which keeps one for the frame, gets plain C. */
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

#define QCC_DSP_STEP_2x2                     \
  "ldrd %[w0], %[w1], [%[w]], #8\n"          \
  "ldmia %[x]!, {r4, r5, r6, r8}\n"          \
  "sxtb16 %[t], %[w0]\n"                     \
  "smlad %[a00], r4, %[t], %[a00]\n"         \
  "smlad %[a01], r5, %[t], %[a01]\n"         \
  "sxtb16 %[t], %[w0], ror #8\n"             \
  "smlad %[a00], r6, %[t], %[a00]\n"         \
  "smlad %[a01], r8, %[t], %[a01]\n"         \
  "sxtb16 %[t], %[w1]\n"                     \
  "smlad %[a10], r4, %[t], %[a10]\n"         \
  "smlad %[a11], r5, %[t], %[a11]\n"         \
  "sxtb16 %[t], %[w1], ror #8\n"             \
  "smlad %[a10], r6, %[t], %[a10]\n"         \
  "smlad %[a11], r8, %[t], %[a11]\n"
#define QCC_DSP_LOOP_2x2(body)                                                                                    \
  __asm__ volatile("1:\n" body                                                                                    \
                   "ldr %[t], %[end]\n"                                                                           \
                   "cmp %[x], %[t]\n"                                                                             \
                   "bne 1b\n"                                                                                     \
                   : [x] "+r"(x), [w] "+r"(w), [a00] "+r"(a.a00), [a01] "+r"(a.a01), [a10] "+r"(a.a10),           \
                     [a11] "+r"(a.a11), [w0] "=&r"(w0), [w1] "=&r"(w1), [t] "=&r"(t)                              \
                   : [end] "m"(end)                                                                               \
                   : "r4", "r5", "r6", "r8", "cc", "memory")

/* steps > 0 */
QCC_INLINE struct qcc_dsp_2x2 qcc_dsp_dot_2x2(struct qcc_dsp_2x2 a, const uint32_t *x, const int8_t *w, int32_t steps) {
#if QCC_DSP_BY_HAND
  uint32_t w0, w1, t;
  const uint32_t *const end = x + 4 * (ptrdiff_t)steps;
  if (steps % 4 == 0)
    QCC_DSP_LOOP_2x2(QCC_DSP_STEP_2x2 QCC_DSP_STEP_2x2 QCC_DSP_STEP_2x2 QCC_DSP_STEP_2x2);
  else if (steps % 3 == 0)
    QCC_DSP_LOOP_2x2(QCC_DSP_STEP_2x2 QCC_DSP_STEP_2x2 QCC_DSP_STEP_2x2);
  else if (steps % 2 == 0)
    QCC_DSP_LOOP_2x2(QCC_DSP_STEP_2x2 QCC_DSP_STEP_2x2);
  else
    QCC_DSP_LOOP_2x2(QCC_DSP_STEP_2x2);
#else
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

#define QCC_DSP_CHANNEL_1x4(acc, w)         \
  "sxtb16 %[t], " w "\n"                    \
  "smlad %[" acc "], %[xe], %[t], %[" acc "]\n" \
  "sxtb16 %[t], " w ", ror #8\n"            \
  "smlad %[" acc "], %[xo], %[t], %[" acc "]\n"
#define QCC_DSP_STEP_1x4(unpack)                                                                           \
  "ldr %[xo], [%[x]], #4\n"                                                                                \
  "ldmia %[w]!, {r4, r5, r6, r8}\n" unpack " %[xe], %[xo]\n" unpack " %[xo], %[xo], ror #8\n"              \
  QCC_DSP_CHANNEL_1x4("a0", "r4") QCC_DSP_CHANNEL_1x4("a1", "r5") QCC_DSP_CHANNEL_1x4("a2", "r6") \
  QCC_DSP_CHANNEL_1x4("a3", "r8")
#define QCC_DSP_LOOP_1x4(body)                                                                                    \
  __asm__ volatile("1:\n" body                                                                                    \
                   "ldr %[t], %[end]\n"                                                                           \
                   "cmp %[x], %[t]\n"                                                                             \
                   "bne 1b\n"                                                                                     \
                   : [x] "+r"(x), [w] "+r"(w), [a0] "+r"(a.a0), [a1] "+r"(a.a1), [a2] "+r"(a.a2),                 \
                     [a3] "+r"(a.a3), [xe] "=&r"(xe), [xo] "=&r"(xo), [t] "=&r"(t)                                \
                   : [end] "m"(end)                                                                               \
                   : "r4", "r5", "r6", "r8", "cc", "memory")

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
  uint32_t xe, xo, t;
  const uint8_t *const end = x + 4 * (ptrdiff_t)steps;
  if (steps % 4 == 0 && is_signed)
    QCC_DSP_LOOP_1x4(QCC_DSP_STEP_1x4("sxtb16") QCC_DSP_STEP_1x4("sxtb16") QCC_DSP_STEP_1x4("sxtb16")
                         QCC_DSP_STEP_1x4("sxtb16"));
  else if (is_signed)
    QCC_DSP_LOOP_1x4(QCC_DSP_STEP_1x4("sxtb16"));
  else
    QCC_DSP_LOOP_1x4(QCC_DSP_STEP_1x4("uxtb16"));
#else
  for (int32_t s = 0; s < steps; s++, x += 4, w += 16) a = qcc_dsp_step_1x4(a, qcc_dsp_load(x), w, is_signed);
#endif
  return a;
}

#endif
