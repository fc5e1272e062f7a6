/* SPDX-License-Identifier: 0BSD */
/* What a build with an observer can see of its steps. model_io.h of such a build defines QCC_HOST_STEPS, QCC_HOST_VALUES,
 * the table qcc_host_values in order of steps, and qcc_host_observer, which the model calls with the number of steps done. */
#ifndef QCC_HOST_OBSERVE_H
#define QCC_HOST_OBSERVE_H

#include <stddef.h>

struct qcc_host_value {
  unsigned step; /* the value is complete after this one */
  int output;    /* index of the output that holds it, -1: the arena does */
  size_t offset, bytes;
};

/* Float32 values that calibration reads, see model_io.h. */
struct qcc_host_watched_tensor {
  unsigned after;
  int place;
  size_t offset, outer, channels, inner;
};

#endif
