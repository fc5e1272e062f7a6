import { defineOp } from '../../ir/op.js';
import { allocateNumbers, f32Data, isByte } from '../../ir/type.js';
import { scaleAt, zeroPointAt } from '../../quant/affine.js';
import { roundAway } from '../../quant/fixed-point.js';
import { isWide } from '../window.js';

/** Float to stored integers by TFLite's rounding. */
export const quantizeAway = defineOp({
  kind: 'quantize-away',
  doc: "TFLite's quantization of floats: q = saturate(round(f32(x / scale)) + zero), ties away from zero. NaN gives the smallest value.",
  attrs: {},
  operands: ['x'],
  inferShape: (_, [x]) => [x.shape],
  check: (_, [x], [y]) =>
    x.element === 'f32' && y.kind === 'quant' && y.affine.per === 'tensor' && (isByte(y) || isWide(y))
      ? []
      : ['turns f32 into 8 bits quantized per tensor, or into s16 without zero point'],
  evaluate(_, [x], [y]) {
    if (y.kind !== 'quant') throw new TypeError('quantized only');
    const [scale, zero] = [scaleAt(y.affine, 0), zeroPointAt(y.affine, 0)];
    const [low, high] = y.range;
    const out = allocateNumbers(y);
    for (const [i, v] of f32Data(x).entries()) {
      const q = roundAway(Math.fround(v / scale)) + zero;
      out[i] = q >= high ? high : q > low ? q : low;
    }
    return [{ type: y, data: out }];
  },
});
