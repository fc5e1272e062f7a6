/* SPDX-License-Identifier: 0BSD */
/* dwconv2d_q8 on Helium: 3x3 windows (dwconv2d_3x3.h) and any other of up to 64 taps (dwconv2d_window.h).
 * One pixel of the size of its window takes neither.
 * s1o, windowo: the result may lie over x (SAME_SHAPE, ONE_COLUMN); t: ties of a fixed-point rule are minded. */
#ifndef QCC_ARM_MVE_DWCONV2D_Q8_H
#define QCC_ARM_MVE_DWCONV2D_Q8_H

#include "dwconv2d_3x3.h"
#include "dwconv2d_window.h"
#include "simd_epilogue.h"

/* stride: of a 3x3 window, 0 for any other; a literal. */
QCC_INLINE void qcc_mve_dwconv2d(int32_t stride, struct qcc_dwconv2d_q8_params p, struct qcc_dwconv2d_q8_data d,
                                 const uint8_t *x, const void *w, const int32_t *bias, const void *scale,
                                 const uint8_t *residual, const uint8_t *table, void *y, void *scratch) {
  if (stride == 0)
    qcc_mve_dwconv2d_window(p, d, x, w, bias, scale, residual, table, y, scratch);
  else
    qcc_mve_dwconv2d_3x3(stride, p, d, x, w, bias, scale, residual, table, y, scratch);
}

/* One pixel: the window is the image, and its taps are the image's pixels. */
QCC_INLINE void qcc_mve_dwconv2d_pixel(struct qcc_dwconv2d_q8_params p, struct qcc_dwconv2d_q8_data d, const uint8_t *x,
                                       const void *w, const int32_t *bias, const void *scale, const uint8_t *table, void *y) {
  const struct qcc_mve_output out = {p.kind, d.e, 0, table, y};
  const int32_t taps = p.kh * p.kw, step = 8 * p.c;
  const uint16x8_t pixels = vmulq_n_u16(vidupq_n_u16(0, 1), (uint16_t)p.c);
  const int8_t *weights = (const int8_t *)w;
  for (int32_t o = 0; o < p.c; o += 4) {
    const int32_t count = p.c - o < 4 ? p.c - o : 4;
    int32_t sums[4] = {0, 0, 0, 0};
    for (int32_t i = 0; i < count; i++, weights += taps) {
      const uint8_t *from = x + o + i;
      const int8_t *of = weights;
      int16x8_t a, b;
      int32_t sum = bias[o + i];
      if (step > 65536) { /* offsets of 16 bits do not reach seven pixels */
        for (int32_t t = 0; t < taps; t++) sum += of[t] * ((const int8_t *)from)[(ptrdiff_t)t * p.c];
        sums[i] = sum;
        continue;
      }
      __asm__ volatile(
          "dlstp.16 lr, %[taps]\n"
          "1:\n\t"
          "vldrb.s16 %q[a], [%[from], %q[pixels]]\n\t"
          "vldrb.s16 %q[b], [%[of]], #8\n\t"
          "add %[from], %[from], %[step]\n\t"
          "vmladava.s16 %[sum], %q[a], %q[b]\n\t"
          "letp lr, 1b"
          : [a] "=&w"(a), [b] "=&w"(b), [sum] "+Te"(sum), [from] "+r"(from), [of] "+l"(of)
          : [taps] "r"(taps), [step] "r"(step), [pixels] "w"(pixels)
          : "lr", "memory");
      sums[i] = sum;
    }
    qcc_mve_finish(out, vldrwq_s32(sums), qcc_mve_load_scale(p.kind, scale, o, count), o, count);
  }
}

#define QCC_MVE_DWCONV2D_PIXEL(name, level)                                                                          \
  QCC_INLINE void qcc_dwconv2d_q8__##name##__arm_mve(                                                                \
      struct qcc_dwconv2d_q8_params p, struct qcc_dwconv2d_q8_data d, const uint8_t *x, const void *w,               \
      const int32_t *bias, const void *scale, const uint8_t *residual, const uint8_t *table, void *y,                \
      void *scratch) {                                                                                               \
    (void)residual;                                                                                                  \
    (void)scratch;                                                                                                   \
    p.kind.proved = level;                                                                                           \
    qcc_mve_dwconv2d_pixel(p, d, x, w, bias, scale, table, y);                                                       \
  }

QCC_MVE_DWCONV2D_PIXEL(pixel, 2)
QCC_MVE_DWCONV2D_PIXEL(pixelt, p.kind.proved)

#define QCC_MVE_DWCONV2D(name, stride, level)                                                                        \
  QCC_INLINE void qcc_dwconv2d_q8__##name##__arm_mve(                                                                \
      struct qcc_dwconv2d_q8_params p, struct qcc_dwconv2d_q8_data d, const uint8_t *x, const void *w,               \
      const int32_t *bias, const void *scale, const uint8_t *residual, const uint8_t *table, void *y,                \
      void *scratch) {                                                                                               \
    p.kind.proved = level;                                                                                           \
    qcc_mve_dwconv2d(stride, p, d, x, w, bias, scale, residual, table, y, scratch);                                  \
  }

QCC_MVE_DWCONV2D(3x3s1o, 1, 2)
QCC_MVE_DWCONV2D(3x3s1, 1, 2)
QCC_MVE_DWCONV2D(3x3s2, 2, 2)
QCC_MVE_DWCONV2D(window, 0, 2)
QCC_MVE_DWCONV2D(windowo, 0, 2)
QCC_MVE_DWCONV2D(3x3s1ot, 1, p.kind.proved)
QCC_MVE_DWCONV2D(3x3s1t, 1, p.kind.proved)
QCC_MVE_DWCONV2D(3x3s2t, 2, p.kind.proved)
QCC_MVE_DWCONV2D(windowt, 0, p.kind.proved)
QCC_MVE_DWCONV2D(windowot, 0, p.kind.proved)

#endif
