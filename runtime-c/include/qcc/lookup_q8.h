/* SPDX-License-Identifier: 0BSD */
/* Contract of family lookup_q8: any function of 8 bits:  y = table[x]. The compiler makes the table
 * (256 bytes, indexed by the stored byte), so a requantization to another scale is this family too.
 * y may alias x exactly. */
#ifndef QCC_LOOKUP_Q8_H
#define QCC_LOOKUP_Q8_H

#include "qcc/base.h"

struct qcc_lookup_q8_params {
  int32_t count;
};

typedef void qcc_lookup_q8_fn(struct qcc_lookup_q8_params p, const uint8_t *x, const uint8_t *table, uint8_t *y);

#endif
