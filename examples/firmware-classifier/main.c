/* SPDX-License-Identifier: 0BSD */
/* Firmware: classifies a picture that lies in flash and prints its label and what the run took, over semihosting.
 *
 * SysTick counts the core's clock: cycles on a board. In QEMU with -icount shift=0 an instruction takes one nanosecond, and
 * SysTick runs at CLOCK_MHZ, so ticks * 1000 / CLOCK_MHZ is the number of instructions, to the resolution of a tick. */
#include <stdint.h>
#include <stdio.h>

#include "fashion.h"

/* 28x28 pixels, float32, in the .npy file behind its header of 128 bytes. */
__asm__(
    ".section .rodata.sample, \"a\"\n"
    ".balign 4\n"
    ".global sample\n"
    "sample: .incbin \"" SAMPLE "\", 128, 3136\n"
    ".text\n");
extern const float sample[FASHION_INPUT_ELEMENTS];

static const char *const labels[] = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                                     "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"};
enum { LABELS = sizeof labels / sizeof labels[0] };
_Static_assert(FASHION_LOGITS_ELEMENTS == LABELS, "a label for every score");

static _Alignas(FASHION_ARENA_ALIGN) unsigned char arena[FASHION_ARENA_BYTES];
static uint8_t picture[FASHION_INPUT_ELEMENTS], scores[LABELS];

struct systick {
  volatile uint32_t control, reload, value;
};
static struct systick *systick(void) { return (struct systick *)(uintptr_t)0xe000e010u; }

int main(void) {
  for (int i = 0; i < FASHION_INPUT_ELEMENTS; i++) picture[i] = fashion_quantize_input(sample[i]);
  const struct fashion_inputs in = {picture};
  const struct fashion_outputs out = {scores};
  const struct fashion_memory memory = {arena};
  const int step = fashion_selftest(&out, &memory);
  printf("self-test   %s\n", step == 0 ? "every byte as it must be" : "FAILED");
  systick()->reload = 0xffffffu;
  systick()->value = 0;
  systick()->control = 5u; /* the core's clock, no interrupt */
  const uint32_t start = systick()->value;
  const int status = fashion_run(&in, &out, &memory);
  const uint32_t ticks = (start - systick()->value) & 0xffffffu;
  if (status != QCC_OK || step != 0) return 1;
  int best = 0;
  for (int i = 1; i < LABELS; i++)
    if (scores[i] > scores[best]) best = i;
  printf("label       %s, score %.2f\n", labels[best], (double)fashion_dequantize_logits(scores[best]));
  printf("arena       %d bytes\n", FASHION_ARENA_BYTES);
  printf("run         %lu instructions in QEMU\n", (unsigned long)((uint64_t)ticks * 1000u / CLOCK_MHZ));
  return 0;
}
