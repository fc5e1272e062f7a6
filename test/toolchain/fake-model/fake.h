/* SPDX-License-Identifier: 0BSD */
/* A hand-written model for tests of the toolchain and of runtime-c/host: y = 2 * x - bias, t = x > 0. */
#ifndef FAKE_H
#define FAKE_H

#include <stdint.h>

enum qcc_status { QCC_OK = 0, QCC_ERROR_NULL = 1, QCC_ERROR_ALIGNMENT = 2, QCC_ERROR_CPU = 3 };

#if defined(__GNUC__)
#define FAKE_API __attribute__((visibility("default")))
#else
#define FAKE_API
#endif

struct fake_inputs {
  const int8_t *x;    /* s8[1,8] */
  const float *scale; /* f32[] */
};
struct fake_outputs {
  int8_t *y; /* s8[1,8] */
  float *z;  /* f32[2,4] */
};
struct fake_memory {
  void *arena; /* 64 bytes */
};

FAKE_API int fake_run(const struct fake_inputs *in, const struct fake_outputs *out, const struct fake_memory *memory);

#endif
