import { defineOp } from '../../ir/op.js';
import { allocateNumbers, numberData, type QuantType } from '../../ir/type.js';
import { scaleAt } from '../../quant/affine.js';
import { curveScale, curveStored, sigmoidTable } from '../../quant/wide-functions.js';
import { isWide } from '../window.js';

/** How stored x reaches the table; throws where `check` would have refused. */
export function scaleOf(x: QuantType) {
  const scale = curveScale(scaleAt(x.affine, 0));
  if (scale === undefined) throw new RangeError('the scale of x is too large');
  return scale;
}

/** TFLite's logistic function and hyperbolic tangent of int16. */
export const curveFixed = defineOp({
  kind: 'curve-fixed',
  doc:
    "TFLite's sigmoid and tanh of s16 without zero points: x * 3 * 4096 * Sx in 15 bits of multiplier, then a table of sigmoid(i / 24), " +
    'i in 0..255, with linear interpolation (`src/quant/wide-functions.ts`). y has scale 2^-15.',
  attrs: { fn: ['sigmoid', 'tanh'] },
  operands: ['x'],
  inferShape: (_, [x]) => [x.shape],
  check(_, [x], [y]) {
    if (!isWide(x) || !isWide(y)) return ['x and y are s16 quantized per tensor with zero point 0'];
    if (scaleAt(y.affine, 0) !== 2 ** -15) return ['y has scale 2^-15'];
    return curveScale(scaleAt(x.affine, 0)) === undefined ? ['the scale of x is too large'] : [];
  },
  evaluate({ fn }, [x], [y]) {
    if (x.type.kind !== 'quant') throw new TypeError('quantized only');
    const [table, scale] = [sigmoidTable(), scaleOf(x.type)];
    const out = allocateNumbers(y);
    for (const [i, v] of numberData(x).entries()) out[i] = curveStored(fn, table, v, scale);
    return [{ type: y, data: out }];
  },
});
