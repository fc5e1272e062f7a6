/* SPDX-License-Identifier: 0BSD */
/* What the functions of a model return. Guarded by value, so that models made by different qcc versions share one definition. */
#ifndef QCC_STATUS_H
#define QCC_STATUS_H

enum qcc_status {
  QCC_OK = 0,
  QCC_ERROR_NULL = 1,      /* a pointer that is needed is null */
  QCC_ERROR_ALIGNMENT = 2, /* the arena is not aligned to <MODEL>_ARENA_ALIGN, an input or output not to its type */
  QCC_ERROR_CPU = 3,       /* this CPU lacks an instruction set the model was compiled for */
  QCC_ERROR_OVERLAP = 4,   /* an output or the arena shares bytes with another buffer; microcontrollers do not look */
  QCC_ERROR_PARTS = 5,     /* <model>_run_part: no such part, or more parts than <MODEL>_PARTS */
  QCC_ERROR_ARENA = 6      /* <model>_set_<memory>: fewer bytes than the model needs */
};

/* Marks what a shared object exports. */
#if defined(__GNUC__) || defined(__clang__)
#define QCC_API __attribute__((visibility("default")))
#else
#define QCC_API
#endif

#endif
