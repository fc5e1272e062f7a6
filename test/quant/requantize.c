/* SPDX-License-Identifier: 0BSD */
/* Evaluates the functions of qcc/requantize.h and qcc_fmaf on arguments made by requantize.test.ts.
 * stdin: records of six 32-bit words: function, five arguments as bits; stdout: one word of result bits each. */
#include <stdio.h>

#include "qcc/math.h"
#include "qcc/requantize.h"

static uint32_t apply(const uint32_t *r) {
  const int32_t zp = (int32_t)r[3], lo = (int32_t)r[4], hi = (int32_t)r[5];
  const float a = qcc_f32_of_bits(r[1]), b = qcc_f32_of_bits(r[2]), c = qcc_f32_of_bits(r[3]);
  switch (r[0]) {
    case 0: return (uint32_t)qcc_requantize((int32_t)r[1], b, zp, lo, hi);
    case 1: return (uint32_t)qcc_requantize_proved((int32_t)r[1], b, zp, lo, hi);
    case 2: return (uint32_t)qcc_quantize_f32(a, b, zp, lo, hi);
    case 3: return qcc_bits_of_f32(qcc_dequantize((int32_t)r[1], b, zp));
    case 4: return (uint32_t)qcc_round_half_even(a);
    case 5: return (uint32_t)qcc_round_half_even__portable(a);
    case 6: return qcc_bits_of_f32(qcc_fmaf(a, b, c));
    default: return (uint32_t)qcc_round_to_stored(a, zp, lo, hi);
  }
}

int main(void) {
  uint32_t record[6], result;
  while (fread(record, sizeof record, 1, stdin) == 1) {
    result = apply(record);
    if (fwrite(&result, sizeof result, 1, stdout) != 1) return 1;
  }
  return 0;
}
