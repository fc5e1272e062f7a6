/** Codes Q07xx: TFLite models and their arithmetic. Invariant: a code is never reused for another meaning. */
import type { CodeInfo } from './code-info.js';

export const codes07 = {
  Q0701: {
    title: "TFLite's fixed-point arithmetic would overflow",
    explanation:
      'TFLite scales 32-bit sums by an integer multiplier and a shift. For this channel a sum that can occur would leave 32 bits on the way, ' +
      'so TFLite itself gives no meaningful answer.\n\n' +
      'Example: an output scale a million times smaller than x_scale * w_scale.\n\n' +
      'Way out: re-quantize the layer; one of its scales is wrong by orders of magnitude.',
  },
  Q0702: {
    title: "no integer multiplier rounds like TFLite's double",
    explanation:
      "TFLite's fully connected layers scale sums in double precision. qcc computes them with a 31-bit integer multiplier and proves that every " +
      'sum that can occur gives the same answer; here none does.\n\n' +
      'Example: sums of 30 bits, one of which lies next to a tie.\n\n' +
      'Way out: build with `--rounding onnx`.',
  },
} as const satisfies Readonly<Record<string, CodeInfo>>;
