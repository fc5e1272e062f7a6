/* SPDX-License-Identifier: 0BSD */
/* The inner loop of dwconv2d_q8's 3x3 kernel on arm-dsp, by hand: gcc spills the accumulators.
 *
 * Four neighbouring results of one channel out of planes of s16, QCC_DSP_PLANE_ROW words a row, two neighbours in a word.
 * A row of weights is two words: a = (w0, w1), b = (w1, w2).
 *
 *   stride 1, words (x0 x1) (x2 x3) (x4 x5):   0: smlad(01, a) + smlabt(23, b)     1: smlatb(01, a) + smlad(23, b)
 *                                              2: smlad(23, a) + smlabt(45, b)     3: smlatb(23, a) + smlad(45, b)
 *   stride 2, words (x0 x1) .. (x8 x9):        i: smlad(word i, a) + smlabt(word i + 1, b)
 *
 * Twelve registers. A build without optimization gets plain C. */
#ifndef QCC_ARM_DSP_DWCONV2D_DOT_H
#define QCC_ARM_DSP_DWCONV2D_DOT_H

#include "conv2d_dot.h"

/* Words of a row of a plane: 32 values. */
enum { QCC_DSP_PLANE_ROW = 16 };

struct qcc_dsp_four {
  int32_t a0, a1, a2, a3;
};

/* Offsets in bytes of the words of row k: 64 k, and of its weights: 8 k. `s0`..`s3`: what the row is added to. */
#define QCC_DSP_ROW_S1(w, x, x2at, s0, s1, s2, s3)                                   \
  "ldrd %[wa], %[wb], [%[w], #" w "]\n"                                              \
  "ldrd %[x0], %[x1], [%[x], #" x "]\n"                                              \
  "ldr %[x2], [%[x], #" x2at "]\n"                                                   \
  "smlad %[a0], %[x0], %[wa], %[" s0 "]\n"                                           \
  "smlatb %[a1], %[x0], %[wa], %[" s1 "]\n"                                          \
  "smlad %[a2], %[x1], %[wa], %[" s2 "]\n"                                           \
  "smlatb %[a3], %[x1], %[wa], %[" s3 "]\n"                                          \
  "smlabt %[a0], %[x1], %[wb], %[a0]\n"                                              \
  "smlad %[a1], %[x1], %[wb], %[a1]\n"                                               \
  "smlabt %[a2], %[x2], %[wb], %[a2]\n"                                              \
  "smlad %[a3], %[x2], %[wb], %[a3]\n"
#define QCC_DSP_ROW_S2(w, x, x2at, x4at, s0, s1, s2, s3)                             \
  "ldrd %[wa], %[wb], [%[w], #" w "]\n"                                              \
  "ldrd %[x0], %[x1], [%[x], #" x "]\n"                                              \
  "smlad %[a0], %[x0], %[wa], %[" s0 "]\n"                                           \
  "smlabt %[a0], %[x1], %[wb], %[a0]\n"                                              \
  "smlad %[a1], %[x1], %[wa], %[" s1 "]\n"                                           \
  "ldrd %[x0], %[x2], [%[x], #" x2at "]\n"                                           \
  "ldr %[x1], [%[x], #" x4at "]\n"                                                   \
  "smlabt %[a1], %[x0], %[wb], %[a1]\n"                                              \
  "smlad %[a2], %[x0], %[wa], %[" s2 "]\n"                                           \
  "smlabt %[a2], %[x2], %[wb], %[a2]\n"                                              \
  "smlad %[a3], %[x2], %[wa], %[" s3 "]\n"                                           \
  "smlabt %[a3], %[x1], %[wb], %[a3]\n"
#define QCC_DSP_FOUR(rows)                                                                                          \
  __asm__(rows                                                                                                      \
          : [a0] "=&r"(a.a0), [a1] "=&r"(a.a1), [a2] "=&r"(a.a2), [a3] "=&r"(a.a3), [wa] "=&r"(wa), [wb] "=&r"(wb), \
            [x0] "=&r"(x0), [x1] "=&r"(x1), [x2] "=&r"(x2)                                                          \
          : [x] "r"(x), [w] "r"(w), [s] "r"(start)                                                                  \
          : "memory")

#if !QCC_DSP_BY_HAND
QCC_INLINE int32_t qcc_dsp_value(const uint32_t *x, int32_t i) {
  return (int32_t)(int16_t)(uint16_t)(i & 1 ? x[i >> 1] >> 16 : x[i >> 1] & UINT32_C(0xffff));
}
#endif

/* w: three pairs of words. */
QCC_INLINE struct qcc_dsp_four qcc_dsp_dw_four(const uint32_t *x, const uint32_t *w, int32_t start, int32_t stride) {
  struct qcc_dsp_four a;
#if QCC_DSP_BY_HAND
  uint32_t wa, wb, x0, x1, x2;
  if (stride == 1)
    QCC_DSP_FOUR(QCC_DSP_ROW_S1("0", "0", "8", "s", "s", "s", "s") QCC_DSP_ROW_S1("8", "64", "72", "a0", "a1", "a2", "a3")
                     QCC_DSP_ROW_S1("16", "128", "136", "a0", "a1", "a2", "a3"));
  else
    QCC_DSP_FOUR(QCC_DSP_ROW_S2("0", "0", "8", "16", "s", "s", "s", "s")
                     QCC_DSP_ROW_S2("8", "64", "72", "80", "a0", "a1", "a2", "a3")
                         QCC_DSP_ROW_S2("16", "128", "136", "144", "a0", "a1", "a2", "a3"));
#else
  int32_t sums[4];
  for (int32_t i = 0; i < 4; i++) {
    sums[i] = start;
    for (int32_t k = 0; k < 3; k++) {
      const uint32_t *const row = x + QCC_DSP_PLANE_ROW * k;
      sums[i] += qcc_dsp_value(row, i * stride) * qcc_dsp_value(w + 2 * k, 0) +
                 qcc_dsp_value(row, i * stride + 1) * qcc_dsp_value(w + 2 * k, 1) +
                 qcc_dsp_value(row, i * stride + 2) * qcc_dsp_value(w + 2 * k, 3);
    }
  }
  a = (struct qcc_dsp_four){sums[0], sums[1], sums[2], sums[3]};
#endif
  return a;
}

#endif
