import { defineOp } from '../../ir/op.js';
import { f32Data } from '../../ir/type.js';
import { quantizeDynamically } from '../../quant/dynamic.js';

/** Quantization whose scale and zero point are those of the values at hand. */
export const dynamicQuantize = defineOp({
  kind: 'dynamic-quantize',
  doc:
    'Quantizes floats to u8 by their own range: with low = min(x, 0), high = max(x, 0), scale = f32(f32(high - low) / 255), 1 if ' +
    'they are equal, zero = clamp(rne(f32(0 - f32(low / scale)))), q = clamp(rne(f32(x / scale)) + zero). Answers q, scale, zero.',
  attrs: {},
  operands: ['x'],
  inferShape: (_, [x]) => [x.shape, [], []],
  check(_, [x], [q, scale, zero]) {
    const isByte = q.kind === 'quant' && q.element === 'u8' && zero.kind === 'quant' && zero.element === 'u8';
    return x.element === 'f32' && scale.element === 'f32' && isByte ? [] : ['x and scale are f32, q and zero u8'];
  },
  evaluate(_, [x], [q, scaleType, zeroType]) {
    const { stored, scale, zero } = quantizeDynamically(f32Data(x));
    return [
      { type: q, data: stored },
      { type: scaleType, data: Float32Array.of(scale) },
      { type: zeroType, data: Uint8Array.of(zero) },
    ];
  },
});
