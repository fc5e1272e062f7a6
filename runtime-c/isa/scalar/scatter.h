/* SPDX-License-Identifier: 0BSD */
/* Entries written into a copy, in plain C. */
#ifndef QCC_SCALAR_SCATTER_H
#define QCC_SCALAR_SCATTER_H

#include "qcc/scatter.h"

QCC_INLINE size_t qcc_scatter_place(int64_t at, int32_t dim) {
  if (at < 0) at += dim;
  return (size_t)(at < 0 ? 0 : at > dim - 1 ? dim - 1 : at);
}

QCC_INLINE void qcc_scatter__1__scalar(struct qcc_scatter_params p, const void *x, const int64_t *index, const void *updates,
                                       void *y) {
  const size_t run = (size_t)p.run;
  const unsigned char *u = (const unsigned char *)updates;
  if (x != y) qcc_copy(y, x, (size_t)p.dim * run);
  for (int32_t i = 0; i < p.count; i++, u += run)
    qcc_copy((unsigned char *)y + qcc_scatter_place(index[i], p.dim) * run, u, run);
}

#define QCC_SCALAR_SCATTER(name, type, add, mul)                                                                      \
  QCC_INLINE void name(struct qcc_scatter_join_params p, const type *x, const int64_t *index, const type *updates,    \
                       type *y) {                                                                                     \
    const size_t run = (size_t)p.run;                                                                                 \
    if (x != y) qcc_copy(y, x, (size_t)p.dim * run * sizeof(type));                                                   \
    for (int32_t i = 0; i < p.count; i++) {                                                                           \
      type *const to = y + qcc_scatter_place(index[i], p.dim) * run;                                                  \
      for (size_t j = 0; j < run; j++) {                                                                              \
        const type a = to[j], b = *updates++;                                                                         \
        switch (p.fn) {                                                                                               \
          case QCC_SCATTER_ADD: to[j] = add(a, b); break;                                                             \
          case QCC_SCATTER_MUL: to[j] = mul(a, b); break;                                                             \
          case QCC_SCATTER_MAX: to[j] = b > a ? b : a; break;                                                         \
          default: to[j] = b < a ? b : a; break;                                                                      \
        }                                                                                                             \
      }                                                                                                               \
    }                                                                                                                 \
  }

#define QCC_SUM(a, b) ((a) + (b))
#define QCC_SUM_32(a, b) ((int32_t)((uint32_t)(a) + (uint32_t)(b)))
#define QCC_PRODUCT_32(a, b) ((int32_t)((uint32_t)(a) * (uint32_t)(b)))
#define QCC_SUM_64(a, b) ((int64_t)((uint64_t)(a) + (uint64_t)(b)))
#define QCC_PRODUCT_64(a, b) ((int64_t)((uint64_t)(a) * (uint64_t)(b)))
QCC_SCALAR_SCATTER(qcc_scatter_f32__1__scalar, float, QCC_SUM, qcc_mulf)
QCC_SCALAR_SCATTER(qcc_scatter_s32__1__scalar, int32_t, QCC_SUM_32, QCC_PRODUCT_32)
QCC_SCALAR_SCATTER(qcc_scatter_s64__1__scalar, int64_t, QCC_SUM_64, QCC_PRODUCT_64)
#undef QCC_SUM
#undef QCC_SUM_32
#undef QCC_PRODUCT_32
#undef QCC_SUM_64
#undef QCC_PRODUCT_64
#undef QCC_SCALAR_SCATTER

#endif
