/* SPDX-License-Identifier: 0BSD */
/* How many threads run the model: as many as were asked for, as far as the model, the cores and the system go. Included
 * after model_io.h, which defines QCC_HOST_PARTS and, where that is more than 1, the pool. */
#ifndef QCC_HOST_THREADS_H
#define QCC_HOST_THREADS_H

#include <stdio.h>

/* Starts them; 0 asks for as many as there may be, and is never too many. Returns how many run. */
static unsigned qcc_host_threads(unsigned asked) {
  unsigned threads = asked == 0u || asked > QCC_HOST_PARTS ? QCC_HOST_PARTS : asked;
  if (asked > QCC_HOST_PARTS)
    fprintf(stderr, QCC_HOST_MODEL ": made for %u thread%s at most, %u asked for\n", (unsigned)QCC_HOST_PARTS,
            QCC_HOST_PARTS == 1 ? "" : "s", asked);
#if QCC_HOST_PARTS > 1
  const unsigned cores = qcc_host_cores();
  if (threads > cores) {
    threads = cores;
    if (asked != 0u) fprintf(stderr, QCC_HOST_MODEL ": %u core%s here, %u threads asked for\n", cores, cores == 1u ? "" : "s", asked);
  }
  const unsigned started = qcc_host_start_threads(threads);
  if (started < threads) fprintf(stderr, QCC_HOST_MODEL ": only %u of %u threads started\n", started, threads);
  threads = started;
#endif
  return threads;
}

static void qcc_host_stop_threads(void) {
#if QCC_HOST_PARTS > 1
  qcc_host_stop_pool();
#endif
}

#endif
