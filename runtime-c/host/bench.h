/* SPDX-License-Identifier: 0BSD */
/* Timing of a model's runs. */
#ifndef QCC_HOST_BENCH_H
#define QCC_HOST_BENCH_H

/* Warms up for one run at least, then until 20 ms or 50 runs have passed; times `runs` runs and prints
 * {"runs":N,"min_us":..,"median_us":..,"p99_us":..}. Returns what a `run_once` that fails returns, 1 without memory. */
int qcc_host_bench(const char *model, long runs, int (*run_once)(void));

/* The number of runs or threads a text says, from 1 to `most`; 0 if it says none. */
long qcc_host_count(const char *text, long most);

#endif
