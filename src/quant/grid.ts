/**
 * Floats that are multiples of one step, as fake-quantized weights are. Invariant: with the scale answered, every value v
 * is f32(round(v / scale) * scale) exactly, and |round(v / scale)| <= 127.
 */
const LARGEST = 127;
/** Roundings of the largest value's product and quotient that hide the scale, in steps of float32. */
const NEIGHBOURS = 2;

/** The largest such scale, 1 for zeros alone; undefined if there is none. Float32 values and result. */
export function gridScale(values: Float32Array): number | undefined {
  let largest = 0;
  for (const v of values) {
    if (!Number.isFinite(v)) return undefined;
    largest = Math.max(largest, Math.abs(v));
  }
  if (largest === 0) return 1;
  for (let n = 1; n <= LARGEST; n++)
    for (let step = -NEIGHBOURS; step <= NEIGHBOURS; step++) {
      const scale = nextFloat(Math.fround(largest / n), step);
      if (scale > 0 && values.every((v) => Math.fround(Math.round(v / scale) * scale) === v)) return scale;
    }
  return undefined;
}

/** The float32 that stands `steps` places after a positive one. */
function nextFloat(value: number, steps: number): number {
  const bits = new DataView(new ArrayBuffer(4));
  bits.setFloat32(0, value);
  bits.setInt32(0, bits.getInt32(0) + steps);
  return bits.getFloat32(0);
}
