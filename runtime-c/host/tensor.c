/* SPDX-License-Identifier: 0BSD */
#include "tensor.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { SHOWN = 5 };

static const struct {
  const char *name;
  size_t size;
} dtypes[] = {
    [QCC_S8] = {"int8", 1},     [QCC_U8] = {"uint8", 1},    [QCC_S16] = {"int16", 2},   [QCC_U16] = {"uint16", 2},
    [QCC_S32] = {"int32", 4},   [QCC_U32] = {"uint32", 4},  [QCC_S64] = {"int64", 8},   [QCC_U64] = {"uint64", 8},
    [QCC_BOOL] = {"bool", 1},   [QCC_F16] = {"float16", 2}, [QCC_F32] = {"float32", 4}, [QCC_F64] = {"float64", 8},
};

size_t qcc_host_size(enum qcc_dtype dtype) { return dtypes[dtype].size; }
const char *qcc_host_dtype(enum qcc_dtype dtype) { return dtypes[dtype].name; }
size_t qcc_host_elements(const struct qcc_host_tensor *t) { return t->bytes / qcc_host_size(t->dtype); }

static int is_float(enum qcc_dtype dtype) { return dtype == QCC_F16 || dtype == QCC_F32 || dtype == QCC_F64; }

static double half_at(const void *data, size_t i) {
  const unsigned half = ((const uint16_t *)data)[i], exponent = half >> 10 & 31u, fraction = half & 1023u;
  double size = exponent == 0 ? fraction * 0x1p-24 : (fraction + 1024u) * 0x1p-24;
  for (unsigned e = 1; e < exponent; e++) size *= 2;
  if (exponent == 31u) size = fraction == 0 ? (double)INFINITY : (double)NAN;
  return (half & 0x8000u) != 0 ? -size : size;
}

/* The half nearest to whole * 2^-23, abs(whole) <= 2^23. */
static uint16_t half_of(int32_t whole) {
  const unsigned sign = whole < 0 ? 0x8000u : 0u, size = (unsigned)(whole < 0 ? -whole : whole);
  int e = 9;
  while (size >> e > 1u) e++;
  if (size < 512u) return (uint16_t)(sign | size * 2u);
  if (e <= 10) return (uint16_t)(sign | ((((unsigned)e - 9u) << 10) + (size << (10 - e))));
  const unsigned kept = size >> (e - 10), rest = size & ((1u << (e - 10)) - 1u), middle = 1u << (e - 11);
  const unsigned up = rest > middle || (rest == middle && (kept & 1u) != 0) ? 1u : 0u;
  return (uint16_t)(sign | ((((unsigned)e - 9u) << 10) + kept + up));
}

static int64_t integer_at(enum qcc_dtype dtype, const void *data, size_t i) {
  switch (dtype) {
    case QCC_S8: return ((const int8_t *)data)[i];
    case QCC_S16: return ((const int16_t *)data)[i];
    case QCC_U16: return ((const uint16_t *)data)[i];
    case QCC_S32: return ((const int32_t *)data)[i];
    case QCC_U32: return ((const uint32_t *)data)[i];
    case QCC_S64:
    case QCC_U64: return ((const int64_t *)data)[i];
    case QCC_U8:
    case QCC_BOOL:
    case QCC_F16:
    case QCC_F32:
    case QCC_F64: break;
  }
  return ((const uint8_t *)data)[i];
}

static void store_integer(enum qcc_dtype dtype, void *data, size_t i, int64_t value) {
  switch (qcc_host_size(dtype)) {
    case 1: ((uint8_t *)data)[i] = (uint8_t)value; break;
    case 2: ((uint16_t *)data)[i] = (uint16_t)value; break;
    case 4: ((uint32_t *)data)[i] = (uint32_t)value; break;
    default: ((uint64_t *)data)[i] = (uint64_t)value; break;
  }
}

static double stored_at(const struct qcc_host_tensor *t, const void *data, size_t i) {
  if (t->dtype == QCC_F16) return half_at(data, i);
  if (t->dtype == QCC_F32) return (double)((const float *)data)[i];
  if (t->dtype == QCC_F64) return ((const double *)data)[i];
  if (t->dtype == QCC_U64) return (double)((const uint64_t *)data)[i];
  return (double)integer_at(t->dtype, data, i);
}

static double real_at(const struct qcc_host_tensor *t, const void *data, size_t i) {
  const double stored = stored_at(t, data, i);
  return t->is_quantized ? (double)t->scale * (stored - (double)t->zero_point) : stored;
}

void qcc_host_seed(const struct qcc_host_tensor *t, size_t index, void *data) {
  uint32_t x = UINT32_C(2463534242) + UINT32_C(2654435769) * (uint32_t)index;
  const uint64_t span = (uint64_t)t->hi - (uint64_t)t->lo + 1u; /* 0 where every 64-bit value may occur */
  const size_t count = qcc_host_elements(t);
  if (x == 0) x = 1;
  for (size_t i = 0; i < count; i++) {
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    if (t->dtype == QCC_F16)
      ((uint16_t *)data)[i] = half_of((int32_t)(x >> 8) - (1 << 23));
    else if (t->dtype == QCC_F32)
      ((float *)data)[i] = (float)((int32_t)(x >> 8) - (1 << 23)) * 0x1p-23f;
    else if (t->dtype == QCC_F64)
      ((double *)data)[i] = (double)((int32_t)(x >> 8) - (1 << 23)) * 0x1p-23;
    else
      store_integer(t->dtype, data, i, (int64_t)((uint64_t)t->lo + (span == 0 ? x : x % span)));
  }
}

static void print_shape(FILE *to, int rank, const int64_t *dims) {
  fputc('[', to);
  for (int i = 0; i < rank; i++) fprintf(to, "%s%" PRId64, i == 0 ? "" : ",", dims[i]);
  fputc(']', to);
}

void qcc_host_print_type(FILE *to, enum qcc_dtype dtype, int rank, const int64_t *dims) {
  fprintf(to, "%s ", qcc_host_dtype(dtype));
  print_shape(to, rank, dims);
}

/* The two or three bytes at c as one character, if a terminal would act on it instead of showing it: controls of
 * U+0080.., zero-width and direction marks, line separators. Else 0. */
static unsigned invisible(const unsigned char *c) {
  if (c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0) return c[1];
  if (c[0] < 0xe2 || c[0] > 0xef || c[1] == 0 || c[2] == 0) return 0;
  const unsigned code = (c[0] & 15u) << 12 | (c[1] & 63u) << 6 | (c[2] & 63u);
  const int is_mark = (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
                      (code >= 0x2060 && code <= 0x206f) || code == 0xfeff;
  return is_mark ? code : 0;
}

void qcc_host_print_quoted(FILE *to, const char *text) {
  fputc('"', to);
  for (const unsigned char *c = (const unsigned char *)text; *c != 0; c++) {
    const unsigned code = *c < 0x80 ? 0 : invisible(c);
    if (*c == '"' || *c == '\\') {
      fprintf(to, "\\%c", *c);
    } else if (*c < 0x20 || *c == 0x7f) {
      fprintf(to, "\\u%04x", *c);
    } else if (code != 0) {
      fprintf(to, "\\u%04x", code);
      c += code < 0x800 ? 1 : 2;
    } else {
      fputc(*c, to);
    }
  }
  fputc('"', to);
}

void qcc_host_print_description(FILE *to, const struct qcc_host_tensor *t) {
  fputs("{\"name\":", to);
  qcc_host_print_quoted(to, t->name);
  fprintf(to, ",\"dtype\":\"%s\",\"shape\":", qcc_host_dtype(t->dtype));
  print_shape(to, t->rank, t->dims);
  if (t->is_quantized) fprintf(to, ",\"scale\":%.9g,\"zero_point\":%" PRId32, (double)t->scale, t->zero_point);
}

static int is_vector(const struct qcc_host_tensor *t) {
  int long_dims = 0;
  for (int i = 0; i < t->rank; i++) long_dims += t->dims[i] != 1;
  return long_dims <= 1;
}

/* Not a number ranks below every number; equal values rank by index. */
static int ranks_before(const struct qcc_host_tensor *t, const void *data, size_t a, size_t b) {
  const double x = stored_at(t, data, a), y = stored_at(t, data, b);
  if (isnan(x) || isnan(y)) return !isnan(x) && isnan(y);
  return x > y;
}

static size_t choose_shown(const struct qcc_host_tensor *t, const void *data, size_t shown[SHOWN]) {
  const size_t count = qcc_host_elements(t);
  const int is_ranked = is_vector(t);
  size_t used = 0;
  for (size_t i = 0; i < count; i++) {
    size_t at = used;
    while (is_ranked && at > 0 && ranks_before(t, data, i, shown[at - 1])) at--;
    if (at >= SHOWN) {
      if (is_ranked) continue;
      break;
    }
    if (used < SHOWN) used++;
    memmove(shown + at + 1, shown + at, (used - at - 1) * sizeof shown[0]);
    shown[at] = i;
  }
  return used;
}

static void print_stored(FILE *to, const struct qcc_host_tensor *t, const void *data, size_t i) {
  if (t->dtype == QCC_U64)
    fprintf(to, "%" PRIu64, ((const uint64_t *)data)[i]);
  else
    fprintf(to, "%" PRId64, integer_at(t->dtype, data, i));
}

/* The value's digits, as many as tell it from its neighbours. */
static void print_real(FILE *to, const struct qcc_host_tensor *t, const void *data, size_t i) {
  if (!is_float(t->dtype) && !t->is_quantized)
    print_stored(to, t, data, i);
  else
    fprintf(to, "%.*g", t->dtype == QCC_F64 ? 17 : t->dtype == QCC_F16 ? 5 : 9, real_at(t, data, i));
}

void qcc_host_print_values(FILE *to, const struct qcc_host_tensor *t, const void *data) {
  size_t shown[SHOWN];
  const size_t used = choose_shown(t, data, shown);
  fprintf(to, "  %s %lu\n", is_vector(t) ? "top" : "first", (unsigned long)used);
  for (size_t k = 0; k < used; k++) {
    fprintf(to, "  %8lu  ", (unsigned long)shown[k]);
    print_real(to, t, data, shown[k]);
    if (t->is_quantized) {
      fputs("  stored ", to);
      print_stored(to, t, data, shown[k]);
    }
    fputc('\n', to);
  }
}

void qcc_host_print_values_json(FILE *to, const struct qcc_host_tensor *t, const void *data) {
  size_t shown[SHOWN];
  const size_t used = choose_shown(t, data, shown);
  fprintf(to, ",\"%s\":[", is_vector(t) ? "top" : "first");
  for (size_t k = 0; k < used; k++) {
    fprintf(to, "%s{\"index\":%lu,\"value\":", k == 0 ? "" : ",", (unsigned long)shown[k]);
    if (isfinite(real_at(t, data, shown[k])))
      print_real(to, t, data, shown[k]);
    else
      fputs("null", to); /* JSON has neither infinity nor NaN */
    if (t->is_quantized) {
      fputs(",\"stored\":", to);
      print_stored(to, t, data, shown[k]);
    }
    fputc('}', to);
  }
  fputc(']', to);
}

int qcc_host_misnamed(const char *what, const struct qcc_host_tensor *tensors, size_t count, const char *text) {
  const char *const equals = strchr(text, '=');
  if (equals == NULL || memchr(text, '/', (size_t)(equals - text)) != NULL) return 0;
  FILE *const file = fopen(text, "rb");
  if (file != NULL) {
    fclose(file);
    return 0;
  }
  fprintf(stderr, "%s: no %s has that name; the model's: ", text, what);
  for (size_t i = 0; i < count; i++) {
    if (i > 0) fputs(", ", stderr);
    qcc_host_print_quoted(stderr, tensors[i].name);
  }
  fputs(count == 0 ? "none\n" : "\n", stderr);
  return 1;
}
