/* SPDX-License-Identifier: 0BSD */
/* Runs the float functions on the arguments of a file: for each record {fn, operands, alpha, beta, count} and its floats,
 * `count` results on the standard output. fn -1 is the portable square root; no operands: the doubles inside of the
 * functions, where a contraction shows that the rounding to float hides. Raw, in the byte order of the machine. */
#include <stdio.h>
#include <stdlib.h>

#include "../../runtime-c/isa/scalar/elementwise_f32.h"
#include "../../runtime-c/isa/scalar/unary_f32.h"

struct record {
  int32_t fn, operands;
  float alpha, beta;
  int32_t count;
};

static double apply_double(int32_t fn, double x) {
  switch (fn) {
    case 0: return qcc_exp(x);
    case 1: return qcc_expm1(x);
    case 2: return qcc_log(x);
    case 3: return qcc_log1p(x);
    case 4: return qcc_tanh(x);
    case 5: return qcc_erf_small(x);
    default: return qcc_erfc_large(x, x * x);
  }
}

static int run_doubles(int32_t fn, size_t count, FILE *from) {
  double *x = malloc(count * sizeof *x);
  if (x == NULL || fread(x, sizeof *x, count, from) != count) return 0;
  for (size_t i = 0; i < count; i++) x[i] = apply_double(fn, x[i]);
  count -= fwrite(x, sizeof *x, count, stdout);
  free(x);
  return count == 0;
}

int main(int argc, char **argv) {
  struct record r;
  FILE *from = argc == 2 ? fopen(argv[1], "rb") : NULL;
  if (from == NULL) return 2;
  while (fread(&r, sizeof r, 1, from) == 1) {
    const size_t count = (size_t)r.count;
    float *x, *y;
    if (r.operands == 0) {
      if (!run_doubles(r.fn, count, from)) return 6;
      continue;
    }
    x = malloc(2 * count * sizeof *x);
    y = malloc(count * sizeof *y);
    if (x == NULL || y == NULL) return 3;
    if (fread(x, sizeof *x, count * (size_t)r.operands, from) != count * (size_t)r.operands) return 4;
    if (r.fn < 0) {
      for (size_t i = 0; i < count; i++) y[i] = qcc_sqrtf__portable(x[i]);
    } else if (r.operands == 1) {
      qcc_unary_f32__1__scalar((struct qcc_unary_f32_params){r.fn, r.count}, (struct qcc_unary_f32_data){r.alpha, r.beta}, x, y);
    } else {
      qcc_binary_f32__1__scalar(
          (struct qcc_binary_f32_params){.fn = r.fn, .d0 = 1, .d1 = 1, .d2 = 1, .d3 = 1, .d4 = 1, .d5 = r.count, .a5 = 1, .b5 = 1},
          x, x + count, y);
    }
    if (fwrite(y, sizeof *y, count, stdout) != count) return 5;
    free(x);
    free(y);
  }
  fclose(from);
  return 0;
}
