import { defineOp } from '../../ir/op.js';
import { allocateNumbers, f32Data } from '../../ir/type.js';
import { quantizeValue, roundToStored } from '../../quant/requantize.js';

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
    const xs = f32Data(x);
    let low = 0;
    let high = 0;
    for (const v of xs) {
      if (v < low) low = v;
      if (v > high) high = v;
    }
    const scale = low === high ? 1 : Math.fround(Math.fround(high - low) / 255);
    const zero = roundToStored(Math.fround(0 - Math.fround(low / scale)), 0, 0, 255);
    const out = allocateNumbers(q);
    for (let i = 0; i < out.length; i++) out[i] = quantizeValue(xs[i], scale, zero, 0, 255);
    return [
      { type: q, data: out },
      { type: scaleType, data: Float32Array.of(scale) },
      { type: zeroType, data: Uint8Array.of(zero) },
    ];
  },
});
