import { defineOp } from '../../ir/op.js';
import { elements, f32Data, isPlainByte } from '../../ir/type.js';
import { laneSum } from '../../quant/lanes.js';
import { log32 } from '../../quant/math.js';
import { softmaxExp32 } from '../../quant/sigmoid.js';
import { softmaxOfStored } from './quantized.js';

/** Normalised exponentials along one axis. */
export const softmax = defineOp({
  kind: 'softmax',
  doc:
    'Normalised exponentials along one axis: e = exp(x - max), softmax = e / sum(e), log-softmax = (x - max) - log(sum(e)); ' +
    'the sum in 8 interleaved lanes, exp in float32 (decision 0065), 0 below -87. hardmax = 1 at the first maximum, 0 elsewhere. Softmax of stored integers, ONNX ' +
    'Runtime x86 formula: e = table[255 - (max - x)] with table[i] = f32(exp((i - 255) * sx + t)), t = max(0, ' +
    'f32(ln(f32(FLT_MAX / n))) - 5), s = float32 sum of e in index order, y = clamp(rne(e * floor(f32(1 / sy)) / s) + zy), ' +
    'the product and the quotient in double.',
  attrs: { fn: ['softmax', 'log-softmax', 'hardmax'], axis: 'int' },
  operands: ['x'],
  inferShape: (_, [x]) => [x.shape],
  check: (a, [x], [y]) =>
    ((x.element === 'f32' && y.element === 'f32') || (a.fn === 'softmax' && isPlainByte(x) && isPlainByte(y))) &&
    a.axis >= 0 &&
    a.axis < x.shape.length
      ? []
      : ['x and y are both f32 or both 8 bits quantized per tensor, axis is a dimension of x'],
  bounds: (a) => (a.fn === 'log-softmax' ? { min: Number.NEGATIVE_INFINITY, max: 0 } : { min: 0, max: 1 }),
  evaluate(a, [x], [y]) {
    if (x.type.kind === 'quant' && y.kind === 'quant') return [softmaxOfStored(a.axis, x, x.type, y)];
    const xs = f32Data(x);
    const out = new Float32Array(xs.length);
    const dim = y.shape[a.axis];
    const inner = elements(y.shape.slice(a.axis + 1));
    for (let base = 0; base < xs.length; base++) {
      if (Math.floor(base / inner) % dim !== 0) continue;
      const at = (j: number) => base + j * inner;
      let best = 0;
      for (let j = 1; j < dim; j++) if (xs[at(j)] > xs[at(best)]) best = j;
      if (a.fn === 'hardmax') {
        out[at(best)] = 1;
        continue;
      }
      const shifted = (j: number) => Math.fround(xs[at(j)] - xs[at(best)]);
      const sum = laneSum(dim, (j) => softmaxExp32(shifted(j)));
      for (let j = 0; j < dim; j++)
        out[at(j)] = a.fn === 'softmax' ? softmaxExp32(shifted(j)) / sum : shifted(j) - log32(sum);
    }
    return [{ type: y, data: out }];
  },
});
