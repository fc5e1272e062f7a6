/* SPDX-License-Identifier: 0BSD */
/* What a part of a run computes of a step whose parts need each other's results on the way: values first .. first + count - 1 of
 * the state of a cell, in every step of time. Before a part reads what others wrote it calls meet, which returns once all
 * parts have; all call it equally often, those with no values too. A run of one part has no meet. */
#ifndef QCC_SHARE_H
#define QCC_SHARE_H

#include "qcc/base.h"

struct qcc_share {
  int32_t first, count;
  void (*meet)(void *meeting);
  void *meeting;
};

/* All of `count` values by one part. */
QCC_INLINE struct qcc_share qcc_share_whole(int32_t count) {
  const struct qcc_share t = {0, count, NULL, NULL};
  return t;
}

QCC_INLINE void qcc_share_meet(struct qcc_share t) {
  if (t.meet != NULL) t.meet(t.meeting);
}

#endif
