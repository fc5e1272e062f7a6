/* SPDX-License-Identifier: 0BSD */
/* A model's inputs and outputs as the executable sees them: description, deterministic filling, printing. */
#ifndef QCC_HOST_TENSOR_H
#define QCC_HOST_TENSOR_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum qcc_dtype {
  QCC_S8,
  QCC_U8,
  QCC_S16,
  QCC_U16,
  QCC_S32,
  QCC_U32,
  QCC_S64,
  QCC_U64,
  QCC_BOOL,
  QCC_F16, /* the bits of IEEE 754 binary16 */
  QCC_F32,
  QCC_F64
};

struct qcc_host_tensor {
  const char *name; /* as the model spells it */
  enum qcc_dtype dtype;
  int rank;            /* 0: scalar */
  const int64_t *dims; /* rank of them; may be null for a scalar */
  size_t bytes;
  int is_quantized; /* 1: real = scale * (stored - zero_point) */
  float scale;
  int32_t zero_point;
  int64_t lo, hi; /* stored values a seeded integer input takes, both included; not used for floats */
};

size_t qcc_host_size(enum qcc_dtype dtype);       /* bytes of one element */
const char *qcc_host_dtype(enum qcc_dtype dtype); /* NumPy's name: int8, uint8, float32, ... */
size_t qcc_host_elements(const struct qcc_host_tensor *t);

/* Fills input number `index` with numbers that depend on `index`, dtype, lo and hi only. xorshift32 (13, 17, 5) from
 * state 2463534242 + 2654435769 * index (mod 2^32; 1 if that is 0), one step x per element:
 * integers lo + x % (hi - lo + 1), floats (x >> 8) / 2^23 - 1, in [-1, 1) and exact; the nearest float16, ties to even. */
void qcc_host_seed(const struct qcc_host_tensor *t, size_t index, void *data);

/* "int8 [1,49,10,1]" */
void qcc_host_print_type(FILE *to, enum qcc_dtype dtype, int rank, const int64_t *dims);
/* A JSON string, quotes included. Names come from a stranger's file: control characters are escaped everywhere. */
void qcc_host_print_quoted(FILE *to, const char *text);
/* {"name":..,"dtype":..,"shape":[..]} and, where it is quantized, "scale" and "zero_point"; without the closing brace. */
void qcc_host_print_description(FILE *to, const struct qcc_host_tensor *t);
/* The largest five values where at most one dimension is not 1, else the first five. */
void qcc_host_print_values(FILE *to, const struct qcc_host_tensor *t, const void *data);
void qcc_host_print_values_json(FILE *to, const struct qcc_host_tensor *t, const void *data);
/* 1 and a message where `text` looks like NAME=FILE, but none of the tensors has that name. "run=3/a.npy" and "./a=b.npy" are
 * paths, and so is the name of a file that is there. */
int qcc_host_misnamed(const char *what, const struct qcc_host_tensor *tensors, size_t count, const char *text);

#endif
