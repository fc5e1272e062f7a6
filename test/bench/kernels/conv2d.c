/* SPDX-License-Identifier: 0BSD */
/* Convolution kernels of x86-avx2 on layers of MobileNetV2 and ResNet50, specialised as the emitted wrapper does it.
 *
 * Per layer and kernel: multiply-accumulates per core cycle, share of the vpmaddwd peak, times faster than `naive` (the
 * formula as five plain loops, specialised too). Usage: conv2d [rounds [substring of layer names]] */
#include "clock.h"
#include "conv2d_octs.h"
#include "conv2d_quads.h"
#include "conv2d_signs.h"

typedef void run_fn(const uint8_t *x, const void *w, const int32_t *bias, const float *mult, uint8_t *y, void *scratch);

struct layer {
  const char *name;
  struct qcc_conv2d_q8_params p;
};

#define PARAMS(h, c, oh, oc, k, s, pad) \
  ((struct qcc_conv2d_q8_params){1, h, h, c, oh, oh, oc, k, k, s, s, 1, 1, pad, pad, 1, 0, {0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0}})
#define DATA ((struct qcc_conv2d_q8_data){121, {128, 0, 255, 0, 0, 0, 0, 255, 0, 0, 0}})

static inline void naive(struct qcc_conv2d_q8_params p, const uint8_t *x, const int8_t *w, const int32_t *bias,
                         const float *mult, uint8_t *y) {
  for (int32_t oy = 0; oy < p.oh; oy++)
    for (int32_t ox = 0; ox < p.ow; ox++)
      for (int32_t o = 0; o < p.oc; o++) {
        int32_t acc = bias[o];
        for (int32_t ky = 0; ky < p.kh; ky++)
          for (int32_t kx = 0; kx < p.kw; kx++) {
            int32_t iy = oy * p.sh - p.pad_top + ky, ix = ox * p.sw - p.pad_left + kx;
            int32_t inside = iy >= 0 && iy < p.h && ix >= 0 && ix < p.w;
            for (int32_t i = 0; i < p.c; i++)
              acc += (inside ? x[(iy * p.w + ix) * p.c + i] : 121) * w[((o * p.kh + ky) * p.kw + kx) * p.c + i];
          }
        int32_t v = (int32_t)__builtin_rintf((float)acc * mult[o]) + 128;
        y[(oy * p.ow + ox) * p.oc + o] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
      }
}

#define LAYERS(L)                                  \
  L(first_112x32_3x3s2, 224, 3, 112, 32, 3, 2, 1)  \
  L(stem_112x64_7x7s2, 224, 3, 112, 64, 7, 2, 3)   \
  L(project_112_32_16, 112, 32, 112, 16, 1, 1, 0)  \
  L(expand_112_16_96, 112, 16, 112, 96, 1, 1, 0)   \
  L(expand_56_24_144, 56, 24, 56, 144, 1, 1, 0)    \
  L(project_28_144_32, 28, 144, 28, 32, 1, 1, 0)   \
  L(expand_28_32_192, 28, 32, 28, 192, 1, 1, 0)    \
  L(expand_14_64_384, 14, 64, 14, 384, 1, 1, 0)    \
  L(project_14_384_64, 14, 384, 14, 64, 1, 1, 0)   \
  L(expand_7_160_960, 7, 160, 7, 960, 1, 1, 0)     \
  L(project_7_960_320, 7, 960, 7, 320, 1, 1, 0)    \
  L(last_7_320_1280, 7, 320, 7, 1280, 1, 1, 0)     \
  L(res_56_64_256, 56, 64, 56, 256, 1, 1, 0)       \
  L(res_28_512_128, 28, 512, 28, 128, 1, 1, 0)     \
  L(res_14_1024_256, 14, 1024, 14, 256, 1, 1, 0)   \
  L(res_7_512_2048, 7, 512, 7, 2048, 1, 1, 0)      \
  L(res_28to14_512_1024, 28, 512, 14, 1024, 1, 2, 0) \
  L(k3_56_64_64, 56, 64, 56, 64, 3, 1, 1)          \
  L(k3_28_128_128, 28, 128, 28, 128, 3, 1, 1)      \
  L(k3_14_256_256, 14, 256, 14, 256, 3, 1, 1)      \
  L(k3_7_512_512, 7, 512, 7, 512, 3, 1, 1)         \
  L(k3s2_56_128_128, 56, 128, 28, 128, 3, 2, 1)    \
  L(full_1280_1000, 1, 1280, 1, 1000, 1, 1, 0)     \
  L(full_2048_1000, 1, 2048, 1, 1000, 1, 1, 0)

#ifndef KERNELS
#define KERNELS(K, ...) K(6x16, __VA_ARGS__) K(5x16b, __VA_ARGS__) K(5x16q, __VA_ARGS__) K(5x16s, __VA_ARGS__) K(3x16o, __VA_ARGS__)
#endif

#define INSTANCE(tile, layer, ...)                                                                                   \
  BENCH_NOINLINE void run_##tile##_##layer(const uint8_t *x, const void *w, const int32_t *bias, const float *mult,  \
                                           uint8_t *y, void *scratch) {                                              \
    qcc_conv2d_q8__##tile##__x86_avx2(PARAMS(__VA_ARGS__), DATA, x, w, bias, mult, 0, 0, y, scratch);                \
  }
#define NAIVE(layer, ...)                                                                                            \
  BENCH_NOINLINE void run_naive_##layer(const uint8_t *x, const void *w, const int32_t *bias, const float *mult,     \
                                        uint8_t *y, void *scratch) {                                                 \
    (void)scratch;                                                                                                   \
    naive(PARAMS(__VA_ARGS__), x, (const int8_t *)w, bias, mult, y);                                                 \
  }
#define INSTANCES(layer, ...) NAIVE(layer, __VA_ARGS__) KERNELS(INSTANCE, layer, __VA_ARGS__)
LAYERS(INSTANCES)

struct kernel {
  const char *name;
  run_fn *run;
};
#define ENTRY(tile, layer, ...) {#tile, run_##tile##_##layer},
#define TABLE(layer, ...)                                       \
  static const struct kernel kernels_##layer[] = {{"naive", run_naive_##layer}, KERNELS(ENTRY, layer, __VA_ARGS__)};
LAYERS(TABLE)

/* What 5x16q reads in front of a group's weights: groups of two panels, inputs in the order they have, no extra steps. */
static void put_orders(uint8_t *w, int32_t k, int32_t oc) {
  const int32_t blocks = (k + 15) / 16, apart = 64 + (16 * blocks + 63) / 64 * 64 + 2 * blocks * 256;
  const int32_t head[16] = {0, 2, apart};
  for (int32_t o = 0; o < oc; o += 32, w += apart) {
    memcpy(w, head, sizeof head);
    for (int32_t i = 0; i < 16 * blocks; i++) w[64 + i] = (uint8_t)(i % 16);
  }
}

/* What 3x16o reads in front of a panel's weights: all steps are signed octs, in the order they have. */
static void put_octs(uint8_t *w, int32_t k, int32_t oc) {
  const int32_t steps = k / 4, chunks = (steps + QCC_AVX2_OCTS_CHUNK - 1) / QCC_AVX2_OCTS_CHUNK;
  const ptrdiff_t apart = qcc_avx2_octs_panel_bytes(steps);
  for (int32_t o = 0; o < oc; o += 16, w += apart) {
    memset(w, 0, (size_t)(3 * chunks));
    for (int32_t i = 0; i < steps; i++) {
      w[3 * chunks + i] = (uint8_t)(i % QCC_AVX2_OCTS_CHUNK);
      if (i % 2 == 1) w[3 * (i / QCC_AVX2_OCTS_CHUNK) + 2]++;
    }
  }
}

static void measure(struct layer l, const struct kernel *kernels, int count, int rounds) {
  struct qcc_conv2d_q8_params p = l.p;
  size_t k = (size_t)(p.kh * p.kw * p.c), pixels = (size_t)(p.oh * p.ow);
  double macs = (double)k * (double)pixels * p.oc;
  uint8_t *x = bench_bytes((size_t)(p.h * p.w * p.c)), *y = bench_bytes(pixels * (size_t)p.oc);
  void *w = bench_bytes((k + 4) * (size_t)(p.oc + 32) * 2), *scratch = bench_bytes(4 * 64 * (k + 64) + 65536 + (size_t)((p.h + 8) * (p.w + 8) * p.c));
  uint8_t *orders = bench_bytes((k + 128) * (size_t)(p.oc + 64) * 2), *octs = bench_bytes((k + 128) * (size_t)(p.oc + 64) * 2);
  int32_t *bias = bench_bytes((size_t)(p.oc + 32) * 4);
  float *mult = bench_bytes((size_t)(p.oc + 32) * 4);
  put_orders(orders, p.kh * p.kw * p.c, p.oc);
  put_octs(octs, p.kh * p.kw * p.c, p.oc);
  for (int32_t i = 0; i < p.oc + 32; i++) bias[i] &= 4095, mult[i] = 1e-3f;
  double best[8], peak = 0, rate = 0;
  for (int i = 0; i < count; i++) best[i] = 1e30;
  for (int r = 0; r < rounds; r++) {
    double now = bench_peak(), cycles = bench_cycles_per_tick();
    if (now > peak) peak = now;
    if (cycles > rate) rate = cycles;
    for (int i = 0; i < count; i++) {
      if (i == 0 && r >= 3) continue;
      const int is_octs = strcmp(kernels[i].name, "3x16o") == 0;
      if (is_octs && p.kw * p.c % 4 != 0) continue; /* QUADS_IN_LINES */
      double t = bench_ticks();
      kernels[i].run(x, strcmp(kernels[i].name, "5x16q") == 0 ? orders : is_octs ? octs : w, bias, mult, y, scratch);
      t = bench_ticks() - t;
      if (t < best[i]) best[i] = t;
    }
  }
  printf("%-20s peak %5.2f |", l.name, peak / rate);
  for (int i = 1; i < count; i++)
    printf(" %5s %5.2f MAC/cycle %3.0f %% %5.1fx |", kernels[i].name, macs / best[i] / rate, 100 * macs / best[i] / peak,
           best[0] / best[i]);
  puts("");
  free(x), free(y), free(w), free(scratch), free(bias), free(mult), free(orders), free(octs);
}

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 30;
  const char *only = argc > 2 ? argv[2] : "";
#define MEASURE(id, ...)                                                             \
  if (strstr(#id, only))                                                             \
    measure((struct layer){#id, PARAMS(__VA_ARGS__)}, kernels_##id,                  \
            (int)(sizeof kernels_##id / sizeof *kernels_##id), rounds);
  LAYERS(MEASURE)
  return 0;
}
