/* SPDX-License-Identifier: 0BSD */
/* Evaluates the fixed-point rules of qcc/requantize.h on arguments made by fixed-point.test.ts.
 * stdin: records of four 32-bit words: function, accumulator, multiplier, shift; stdout: one word each. */
#include <stdio.h>

#include "qcc/requantize.h"

int main(void) {
  int32_t r[4];
  while (fread(r, sizeof r, 1, stdin) == 1) {
    const int32_t result = r[0] == 0 ? qcc_fixed_double(r[1], r[2], r[3]) : qcc_fixed_single(r[1], r[2], r[3]);
    if (fwrite(&result, sizeof result, 1, stdout) != 1) return 1;
  }
  return 0;
}
