/* SPDX-License-Identifier: 0BSD */
#include <stdint.h>

extern const int8_t fake_bias[8];
const int8_t fake_bias[8] = {0, 1, 2, 3, 4, 5, 6, 7};
