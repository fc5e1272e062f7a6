/* SPDX-License-Identifier: 0BSD */
#if !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L
#endif
#include "npy.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the .npy reader needs a little-endian machine"
#endif

enum { MAX_RANK = 32, MAX_HEADER = 1 << 16 };

static const char *const codes[] = {
    [QCC_S8] = "i1",  [QCC_U8] = "u1",  [QCC_S16] = "i2",  [QCC_U16] = "u2", [QCC_S32] = "i4", [QCC_U32] = "u4",
    [QCC_S64] = "i8", [QCC_U64] = "u8", [QCC_BOOL] = "b1", [QCC_F16] = "f2", [QCC_F32] = "f4", [QCC_F64] = "f8",
};

/* What a file says about its array. */
struct header {
  char descr[24];
  int is_fortran;
  int rank;
  int64_t dims[MAX_RANK];
};

static int complain(const char *file, const char *what) {
  fprintf(stderr, "%s: %s\n", file, what);
  return 1;
}

/* ---- The header is a Python dictionary in a fixed form: {'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), } */

static const char *skip_blanks(const char *p) {
  while (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r') p++;
  return p;
}

/* Each of these returns the position behind what it read, or null. */
static const char *read_token(const char *p, const char *token) {
  const size_t length = strlen(token);
  p = skip_blanks(p);
  return strncmp(p, token, length) == 0 ? p + length : NULL;
}

static const char *read_text(const char *p, char *text, size_t size) {
  size_t n = 0;
  p = skip_blanks(p);
  const char quote = *p;
  if (quote != '\'' && quote != '"') return NULL;
  for (p++; *p != quote; p++) {
    if (*p == 0 || *p == '\\' || n + 1 >= size) return NULL;
    text[n++] = *p;
  }
  text[n] = 0;
  return p + 1;
}

static const char *read_shape(const char *p, struct header *h) {
  p = read_token(p, "(");
  h->rank = 0;
  while (p != NULL) {
    p = skip_blanks(p);
    if (*p == ')') return p + 1;
    if (*p < '0' || *p > '9' || h->rank == MAX_RANK) return NULL;
    int64_t dim = 0;
    for (; *p >= '0' && *p <= '9'; p++) {
      if (dim > (INT64_MAX - 9) / 10) return NULL;
      dim = 10 * dim + (*p - '0');
    }
    h->dims[h->rank++] = dim;
    p = skip_blanks(p);
    if (*p == ',')
      p++;
    else if (*p != ')' || h->rank == 1) /* (3) is a number in Python; a tuple of one is (3,) */
      return NULL;
  }
  return NULL;
}

static const char *read_entry(const char *p, struct header *h, unsigned *seen) {
  char key[16];
  p = read_text(p, key, sizeof key);
  if (p != NULL) p = read_token(p, ":");
  if (p == NULL) return NULL;
  unsigned bit;
  if (strcmp(key, "descr") == 0) {
    bit = 1;
    p = read_text(p, h->descr, sizeof h->descr);
  } else if (strcmp(key, "fortran_order") == 0) {
    bit = 2;
    const char *no = read_token(p, "False");
    h->is_fortran = no == NULL;
    p = no != NULL ? no : read_token(p, "True");
  } else if (strcmp(key, "shape") == 0) {
    bit = 4;
    p = read_shape(p, h);
  } else {
    return NULL;
  }
  if ((*seen & bit) != 0) return NULL;
  *seen |= bit;
  return p;
}

static int parse_header(const char *text, struct header *h) {
  unsigned seen = 0;
  const char *p = read_token(text, "{");
  while (p != NULL) {
    const char *end = read_token(p, "}");
    if (end != NULL) return seen == 7 && *skip_blanks(end) == 0 ? 0 : 1;
    p = read_entry(p, h, &seen);
    if (p == NULL) return 1;
    p = skip_blanks(p);
    if (*p == ',')
      p++;
    else if (*p != '}')
      return 1;
  }
  return 1;
}

/* ---- Reading */

static int read_header(const char *file, FILE *from, struct header *h) {
  unsigned char start[12];
  if (fread(start, 1, 8, from) != 8 || memcmp(start, "\x93NUMPY", 6) != 0) return complain(file, "not a .npy file");
  if (start[6] < 1 || start[6] > 3 || start[7] != 0) return complain(file, ".npy version is not 1.0, 2.0 or 3.0");
  const size_t width = start[6] == 1 ? 2 : 4;
  if (fread(start + 8, 1, width, from) != width) return complain(file, "the .npy header is cut off");
  size_t length = start[8] + 256u * start[9];
  if (width == 4) length += ((size_t)start[10] << 16) + ((size_t)start[11] << 24);
  if (length > MAX_HEADER) return complain(file, "the .npy header is too long");
  char *text = malloc(length + 1);
  if (text == NULL) return complain(file, "out of memory");
  const size_t got = fread(text, 1, length, from);
  text[got] = 0;
  int failed = 0;
  if (got != length)
    failed = complain(file, "the .npy header is cut off");
  else if (strlen(text) != length || parse_header(text, h) != 0)
    failed = complain(file, "the .npy header is not valid, or describes a structured array");
  free(text);
  return failed;
}

static void print_found(FILE *to, const struct header *h) {
  const char *code = h->descr + (strchr("<>|=", h->descr[0]) != NULL && h->descr[0] != 0);
  for (int d = QCC_S8; d <= QCC_F64; d++)
    if (strcmp(code, codes[d]) == 0) {
      qcc_host_print_type(to, (enum qcc_dtype)d, h->rank, h->dims);
      return;
    }
  qcc_host_print_quoted(to, h->descr);
  fputs(" [", to);
  for (int i = 0; i < h->rank; i++) fprintf(to, "%s%" PRId64, i == 0 ? "" : ",", h->dims[i]);
  fputc(']', to);
}

static int check_header(const char *file, const struct qcc_host_tensor *t, const struct header *h) {
  const int has_order = h->descr[0] != 0 && strchr("<>|=", h->descr[0]) != NULL;
  int is_same = has_order && strcmp(h->descr + 1, codes[t->dtype]) == 0 && h->rank == t->rank;
  for (int i = 0; is_same && i < t->rank; i++) is_same = h->dims[i] == t->dims[i];
  if (!is_same) {
    fprintf(stderr, "%s: found ", file);
    print_found(stderr, h);
    fputs(", expected ", stderr);
    qcc_host_print_type(stderr, t->dtype, t->rank, t->dims);
    fputs(" for ", stderr);
    qcc_host_print_quoted(stderr, t->name);
    fputc('\n', stderr);
    return 1;
  }
  if (h->descr[0] == '>' && qcc_host_size(t->dtype) > 1)
    return complain(file, "big-endian; write it with array.astype(array.dtype.newbyteorder('<'))");
  if (h->is_fortran && t->rank > 1)
    return complain(file, "Fortran order; write it with numpy.ascontiguousarray(array)");
  return 0;
}

static int check_bools(const char *file, const struct qcc_host_tensor *t, const unsigned char *data) {
  if (t->dtype != QCC_BOOL) return 0;
  for (size_t i = 0; i < t->bytes; i++)
    if (data[i] > 1) return complain(file, "holds a bool that is neither 0 nor 1");
  return 0;
}

int qcc_npy_read(const char *file, const struct qcc_host_tensor *t, void *data) {
  FILE *from = fopen(file, "rb");
  if (from == NULL) return complain(file, strerror(errno));
  struct header h;
  int failed = read_header(file, from, &h) || check_header(file, t, &h);
  if (!failed && fread(data, 1, t->bytes, from) != t->bytes) failed = complain(file, "the data is cut off");
  if (!failed && fgetc(from) != EOF) failed = complain(file, "has more data than its header says");
  if (!failed) failed = check_bools(file, t, data);
  fclose(from);
  return failed;
}

/* ---- Writing */

static int write_all(FILE *to, const struct qcc_host_tensor *t, const void *data) {
  char text[MAX_RANK * 24 + 96];
  int n = snprintf(text, sizeof text, "{'descr': '%c%s', 'fortran_order': False, 'shape': (",
                   qcc_host_size(t->dtype) == 1 ? '|' : '<', codes[t->dtype]);
  if (t->rank > MAX_RANK) return 1;
  for (int i = 0; i < t->rank; i++)
    n += snprintf(text + n, sizeof text - (size_t)n, "%s%" PRId64, i == 0 ? "" : ", ", t->dims[i]);
  n += snprintf(text + n, sizeof text - (size_t)n, "%s), }", t->rank == 1 ? "," : "");
  /* Data starts at a multiple of 64; the header ends with a newline. */
  const size_t total = ((size_t)n + 11 + 63) / 64 * 64 - 10;
  const unsigned char start[] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (unsigned char)(total & 255u), (unsigned char)(total >> 8)};
  if (fwrite(start, 1, sizeof start, to) != sizeof start) return 1;
  if (fprintf(to, "%-*s\n", (int)total - 1, text) != (int)total) return 1;
  return fwrite(data, 1, t->bytes, to) != t->bytes;
}

static int write_to(const char *path, const struct qcc_host_tensor *t, const void *data) {
  FILE *to = fopen(path, "wb");
  if (to == NULL) return 1;
  const int failed = write_all(to, t, data);
  return (fclose(to) != 0) | failed;
}

int qcc_npy_write(const char *file, const struct qcc_host_tensor *t, const void *data) {
  struct stat known;
  /* /dev/null and pipes must not be replaced by a file. */
  if (stat(file, &known) == 0 && !S_ISREG(known.st_mode))
    return write_to(file, t, data) ? complain(file, strerror(errno)) : 0;
  const size_t size = strlen(file) + 32;
  char *temporary = malloc(size);
  if (temporary == NULL) return complain(file, "out of memory");
  snprintf(temporary, size, "%s.tmp%ld", file, (long)getpid());
  int failed = 0;
  if (write_to(temporary, t, data) != 0 || rename(temporary, file) != 0) {
    failed = complain(file, strerror(errno));
    remove(temporary);
  }
  free(temporary);
  return failed;
}
