/* SPDX-License-Identifier: 0BSD */
#ifndef QCC_HOST_MODEL_IO_H
#define QCC_HOST_MODEL_IO_H

#include "../fake.h"
#include "tensor.h"

#define QCC_HOST_MODEL "fake"
#define QCC_HOST_VERSION "0.0.0"
#define QCC_HOST_TARGET "any"
#define QCC_HOST_CPU "avx2 fma"
#define QCC_HOST_SHA256 "00ff"
#define QCC_HOST_ARENA_BYTES 64
#define QCC_HOST_ARENA_ALIGN 32
#define QCC_HOST_WEIGHTS_BYTES 8
#define QCC_HOST_INPUTS 2
#define QCC_HOST_OUTPUTS 2

static const int64_t qcc_host_dims_0[] = {1, 8};
static const int64_t qcc_host_dims_1[] = {2, 4};

static const struct qcc_host_tensor qcc_host_inputs[QCC_HOST_INPUTS + 1] = {
    {"x", QCC_S8, 2, qcc_host_dims_0, 8, 1, 0x1p-1f, -3, -128, 127},
    {"serving:scale=0", QCC_F32, 0, NULL, 4, 0, 1.0f, 0, 0, 0},
    {0},
};
static const struct qcc_host_tensor qcc_host_outputs[QCC_HOST_OUTPUTS + 1] = {
    {"y \"1\"\x1b", QCC_S8, 2, qcc_host_dims_0, 8, 1, 0x1p-2f, 4, -128, 127},
    {"z", QCC_F32, 2, qcc_host_dims_1, 32, 0, 1.0f, 0, 0, 0},
    {0},
};

static int qcc_host_run(const void *const *inputs, void *const *outputs, void *arena) {
  const struct fake_inputs in = {inputs[0], inputs[1]};
  const struct fake_outputs out = {outputs[0], outputs[1]};
  const struct fake_memory memory = {arena};
  return fake_run(&in, &out, &memory);
}

#endif
