/* SPDX-License-Identifier: 0BSD */
/* NumPy's .npy files: versions 1, 2 and 3, C order, little-endian. Nothing is converted: type and shape must be the
 * model's own. Both functions print what is wrong to stderr, with the file's name, and return 0 for success. */
#ifndef QCC_HOST_NPY_H
#define QCC_HOST_NPY_H

#include "tensor.h"

/* Reads t->bytes bytes into `data`. */
int qcc_npy_read(const char *file, const struct qcc_host_tensor *t, void *data);
/* Writes a temporary file beside `file` and renames it: a reader never sees half a file. */
int qcc_npy_write(const char *file, const struct qcc_host_tensor *t, const void *data);

#endif
