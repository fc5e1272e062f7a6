/* SPDX-License-Identifier: 0BSD */
/* Two compiled models in one program: the quantized classifier and the float network it was trained from, on one picture.
 * Each has its own header, its own names and its own arena; nothing is shared, nothing is allocated. */
#include <stdio.h>

#include "fashion.h"
#include "fashion_float.h"

static _Alignas(FASHION_ARENA_ALIGN) unsigned char arena[FASHION_ARENA_BYTES];
static _Alignas(FASHION_FLOAT_ARENA_ALIGN) unsigned char float_arena[FASHION_FLOAT_ARENA_BYTES];
static float picture[FASHION_INPUT_ELEMENTS];

static const char *const labels[FASHION_LOGITS_ELEMENTS] = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                                                            "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};

/* A .npy file of version 1: ten bytes, a header whose length is in the last two of them, then the numbers. */
static int read_picture(const char *path) {
  unsigned char head[10];
  FILE *file = fopen(path, "rb");
  if (file == NULL) return 1;
  int failed = fread(head, 1, sizeof head, file) != sizeof head || fseek(file, head[8] + 256 * head[9], SEEK_CUR) != 0 ||
               fread(picture, sizeof picture[0], FASHION_INPUT_ELEMENTS, file) != FASHION_INPUT_ELEMENTS;
  fclose(file);
  return failed;
}

static void show(const char *name, const float *scores) {
  int best = 0;
  for (int i = 1; i < FASHION_LOGITS_ELEMENTS; i++)
    if (scores[i] > scores[best]) best = i;
  printf("%-10s %-12s %.6f\n", name, labels[best], (double)scores[best]);
}

int main(int argc, char **argv) {
  float scores[FASHION_LOGITS_ELEMENTS], float_scores[FASHION_FLOAT_LOGITS_ELEMENTS];
  if (argc != 2 || read_picture(argv[1]) != 0) {
    fprintf(stderr, "usage: classify PICTURE.npy (float32 1x1x28x28, 0 to 1)\n");
    return 1;
  }
  int status = fashion_run(&(struct fashion_inputs){picture}, &(struct fashion_outputs){scores}, &(struct fashion_memory){arena});
  if (status == QCC_OK)
    status = fashion_float_run(&(struct fashion_float_inputs){picture}, &(struct fashion_float_outputs){float_scores},
                               &(struct fashion_float_memory){float_arena});
  if (status != QCC_OK) {
    fprintf(stderr, "the model returned status %d (qcc/status.h)\n", status);
    return 1;
  }
  show("quantized", scores);
  show("float", float_scores);
  return 0;
}
