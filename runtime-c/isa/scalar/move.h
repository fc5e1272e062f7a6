/* SPDX-License-Identifier: 0BSD */
/* What only moves elements, in plain C: strided copy, padding, gather. Runs of neighbours are copied at once. */
#ifndef QCC_SCALAR_MOVE_H
#define QCC_SCALAR_MOVE_H

#include "qcc/gather.h"
#include "qcc/move.h"
#include "qcc/pad.h"

/* Words of any object: what is moved may be floats. */
#if QCC_GNU
typedef uint16_t __attribute__((may_alias)) qcc_any16;
typedef uint32_t __attribute__((may_alias)) qcc_any32;
typedef uint64_t __attribute__((may_alias)) qcc_any64;
#else
typedef uint16_t qcc_any16;
typedef uint32_t qcc_any32;
typedef uint64_t qcc_any64;
#endif

#define QCC_SCALAR_MOVE(type)                                                                                     \
  for (int32_t i0 = 0; i0 < p.d0; i0++)                                                                           \
    for (int32_t i1 = 0; i1 < p.d1; i1++)                                                                         \
      for (int32_t i2 = 0; i2 < p.d2; i2++)                                                                       \
        for (int32_t i3 = 0; i3 < p.d3; i3++)                                                                     \
          for (int32_t i4 = 0; i4 < p.d4; i4++) {                                                                 \
            const type *xi =                                                                                      \
                (const type *)x + (p.x_first + i0 * p.x0 + i1 * p.x1 + i2 * p.x2 + i3 * p.x3 + i4 * p.x4);        \
            type *yi = (type *)y + (p.y_first + i0 * p.y0 + i1 * p.y1 + i2 * p.y2 + i3 * p.y3 + i4 * p.y4);       \
            if (p.x5 == 1 && p.y5 == 1)                                                                           \
              qcc_copy(yi, xi, (size_t)p.d5 * sizeof(type));                                                      \
            else                                                                                                  \
              for (int32_t i5 = 0; i5 < p.d5; i5++) yi[i5 * p.y5] = xi[i5 * p.x5];                                \
          }

QCC_INLINE void qcc_move__1__scalar(struct qcc_move_params p, const void *x, void *y) {
  if (p.size == 1) {
    QCC_SCALAR_MOVE(uint8_t)
  } else if (p.size == 2) {
    QCC_SCALAR_MOVE(qcc_any16)
  } else if (p.size == 4) {
    QCC_SCALAR_MOVE(qcc_any32)
  } else {
    QCC_SCALAR_MOVE(qcc_any64)
  }
}

/* Is output index i inside the original? */
QCC_INLINE int qcc_pad_is_inside(int32_t i, int32_t before, int32_t d) { return i >= before && i < before + d; }

#define QCC_SCALAR_PAD_OVER(n) for (int32_t i##n = 0; i##n < p.before##n + p.d##n + p.after##n; i##n++)
#define QCC_SCALAR_PAD(type, value)                                                                            \
  do {                                                                                                         \
    const type *xi = (const type *)x;                                                                          \
    type *yi = (type *)y;                                                                                      \
    const type v = (type)(value);                                                                              \
    QCC_SCALAR_PAD_OVER(0)                                                                                     \
    QCC_SCALAR_PAD_OVER(1)                                                                                     \
    QCC_SCALAR_PAD_OVER(2)                                                                                     \
    QCC_SCALAR_PAD_OVER(3)                                                                                     \
    QCC_SCALAR_PAD_OVER(4) {                                                                                   \
      const int inside = qcc_pad_is_inside(i0, p.before0, p.d0) && qcc_pad_is_inside(i1, p.before1, p.d1) &&   \
                         qcc_pad_is_inside(i2, p.before2, p.d2) && qcc_pad_is_inside(i3, p.before3, p.d3) &&   \
                         qcc_pad_is_inside(i4, p.before4, p.d4);                                               \
      const int32_t front = inside ? p.before5 : p.before5 + p.d5 + p.after5;                                  \
      for (int32_t i = 0; i < front; i++) *yi++ = v;                                                           \
      if (inside) {                                                                                            \
        qcc_copy(yi, xi, (size_t)p.d5 * sizeof(type));                                                         \
        xi += p.d5;                                                                                            \
        yi += p.d5;                                                                                            \
        for (int32_t i = 0; i < p.after5; i++) *yi++ = v;                                                      \
      }                                                                                                        \
    }                                                                                                          \
  } while (0)

QCC_INLINE void qcc_pad__1__scalar(struct qcc_pad_params p, struct qcc_pad_data d, const void *x, void *y) {
  const uint32_t low = (uint32_t)d.low;
  if (p.size == 1)
    QCC_SCALAR_PAD(uint8_t, low & 0xffu);
  else if (p.size == 2)
    QCC_SCALAR_PAD(qcc_any16, low & 0xffffu);
  else if (p.size == 4)
    QCC_SCALAR_PAD(qcc_any32, low);
  else
    QCC_SCALAR_PAD(qcc_any64, (uint64_t)(uint32_t)d.high << 32 | low);
}

QCC_INLINE void qcc_gather__1__scalar(struct qcc_gather_params p, const void *x, const void *index, void *y) {
  const unsigned char *xo = (const unsigned char *)x;
  unsigned char *yi = (unsigned char *)y;
  for (int32_t o = 0; o < p.outer; o++) {
    for (int32_t k = 0; k < p.count; k++) {
      int64_t at = p.index_bytes == 8 ? ((const int64_t *)index)[k] : ((const int32_t *)index)[k];
      if (!p.is_inside) {
        if (at < 0) at += p.dim;
        at = at < 0 ? 0 : at > p.dim - 1 ? p.dim - 1 : at;
      }
      qcc_copy(yi, xo + (size_t)at * (size_t)p.run, (size_t)p.run);
      yi += p.run;
    }
    xo += (size_t)p.dim * (size_t)p.run;
  }
}

#endif
