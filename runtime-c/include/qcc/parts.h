/* SPDX-License-Identifier: 0BSD */
/* Several parts of one run, each in a thread of the caller's: which rows are whose, and how parts wait for each other.
 *
 *   part p of n computes the rows  floor(units * p / n) * unit  up to  floor(units * (p + 1) / n) * unit
 *
 * What they wait at lies in the arena, which may hold anything when a run begins. Each part writes to a line of its own, so
 * nothing is ever reset while another part may look at it:
 *
 *   epoch  barriers the part has come to, in all runs     base  the epoch with which it began this run
 *   ask, answer   a number, and the number it has seen the other side ask: part 0 and part p know of each other that they
 *                 are in this run once each sees its own number answered, which it chose to be none that was there before
 *
 * Waiting spins, then gives the CPU away: QCC_PARTS_SPINS and QCC_PARTS_YIELD() may be defined to do that in another way. */
#ifndef QCC_PARTS_H
#define QCC_PARTS_H

#include <stdatomic.h>

#include "qcc/base.h"
#include "qcc/share.h"

#if !defined(QCC_PARTS_YIELD)
#if defined(__unix__) || defined(__APPLE__)
#include <sched.h>
#define QCC_PARTS_YIELD() ((void)sched_yield())
#else
#define QCC_PARTS_YIELD() ((void)0)
#endif
#endif
#if !defined(QCC_PARTS_SPINS)
#define QCC_PARTS_SPINS 2000u
#endif

enum { QCC_PARTS_MOST = 64, QCC_PARTS_LINE = 64 };

/* Rows first .. first + count - 1. */
struct qcc_rows {
  int32_t first, count;
};

QCC_INLINE struct qcc_rows qcc_rows_of(unsigned part, unsigned parts, int32_t rows, int32_t unit) {
  const int64_t units = ((int64_t)rows + unit - 1) / unit, p = (int64_t)part, n = (int64_t)parts;
  const int64_t first = units * p / n * unit, end = units * (p + 1) / n * unit;
  const struct qcc_rows r = {(int32_t)first, (int32_t)((end < rows ? end : rows) - first)};
  return r;
}

/* What lies under the windows of some rows: rows first .. first + rows - 1 of the image, below `pad` rows of padding. Rows that
 * see nothing of the image have 0 of it. */
struct qcc_window {
  int32_t first, rows, pad;
};

/* Row r reads the image from r * stride - pad on, `size` rows. */
QCC_INLINE struct qcc_window qcc_window_of(struct qcc_rows r, int32_t rows, int32_t size, int32_t stride, int32_t pad) {
  const int32_t top = r.first * stride - pad, bottom = (r.first + r.count - 1) * stride - pad + size;
  const int32_t first = top < 0 ? 0 : top < rows ? top : rows, end = bottom < rows ? bottom : rows;
  const struct qcc_window w = {first, end > first ? end - first : 0, first - top};
  return w;
}

/* Of rows that are an image in a frame: how many lie above it, and below. Their windows are of size and stride 1. */
QCC_INLINE int32_t qcc_rows_above(struct qcc_rows r, struct qcc_window x) {
  return x.pad < 0 ? 0 : x.pad < r.count ? x.pad : r.count;
}
QCC_INLINE int32_t qcc_rows_below(struct qcc_rows r, struct qcc_window x) { return r.count - x.rows - qcc_rows_above(r, x); }

typedef _Atomic uint32_t qcc_word;

/* Alone in its cache line. */
struct qcc_line {
  qcc_word epoch, base, ask, answer;
  unsigned char rest[QCC_PARTS_LINE - 16];
};
QCC_STATIC_ASSERT(sizeof(struct qcc_line) == QCC_PARTS_LINE, "atomic words must be plain words");

/* A part's view of the run. lines: one of each part, then what part 0 says to each. */
struct qcc_parts {
  struct qcc_line *lines;
  unsigned part, parts;
  uint32_t turn; /* barriers of this run */
  uint32_t base[QCC_PARTS_MOST];
};

QCC_INLINE uint32_t qcc_word_of(qcc_word *word) { return atomic_load_explicit(word, memory_order_acquire); }
QCC_INLINE void qcc_word_put(qcc_word *word, uint32_t value) { atomic_store_explicit(word, value, memory_order_release); }

QCC_INLINE void qcc_parts_relax(unsigned *spins) {
  if (*spins < QCC_PARTS_SPINS) {
    (*spins)++;
#if QCC_GNU && (defined(__x86_64__) || defined(__i386__))
    __builtin_ia32_pause();
#elif QCC_GNU && defined(__aarch64__)
    __asm__ volatile("yield");
#endif
  } else {
    QCC_PARTS_YIELD();
  }
}

/* Begins a run of `parts` parts, `most` at most; returns once all of them have. memory: 2 * most lines. */
QCC_INLINE void qcc_parts_begin(struct qcc_parts *s, void *memory, unsigned part, unsigned parts, unsigned most) {
  struct qcc_line *const lines = (struct qcc_line *)memory;
  unsigned spins = 0;
  s->lines = lines;
  s->part = part;
  s->parts = parts;
  s->turn = 0;
  if (parts < 2u) return;
  qcc_word_put(&lines[part].base, qcc_word_of(&lines[part].epoch));
  if (part == 0u) {
    for (unsigned p = 1; p < parts; p++) qcc_word_put(&lines[most + p].ask, qcc_word_of(&lines[p].answer) + 1u);
    for (unsigned p = 1; p < parts; p++)
      while (qcc_word_of(&lines[p].answer) != qcc_word_of(&lines[most + p].ask)) qcc_parts_relax(&spins);
    for (unsigned p = 1; p < parts; p++) qcc_word_put(&lines[most + p].answer, qcc_word_of(&lines[p].ask));
  } else {
    struct qcc_line *const own = &lines[part], *const zero = &lines[most + part];
    const uint32_t ask = qcc_word_of(&zero->answer) + 1u;
    qcc_word_put(&own->ask, ask);
    do {
      qcc_word_put(&own->answer, qcc_word_of(&zero->ask));
      qcc_parts_relax(&spins);
    } while (qcc_word_of(&zero->answer) != ask);
  }
  for (unsigned p = 0; p < parts; p++) s->base[p] = qcc_word_of(&lines[p].base);
}

/* Returns once all parts have come here: what each wrote before, all see. */
QCC_INLINE void qcc_parts_meet(struct qcc_parts *s) {
  unsigned spins = 0;
  if (s->parts < 2u) return;
  s->turn++;
  qcc_word_put(&s->lines[s->part].epoch, s->base[s->part] + s->turn);
  for (unsigned p = 0; p < s->parts; p++)
    while (qcc_word_of(&s->lines[p].epoch) - s->base[p] - s->turn >= UINT32_C(0x80000000)) qcc_parts_relax(&spins);
}

/* For kernels whose parts meet on the way. */
QCC_INLINE void qcc_parts_meet_inside(void *meeting) { qcc_parts_meet((struct qcc_parts *)meeting); }

/* The rows r of a step, and how its parts meet. */
QCC_INLINE struct qcc_share qcc_share_of(struct qcc_rows r, struct qcc_parts *s) {
  const struct qcc_share t = {r.first, r.count, s->parts < 2u ? NULL : qcc_parts_meet_inside, s};
  return t;
}

#endif
