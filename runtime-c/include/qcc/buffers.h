/* SPDX-License-Identifier: 0BSD */
/* What <model>_run asks of the buffers of its caller, before it touches any: they are there, aligned, and apart. */
#ifndef QCC_BUFFERS_H
#define QCC_BUFFERS_H

#include "qcc/base.h"
#include "qcc/status.h"

struct qcc_buffer {
  const void *at;
  size_t bytes, align; /* align: a power of two */
};

QCC_INLINE int qcc_is_apart(struct qcc_buffer a, struct qcc_buffer b) {
  const uintptr_t x = (uintptr_t)a.at, y = (uintptr_t)b.at;
  return x < y ? y - x >= a.bytes : x - y >= b.bytes;
}

/* The first `inputs` of `count` buffers are only read and may overlap each other. */
QCC_INLINE int qcc_check_buffers(const struct qcc_buffer *buffers, size_t count, size_t inputs) {
  for (size_t i = 0; i < count; i++) {
    if (buffers[i].at == NULL) return QCC_ERROR_NULL;
    if (((uintptr_t)buffers[i].at & (buffers[i].align - 1u)) != 0u) return QCC_ERROR_ALIGNMENT;
  }
  for (size_t i = inputs; i < count; i++)
    for (size_t k = 0; k < i; k++)
      if (!qcc_is_apart(buffers[i], buffers[k])) return QCC_ERROR_OVERLAP;
  return QCC_OK;
}

#endif
