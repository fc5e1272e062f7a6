import { defineOp } from '../../ir/op.js';
import { elements, f32Data, type Shape } from '../../ir/type.js';
import { quantizeDynamically } from '../../quant/dynamic.js';

/** Quantization whose scale and zero point are those of the values at hand: of all of them, or of each row. */
export const dynamicQuantize = defineOp({
  kind: 'dynamic-quantize',
  doc:
    'Quantizes floats to u8 by their own range: with low = min(x, 0), high = max(x, 0), scale = f32(f32(high - low) / 255), 1 if ' +
    'they are equal, zero = clamp(rne(f32(0 - f32(low / scale)))), q = clamp(rne(f32(x / scale)) + zero). Answers q, scale, zero. ' +
    'per row: each row (the last dimension) by the range of its own values; scale and zero have the other dimensions. ' +
    'Comparisons with NaN are false: a NaN is in no range.',
  attrs: { per: ['run', 'row'] },
  operands: ['x'],
  inferShape({ per }, [x]) {
    const rows = per === 'row' ? x.shape.slice(0, -1) : [];
    return [x.shape, rows, rows];
  },
  check(_, [x], [q, scale, zero]) {
    const isByte = q.kind === 'quant' && q.element === 'u8' && zero.kind === 'quant' && zero.element === 'u8';
    return x.element === 'f32' && scale.element === 'f32' && isByte ? [] : ['x and scale are f32, q and zero u8'];
  },
  evaluate({ per }, [x], [q, scaleType, zeroType]) {
    const values = f32Data(x);
    const count = rowLength(per, x.type.shape);
    const stored = new Uint8Array(values.length);
    const scales = new Float32Array(elements(scaleType.shape));
    const zeros = new Uint8Array(scales.length);
    for (let r = 0; r < scales.length; r++) {
      const row = quantizeDynamically(values.subarray(r * count, (r + 1) * count));
      stored.set(row.stored, r * count);
      scales[r] = row.scale;
      zeros[r] = row.zero;
    }
    return [
      { type: q, data: stored },
      { type: scaleType, data: scales },
      { type: zeroType, data: zeros },
    ];
  },
});

/** Values that share a range. */
export function rowLength(per: 'run' | 'row', shape: Shape): number {
  return per === 'row' ? (shape.at(-1) ?? 1) : elements(shape);
}
