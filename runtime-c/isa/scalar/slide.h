/* SPDX-License-Identifier: 0BSD */
/* slide in plain C; the formula is in qcc/slide.h. */
#ifndef QCC_SCALAR_SLIDE_H
#define QCC_SCALAR_SLIDE_H

#include "qcc/slide.h"

QCC_INLINE void qcc_slide__1__scalar(struct qcc_slide_params p, const void *x, void *y) {
#if QCC_GNU
  __builtin_memmove(y, x, (size_t)p.bytes);
#else
  const unsigned char *const from = (const unsigned char *)x;
  unsigned char *const to = (unsigned char *)y;
  for (size_t i = 0; i < (size_t)p.bytes; i++) to[i] = from[i];
#endif
}

#endif
