/* SPDX-License-Identifier: 0BSD */
/* What the cases of conv2d_q8 and dwconv2d_q8 share: activations, weights, biases, multipliers and epilogues at their
 * edges, within what a kernel's preconditions promise.
 *
 * Logical weights are [oc][k], k the flattened taps of one output channel; each family packs them. */
#ifndef QCC_CHECK_CONVOLUTION_H
#define QCC_CHECK_CONVOLUTION_H

#include "check_elements.h"
#include "check_fixed.h"
#include "check_quads_limit.h"
#include "check_zeros_limit.h"
#include "qcc/epilogue.h"

struct check_convolution {
  struct check_kernel kernel;
  int32_t oc, k;
  size_t x_bytes, y_count; /* elements of x, of y */
  int32_t x_signed, x_min, x_max, pad;
  int16_t *w;
  int32_t *bias;
  void *scale; /* null for QCC_OUT_S32 */
  uint8_t *x, *residual, *table;
  struct qcc_epilogue_kind kind;
  struct qcc_epilogue_data e;
};

/* Weights of 16 bits. */
static int check_is_wide(struct check_kernel k) { return strstr(k.packing, "_s16") != 0; }

/* Packing _xs8 (_xu8): the kernel reads u8 activations as x - 128 (s8 as x + 128), and its bias makes up for that, modulo
 * 2^32. */
static void check_convolution_shift(struct check_convolution *c) {
  if (strstr(c->kernel.packing, c->x_signed ? "_xu8" : "_xs8") == 0) return;
  for (int32_t o = 0; o < c->oc; o++) {
    int64_t sum = 0;
    for (int32_t i = 0; i < c->k; i++) sum += c->w[(size_t)o * (size_t)c->k + (size_t)i];
    c->bias[o] = (int32_t)(uint32_t)(c->bias[o] + (c->x_signed ? -128 : 128) * sum);
  }
}

/* Windows of one dimension: how many there are, or 0 if there is none. */
static int32_t check_windows(int32_t size, int32_t before, int32_t after, int32_t extent, int32_t stride) {
  return size + before + after < extent ? 0 : (size + before + after - extent) / stride + 1;
}

static void check_convolution_x(struct check_convolution *c) {
  const int reduced = check_once_in(4);
  c->x_min = c->x_signed ? (reduced ? -127 : -128) : 0;
  c->x_max = c->x_signed ? 127 : reduced ? CHECK_PICK(127, 200, 254) : 255;
  c->pad = check_once_in(3) ? c->x_min : check_once_in(3) ? c->x_max : check_between(c->x_min, c->x_max);
  c->x = check_place(CHECK_X, c->x_bytes, c->kernel.slack, 1);
  const int32_t fill = check_between(0, 5);
  for (size_t i = 0; i < c->x_bytes; i++) {
    int32_t v = check_between(c->x_min, c->x_max);
    if (fill == 0) v = c->x_max;
    if (fill == 1) v = c->x_min;
    if (fill == 2) v = i & 1 ? c->x_max : c->x_min;
    if (fill == 3 && check_random() % 8 != 0) v = c->pad;
    c->x[i] = (uint8_t)v;
  }
}

static int64_t check_convolution_reach(const struct check_convolution *c, int32_t o);

/* WINOGRAD_F4: sums of channel o stay below 2^25; those that would not are brought to the edge. */
static void check_convolution_shrink(struct check_convolution *c, int32_t o) {
  for (int32_t i = 0; i < c->k && check_convolution_reach(c, o) >= 1 << 25; i++) c->w[(size_t)o * (size_t)c->k + (size_t)i] = 0;
}

static void check_convolution_w(struct check_convolution *c) {
  const int wide = check_is_wide(c->kernel);
  int32_t high = 127, low = check_needs(c->kernel, "WEIGHTS_NOT_MIN") ? -127 : -128;
  if (wide && check_once_in(3)) low = -255, high = 255;
  if (check_needs(c->kernel, "TWO_S8"))
    low = CHECK_PICK(-128, -130, -256), high = CHECK_PICK(127, 130, 254);
  else if (wide && check_once_in(4)) low = c->k > 120 ? -1000 : -32768, high = c->k > 120 ? 1000 : 32767;
  const int32_t fill = check_between(0, 5);
  const size_t count = (size_t)c->oc * (size_t)c->k;
  c->w = malloc(count * sizeof *c->w + 1);
  if (c->w == 0) abort();
  for (size_t i = 0; i < count; i++) {
    int32_t v = check_between(low, high);
    if (fill == 0) v = high;
    if (fill == 1) v = low;
    if (fill == 2) v = i & 1 ? low : high;
    if (fill == 3) v = check_between(-3, 3);
    c->w[i] = (int16_t)v;
  }
  if (strstr(c->kernel.packing, "_s8z") != 0) check_zeros_limit(c->w, c->oc, c->k);
  if (check_needs(c->kernel, "PAIR_SUM_FITS_S16")) check_pairs_limit(c->w, c->oc, c->k, 32767 / (c->x_max > 0 ? c->x_max : 1));
  if (check_needs(c->kernel, "OCTS_FIT_S16")) check_octs_spread(c->w, count);
  if (check_needs(c->kernel, "QUADS_FIT_S16")) check_quads_limit(c->w, c->oc, c->k);
  if (check_needs(c->kernel, "WINOGRAD_F4"))
    for (int32_t o = 0; o < c->oc; o++) check_convolution_shrink(c, o);
}

/* The largest magnitude a partial sum of channel o reaches without its bias, over every x in range. */
static int64_t check_convolution_reach(const struct check_convolution *c, int32_t o) {
  int64_t low = 0, high = 0;
  for (int32_t i = 0; i < c->k; i++) {
    const int64_t w = c->w[(size_t)o * (size_t)c->k + (size_t)i], a = w * c->x_min, b = w * c->x_max;
    low += a < b ? (a < 0 ? a : 0) : (b < 0 ? b : 0);
    high += a > b ? (a > 0 ? a : 0) : (b > 0 ? b : 0);
  }
  return -low > high ? -low : high;
}

/* What of a fixed-point rule the compiler would prove of a channel whose accumulators are least or more (epilogue.h):
 * src/ops/conv2d-requant/ties.ts. */
static int32_t check_convolution_proof(const struct check_convolution *c, const int32_t *fixed, int64_t least) {
  const int32_t right = -fixed[1];
  int64_t lacks = 30 + right;
  if (right <= 0) return 0;
  if (c->e.y_min >= c->e.y_zero) return 2;
  if (c->kind.rounding == QCC_ROUND_TFLITE_DOUBLE)
    return (double)least * fixed[0] / 2147483648.0 - 2 <= -(double)(INT64_C(1) << (right - 1)) ? 1 : 2;
  if (fixed[0] == 0) return 2;
  for (int32_t m = fixed[0]; m % 2 == 0; m /= 2) lacks--;
  return lacks >= 0 && least <= -(INT64_C(1) << lacks) ? 1 : 2;
}

/* NO_TIES: every shift negative, and what is below the zero point clamped away. */
static void check_convolution_hide_ties(struct check_convolution *c) {
  int32_t *const fixed = (int32_t *)c->scale;
  for (int32_t o = 0; o < c->oc; o++)
    if (fixed[2 * o + 1] >= 0) fixed[2 * o + 1] = -1;
  if (c->e.y_min < c->e.y_zero) c->e.y_min = c->e.y_zero;
  if (c->e.y_max < c->e.y_min) c->e.y_max = c->e.y_min;
  c->kind.full_range = c->e.y_max - c->e.y_min == 255;
  c->kind.proved = 2;
}

/* bias and scale: `padded` channels each, those past oc zero. Sets kind.proved. */
static void check_convolution_scale(struct check_convolution *c, int32_t padded) {
  const int32_t shape = check_between(0, 5), one_scale = check_once_in(4), size = one_scale ? 4 : check_between(0, 7);
  int64_t farthest = 0; /* of all channels: what one scale for all has to suit */
  for (int32_t o = 0; o < c->oc; o++)
    if (check_convolution_reach(c, o) > farthest) farthest = check_convolution_reach(c, o);
  const int is_short = check_needs(c->kernel, "SHORT_EPILOGUE");
  int proved = 1, level = 2;
  c->bias = check_place(CHECK_BIAS, (size_t)padded * 4, 0, 64);
  const size_t width = c->kind.rounding == QCC_ROUND_ONNX ? 4 : 8;
  c->scale = c->kind.out == QCC_OUT_S32 ? 0 : check_place(CHECK_MULT, (size_t)padded * width, 0, 64);
  memset(c->bias, 0, (size_t)padded * 4);
  if (c->scale) memset(c->scale, 0, (size_t)padded * width);
  for (int32_t o = 0; o < c->oc; o++) {
    const int64_t reach = check_convolution_reach(c, o), room = INT32_MAX - reach;
    int32_t bias = check_between(-4000, 4000);
    if (size == 0) bias = (int32_t)room;
    if (size == 1) bias = (int32_t)-room;
    if (size == 2) bias = (int32_t)check_between((int32_t)-room, (int32_t)room);
    if (size == 3) bias = 0;
    if (is_short) bias %= 1 << 22;
    c->bias[o] = bias;
    if (c->scale == 0) continue;
    const double most = (double)reach + (bias < 0 ? -(double)bias : (double)bias) + 1.0;
    if (c->kind.rounding == QCC_ROUND_AFFINE) {
      float *const pair = (float *)c->scale + 2 * o;
      pair[0] = check_float(check_between(-20, 4));
      pair[1] = check_once_in(4) ? 0.0f : (check_random() & 1 ? -1.0f : 1.0f) * check_float(check_between(-8, 20));
      continue;
    }
    if (c->kind.rounding != QCC_ROUND_ONNX) {
      int32_t *const fixed = (int32_t *)c->scale + 2 * o;
      if (!one_scale)
        check_convolution_fixed(fixed, most, shape);
      else if (o == 0)
        check_convolution_fixed(fixed, (double)farthest + 4001.0, shape);
      else
        memcpy(fixed, c->scale, 8);
      if (is_short) fixed[1] = fixed[1] > -1 ? -1 : fixed[1] < -15 ? -15 : fixed[1];
      const int known = check_convolution_proof(c, fixed, bias - reach);
      if (known < level) level = known;
      if (most >= 1073741824.0) level = 0;
      continue;
    }
    float m = (float)((double)check_float(0) * (double)CHECK_PICK(10, 100, 200, 400) * (c->kind.out == QCC_OUT_S16 ? 200.0 : 1.0) / most);
    if (shape == 0) m = qcc_f32_of_bits(qcc_bits_of_f32(m) & 0x7f800000u); /* a power of two: products that tie */
    if (shape == 1) m = 0.5f;
    if (shape == 2) m = check_float(check_between(-20, 60));
    if (shape == 3 && check_once_in(4)) m = check_random() & 1 ? 0.0f : 1e-40f;
    if (most * (double)m >= 2147483392.0) proved = 0;
    ((float *)c->scale)[o] = m;
  }
  c->kind.proved = proved && !check_once_in(3);
  if (c->kind.out == QCC_OUT_F32) return;
  if (c->kind.rounding != QCC_ROUND_ONNX) c->kind.proved = check_once_in(3) ? check_between(0, level) : level;
  if (is_short && level < 2) c->e.y_zero = c->e.y_min; /* as good as check_convolution_hide_ties, and of the full range */
  if (is_short) c->kind.proved = 2;
  if (check_needs(c->kernel, "NO_TIES") && c->kind.rounding != QCC_ROUND_ONNX && level < 2)
    check_convolution_hide_ties(c);
}

/* ANY_CONSTANTS: the constants brought into one of the shorter forms, where the compiler might do so. */
static int32_t check_convolution_constants(struct check_convolution *c) {
  int32_t *const fixed = (int32_t *)c->scale;
  const int is_short = check_needs(c->kernel, "SHORT_EPILOGUE");
  if (!check_needs(c->kernel, "ANY_CONSTANTS") || c->kind.out != QCC_OUT_Q8) return QCC_CONSTANTS_APART;
  if (c->kind.rounding == QCC_ROUND_ONNX || c->kind.proved == 0 || (!is_short && check_once_in(4))) return QCC_CONSTANTS_APART;
  const int32_t pair[2] = {fixed[0], fixed[1]};
  int is_shared = 1;
  for (int32_t o = 0; o < c->oc; o++) {
    is_shared = is_shared && fixed[2 * o] == pair[0] && fixed[2 * o + 1] == pair[1];
    if (fixed[2 * o + 1] < -20 || c->bias[o] <= -(1 << 23) || c->bias[o] >= 1 << 23) return QCC_CONSTANTS_APART;
  }
  if (is_shared && !is_short && (check_random() & 1)) {
    c->scale = check_place(CHECK_MULT, sizeof pair, 0, 64);
    memcpy(c->scale, pair, sizeof pair);
    return QCC_CONSTANTS_SHARED;
  }
  for (int32_t o = 0; o < c->oc; o++) fixed[2 * o + 1] = c->bias[o] * 256 - fixed[2 * o + 1];
  c->bias = 0;
  return QCC_CONSTANTS_JOINED;
}

/* Where results of QCC_OUT_S16 are clamped. */
static void check_s16_results(struct check_convolution *c) {
  c->e.y_min = check_once_in(3) ? 0 : check_once_in(4) ? check_between(-32768, 32767) : -32768;
  c->e.y_max = check_once_in(4) ? check_between(c->e.y_min, 32767) : 32767;
  c->kind.full_range = c->e.y_max - c->e.y_min == 65535;
}

/* SHORT_EPILOGUE: s8 results of the full range by the double rounding, nothing behind them. */
static void check_short_epilogue(struct check_convolution *c) {
  c->kind.out = QCC_OUT_Q8;
  c->kind.rounding = QCC_ROUND_TFLITE_DOUBLE, c->e.y_zero = check_zero_point(1);
  c->kind.y_signed = c->kind.full_range = 1;
  c->e.y_min = -128, c->e.y_max = 127;
}

static void check_convolution_epilogue(struct check_convolution *c) {
  const int must_q8 = check_needs(c->kernel, "OUT_Q8");
  memset(&c->kind, 0, sizeof c->kind);
  memset(&c->e, 0, sizeof c->e);
  c->kind.out = must_q8 || !check_once_in(4) ? QCC_OUT_Q8 : CHECK_PICK(QCC_OUT_S32, QCC_OUT_F32, QCC_OUT_S16);
  c->residual = c->table = 0;
  if (check_needs(c->kernel, "SHORT_EPILOGUE")) {
    check_short_epilogue(c);
    return;
  }
  if (c->kind.out == QCC_OUT_F32 && (check_random() & 1)) c->kind.rounding = QCC_ROUND_AFFINE;
  if (c->kind.out == QCC_OUT_S16) check_s16_results(c);
  if (c->kind.out != QCC_OUT_Q8) return;
  if (check_once_in(2))
    c->kind.rounding = CHECK_PICK(QCC_ROUND_TFLITE_DOUBLE, QCC_ROUND_TFLITE_SINGLE);
  c->kind.y_signed = check_random() & 1;
  c->kind.no_zero = (c->e.y_zero = check_zero_point(c->kind.y_signed)) == 0 && (check_random() & 1);
  c->kind.full_range = check_range(c->kind.y_signed, &c->e.y_min, &c->e.y_max);
  if (!check_needs(c->kernel, "NO_RESIDUAL") && check_once_in(3)) {
    c->kind.has_add = 1;
    c->kind.add_first = check_random() & 1;
    c->kind.r_signed = check_random() & 1;
    c->kind.z_signed = check_random() & 1;
    c->e.add_a = check_once_in(3) ? 0.5f : check_float(check_between(-4, 3));
    c->e.add_b = check_once_in(3) ? 0.5f : check_float(check_between(-4, 3));
    if (check_once_in(8)) c->e.add_a = check_float(check_between(18, 60));
    c->e.add_fixed = check_once_in(3) ? (float)check_zero_point(c->kind.z_signed) : check_float(check_between(-3, 8));
    c->kind.z_full_range = check_range(c->kind.z_signed, &c->e.z_min, &c->e.z_max) && c->e.add_a < 1e6f; /* the others are small */
    if (check_random() & 1) c->kind.add_linear = check_linear_sum(&c->e.v_factor, &c->e.r_factor, &c->e.add_constant);
    c->residual = check_place(CHECK_X2, c->y_count, 0, 1);
  }
  if (check_once_in(5)) {
    c->kind.has_lookup = 1;
    c->table = check_place(CHECK_TABLE, 256, 0, 64);
  }
}

/* All of it, for a kernel whose members kernel, oc, k, x_bytes, y_count are set; `padded`: oc in whole tiles. */
static void check_convolution_fill(struct check_convolution *c, int32_t padded) {
  c->x_signed = check_needs(c->kernel, "X_UNSIGNED") ? 0 : check_needs(c->kernel, "X_SIGNED") ? 1 : (int32_t)(check_random() & 1);
  check_convolution_epilogue(c);
  check_convolution_x(c);
  check_convolution_w(c);
  check_convolution_scale(c, padded);
}

/* Places y and what it should be; y may be the residual itself. */
static void check_convolution_outputs(struct check_convolution *c) {
  const size_t size = c->kind.out == QCC_OUT_Q8 ? 1 : c->kind.out == QCC_OUT_S16 ? 2 : 4;
  check_place(CHECK_WANT, c->y_count * size, 0, size);
  check_place(CHECK_Y, c->y_count * size, 0, size);
}

static void check_convolution_compare(const struct check_convolution *c) {
  if (c->kind.out == QCC_OUT_Q8 || c->kind.out == QCC_OUT_S16) check_same_bytes();
  else check_same_words(c->kind.out == QCC_OUT_F32);
}

static int check_describe_epilogue(char *to, size_t room, const struct check_convolution *c) {
  const struct qcc_epilogue_kind k = c->kind;
  return snprintf(to, room,
                  " x %s %d..%d pad %d | out %d rounding %d proved %d y_signed %d full %d add %d first %d r_signed %d z_signed %d "
                  "lookup %d | y_zero %d %d..%d add %a %a %a z %d..%d",
                  c->x_signed ? "s8" : "u8", c->x_min, c->x_max, c->pad, k.out, k.rounding, k.proved, k.y_signed, k.full_range,
                  k.has_add, k.add_first, k.r_signed, k.z_signed, k.has_lookup, c->e.y_zero, c->e.y_min, c->e.y_max,
                  (double)c->e.add_a, (double)c->e.add_b, (double)c->e.add_fixed, c->e.z_min, c->e.z_max);
}

#endif
