/* SPDX-License-Identifier: 0BSD */
/* What a program may count on in an image without an operating system; firmware/<core>.c defines it. */
#ifndef QCC_FIRMWARE_H
#define QCC_FIRMWARE_H

/* One return instruction each: the counting plugin of the emulator knows them by name (emulator/count.c).
 * The first one starts a run, the next one ends a step of it. */
void qcc_mark_first(void);
void qcc_mark_next(void);

#endif
