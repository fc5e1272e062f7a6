import { defineOp } from '../../ir/op.js';
import { allocateNumbers, numberData } from '../../ir/type.js';
import { scaleAt } from '../../quant/affine.js';
import { type FixedPoint, quantizeMultiplier } from '../../quant/fixed-point.js';
import { exponentialTable, reciprocalTable, softmaxRow } from '../../quant/wide-functions.js';
import { isWide } from '../window.js';

/** Sums of so many exponentials of 15 bits stay below 2^31, and so do their shifts. */
export const MOST_COLUMNS = 2 ** 15;

/** beta * Sx in units of 10 / 65535. */
export function differenceScale(sx: number, beta: number): FixedPoint | undefined {
  const real = (sx * beta) / (10 / 65535);
  if (!(real < 2 ** 14)) return undefined;
  return quantizeMultiplier(real);
}

/** TFLite's softmax of int16, over the last dimension. */
export const softmaxWide = defineOp({
  kind: 'softmax-wide',
  doc:
    "TFLite's softmax of s16 without zero points over the last dimension: e = exp((x - max) * Sx * beta) and 1 / (sum of e) from " +
    'interpolated tables of 512 steps, y = e * that, in units of 2^-15 (`src/quant/wide-functions.ts`).',
  attrs: { beta: 'float' },
  operands: ['x'],
  inferShape: (_, [x]) => [x.shape],
  check({ beta }, [x], [y]) {
    if (!isWide(x) || !isWide(y)) return ['x and y are s16 quantized per tensor with zero point 0'];
    if (scaleAt(y.affine, 0) !== 2 ** -15) return ['y has scale 2^-15'];
    const columns = x.shape.at(-1) ?? 0;
    if (columns > MOST_COLUMNS) return [`the last dimension has more than ${MOST_COLUMNS} entries`];
    return beta > 0 && differenceScale(scaleAt(x.affine, 0), beta) !== undefined
      ? []
      : ['beta is not positive, or the scale of x too large'];
  },
  evaluate({ beta }, [x], [y]) {
    if (x.type.kind !== 'quant') throw new TypeError('quantized only');
    const input = differenceScale(scaleAt(x.type.affine, 0), beta);
    if (input === undefined) throw new RangeError('the scale of x is too large');
    const [exponentials, reciprocals] = [exponentialTable(), reciprocalTable()];
    const xs = numberData(x);
    const out = allocateNumbers(y);
    const columns = y.shape.at(-1) ?? 1;
    for (let row = 0; row < xs.length; row += columns)
      out.set(softmaxRow(xs.subarray(row, row + columns), input, exponentials, reciprocals), row);
    return [{ type: y, data: out }];
  },
});
