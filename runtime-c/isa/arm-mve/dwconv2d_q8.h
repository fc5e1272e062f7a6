/* SPDX-License-Identifier: 0BSD */
/* dwconv2d_q8 on Helium: 3x3 windows (dwconv2d_3x3.h) and any other of up to 64 taps (dwconv2d_window.h).
 * s1o, windowo: the result may lie over x (SAME_SHAPE, ONE_COLUMN); t: ties of a fixed-point rule are minded. */
#ifndef QCC_ARM_MVE_DWCONV2D_Q8_H
#define QCC_ARM_MVE_DWCONV2D_Q8_H

#include "dwconv2d_3x3.h"
#include "dwconv2d_window.h"

/* stride: of a 3x3 window, 0 for any other; a literal. */
QCC_INLINE void qcc_mve_dwconv2d(int32_t stride, struct qcc_dwconv2d_q8_params p, struct qcc_dwconv2d_q8_data d,
                                 const uint8_t *x, const void *w, const int32_t *bias, const void *scale,
                                 const uint8_t *residual, const uint8_t *table, void *y, void *scratch) {
  if (stride == 0)
    qcc_mve_dwconv2d_window(p, d, x, w, bias, scale, residual, table, y, scratch);
  else
    qcc_mve_dwconv2d_3x3(stride, p, d, x, w, bias, scale, residual, table, y, scratch);
}

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
