/**
 * The correctly rounded float32 fused multiply-add; twin of `qcc_fmaf` in `runtime-c/include/qcc/math.h`.
 * Invariant: one rounding, as the hardware instruction does it.
 *
 * The product of two float32 is exact in double. Its sum with c is rounded to odd (the last bit set where anything was
 * lost), which keeps a second rounding to float32 from seeing a tie that is none.
 */
const scratch = new Float64Array(1);
const words = new Uint32Array(scratch.buffer);
const LOW = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;

/** f32(a * b + c) for float32 a, b, c. */
export function fma32(a: number, b: number, c: number): number {
  const product = a * b;
  const sum = product + c;
  const back = sum - product;
  const error = product - (sum - back) + (c - back);
  if (error === 0 || sum - sum !== 0) return Math.fround(sum);
  scratch[0] = sum;
  if ((words[LOW] & 1) === 0) {
    if (error > 0 === sum > 0) words[LOW] += 1;
    else {
      if (words[LOW] === 0) words[HIGH] -= 1;
      words[LOW] -= 1;
    }
  }
  return Math.fround(scratch[0]);
}
