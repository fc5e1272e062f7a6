/* SPDX-License-Identifier: 0BSD */
/* Values of a slice in order, and their running sums, in plain C. */
#ifndef QCC_SCALAR_TOP_K_H
#define QCC_SCALAR_TOP_K_H

#include "epilogue.h"
#include "qcc/top_k.h"

/* The best so far lie in y and index; n of them. */
#define QCC_SCALAR_TOP_K(name, type, wide, value)                                                             \
  QCC_INLINE void name(struct qcc_top_k_params p, const type *x, type *y, int64_t *index) {                   \
    const size_t step = (size_t)p.inner;                                                                      \
    for (int32_t o = 0; o < p.outer; o++)                                                                     \
      for (size_t i = 0; i < step; i++) {                                                                     \
        const type *const xi = x + (size_t)o * (size_t)p.dim * step + i;                                      \
        type *const yi = y + (size_t)o * (size_t)p.k * step + i;                                              \
        int64_t *const at = index + (size_t)o * (size_t)p.k * step + i;                                       \
        size_t n = 0;                                                                                         \
        for (int32_t j = 0; j < p.dim; j++) {                                                                 \
          const type v = xi[(size_t)j * step];                                                                \
          const wide w = value(v);                                                                            \
          size_t to = n;                                                                                      \
          for (; to > 0; to--) {                                                                              \
            const type before = yi[(to - 1) * step];                                                          \
            if (!(p.least ? w < value(before) : w > value(before))) break;                                    \
            if (to < (size_t)p.k) {                                                                           \
              yi[to * step] = before;                                                                         \
              at[to * step] = at[(to - 1) * step];                                                            \
            }                                                                                                 \
          }                                                                                                   \
          if (to < (size_t)p.k) {                                                                             \
            yi[to * step] = v;                                                                                \
            at[to * step] = j;                                                                                \
            if (n < (size_t)p.k) n++;                                                                         \
          }                                                                                                   \
        }                                                                                                     \
      }                                                                                                       \
  }

#define QCC_AS_IS(v) (v)
#define QCC_STORED(v) qcc_stored(v, p.x_signed)
QCC_SCALAR_TOP_K(qcc_top_k_f32__1__scalar, float, float, QCC_AS_IS)
QCC_SCALAR_TOP_K(qcc_top_k_q8__1__scalar, uint8_t, int32_t, QCC_STORED)
QCC_SCALAR_TOP_K(qcc_top_k_s32__1__scalar, int32_t, int32_t, QCC_AS_IS)
QCC_SCALAR_TOP_K(qcc_top_k_s64__1__scalar, int64_t, int64_t, QCC_AS_IS)
#undef QCC_AS_IS
#undef QCC_STORED
#undef QCC_SCALAR_TOP_K

#define QCC_SCALAR_CUMULATIVE(name, type, wide)                                            \
  QCC_INLINE void name(struct qcc_cumulative_params p, const type *x, type *y) {           \
    const size_t step = (size_t)p.inner;                                                   \
    for (int32_t o = 0; o < p.outer; o++)                                                  \
      for (size_t i = 0; i < step; i++) {                                                  \
        const size_t base = (size_t)o * (size_t)p.dim * step + i;                          \
        wide sum = 0;                                                                      \
        for (int32_t t = 0; t < p.dim; t++) {                                              \
          const size_t at = base + (size_t)(p.reverse ? p.dim - 1 - t : t) * step;         \
          const wide next = sum + (wide)x[at];                                             \
          y[at] = (type)(p.exclusive ? sum : next);                                        \
          sum = next;                                                                      \
        }                                                                                  \
      }                                                                                    \
  }

QCC_SCALAR_CUMULATIVE(qcc_cumulative_f32__1__scalar, float, float)
QCC_SCALAR_CUMULATIVE(qcc_cumulative_s32__1__scalar, int32_t, uint32_t)
QCC_SCALAR_CUMULATIVE(qcc_cumulative_s64__1__scalar, int64_t, uint64_t)
#undef QCC_SCALAR_CUMULATIVE

#endif
