/* SPDX-License-Identifier: 0BSD */
/* Shapes of the pooling families: every window has a pixel inside the image, as their contracts demand. */
#ifndef QCC_CHECK_POOLS_H
#define QCC_CHECK_POOLS_H

#include "check_elements.h"
#include "qcc/pool_f32.h"
#include "qcc/pool_q8.h"

/* Some tap of every window of one dimension lies inside. */
static int check_pool_inside(int32_t size, int32_t out, int32_t kernel, int32_t stride, int32_t dilation, int32_t before) {
  for (int32_t o = 0; o < out; o++) {
    int inside = 0;
    for (int32_t t = 0; t < kernel; t++) {
      const int32_t at = o * stride - before + t * dilation;
      inside |= at >= 0 && at < size;
    }
    if (!inside) return 0;
  }
  return out > 0;
}

static int32_t check_pool_windows(int32_t size, int32_t before, int32_t after, int32_t extent, int32_t stride) {
  return size + before + after < extent ? 0 : (size + before + after - extent) / stride + 1;
}

static struct qcc_pool_f32_params check_pool_shape(struct check_kernel k) {
  struct qcc_pool_f32_params p;
  for (;;) {
    memset(&p, 0, sizeof p);
    const int whole = check_once_in(4);
    p.n = check_once_in(4) ? 2 : 1;
    const int large = !check_needs(k, "AT_MOST_256_TAPS") && check_once_in(20); /* more taps than a narrow accumulator holds */
    p.h = large ? check_between(1, 20) : check_between(1, 9), p.w = large ? check_between(100, 150) : check_between(1, 11);
    p.c = large ? check_between(1, 40) : CHECK_PICK(1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 40, 47, 48, 63, 64, 65, 96, 127, 129, 160);
    p.kh = whole || large ? p.h : check_between(1, 5), p.kw = whole || large ? p.w : check_between(1, 5);
    p.sh = check_between(1, 3), p.sw = check_between(1, 3);
    p.dh = p.dw = 1;
    if (!whole && !large && !check_needs(k, "UNIT_DILATION") && check_once_in(3)) p.dh = check_between(1, 2), p.dw = check_between(1, 2);
    const int32_t eh = (p.kh - 1) * p.dh + 1, ew = (p.kw - 1) * p.dw + 1, padded = !whole && check_random() & 1;
    p.pad_top = padded ? check_between(0, eh - 1) : 0, p.pad_left = padded ? check_between(0, ew - 1) : 0;
    p.oh = check_pool_windows(p.h, p.pad_top, padded ? check_between(0, eh - 1) : 0, eh, p.sh);
    p.ow = check_pool_windows(p.w, p.pad_left, padded ? check_between(0, ew - 1) : 0, ew, p.sw);
    p.count_include_pad = check_random() & 1;
    if (check_pool_inside(p.h, p.oh, p.kh, p.sh, p.dh, p.pad_top) && check_pool_inside(p.w, p.ow, p.kw, p.sw, p.dw, p.pad_left))
      return p;
  }
}

static size_t check_pool_x(struct qcc_pool_f32_params p) {
  return (size_t)p.n * (size_t)p.h * (size_t)p.w * (size_t)p.c;
}
static size_t check_pool_y(struct qcc_pool_f32_params p) {
  return (size_t)p.n * (size_t)p.oh * (size_t)p.ow * (size_t)p.c;
}

static int check_describe_pool(struct qcc_pool_f32_params p) {
  return snprintf(check_now.text, sizeof check_now.text,
                  "n%d %dx%dx%d -> %dx%d window %dx%d stride %d %d dilation %d %d pad %d %d include %d", p.n, p.h, p.w, p.c, p.oh,
                  p.ow, p.kh, p.kw, p.sh, p.sw, p.dh, p.dw, p.pad_top, p.pad_left, p.count_include_pad);
}

static QCC_MAYBE_UNUSED struct qcc_pool_q8_params check_pool_q8_params(struct qcc_pool_f32_params p) {
  return (struct qcc_pool_q8_params){p.n,  p.h,  p.w,  p.c,       p.oh,       p.ow,                p.kh, p.kw, p.sh,
                                     p.sw, p.dh, p.dw, p.pad_top, p.pad_left, p.count_include_pad, 0,    0};
}

static QCC_MAYBE_UNUSED struct qcc_pool_f32_params check_pool_f32_params(struct qcc_pool_q8_params p) {
  return (struct qcc_pool_f32_params){p.n,  p.h,  p.w,  p.c,  p.oh,      p.ow,       p.kh,               p.kw,
                                      p.sh, p.sw, p.dh, p.dw, p.pad_top, p.pad_left, p.count_include_pad};
}

#define BENCH_POOL_Q8(h, c, oh, k, s, pad) {1, h, h, c, oh, oh, k, k, s, s, 1, 1, pad, pad, 0, 0, 0}
#define BENCH_POOL_F32(h, c, oh, k, s, pad) {1, h, h, c, oh, oh, k, k, s, s, 1, 1, pad, pad, 0}

#endif
