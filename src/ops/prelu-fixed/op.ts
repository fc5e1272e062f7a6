import { defineOp } from '../../ir/op.js';
import { allocateNumbers, elements, numberData, type QuantType } from '../../ir/type.js';
import { scaleAt, zeroPointAt } from '../../quant/affine.js';
import { type FixedPoint, fixedDouble, quantizeMultiplier } from '../../quant/fixed-point.js';
import { arePlainBytes } from '../window.js';

export interface PreluConstants {
  /** Sx / Sy, for x above its zero point. */
  readonly above: FixedPoint;
  /** Sx Sa / Sy, for the product of x and alpha. */
  readonly below: FixedPoint;
}

interface PreluReals {
  readonly above: number;
  readonly below: number;
}

function preluReals(x: QuantType, alpha: QuantType, y: QuantType): PreluReals {
  const f = Math.fround;
  const [sx, sa, sy] = [x, alpha, y].map((t) => scaleAt(t.affine, 0));
  return { above: f(sx / sy), below: f(f(sx * sa) / sy) };
}

export function preluConstants(x: QuantType, alpha: QuantType, y: QuantType): PreluConstants {
  const { above, below } = preluReals(x, alpha, y);
  return { above: quantizeMultiplier(above), below: quantizeMultiplier(below) };
}

/** Below these a difference of two bytes, or a product of two such, stays an int32 under the left shift. */
const LIMITS: PreluReals = { above: 2 ** 22, below: 2 ** 14 };

/** TFLite's quantized PReLU. */
export const preluFixed = defineOp({
  kind: 'prelu-fixed',
  doc:
    "TFLite's quantized PReLU: with v = x - Zx, y = clamp(v * (Sx/Sy) + Zy) where v >= 0, else clamp(v * (alpha - Za) * (Sx Sa/Sy) + " +
    'Zy), each product in fixed point with two roundings. alpha has the shape of the last dimensions of x and repeats over the others.',
  attrs: {},
  operands: ['x', 'alpha'],
  inferShape: (_, [x]) => [x.shape],
  check(_, types, [y]) {
    const all = [...types, y];
    if (!arePlainBytes(all)) return ['x, alpha and y are 8-bit tensors quantized per tensor'];
    const [x, alpha, result] = all;
    const last = x.shape.slice(x.shape.length - alpha.shape.length);
    if (alpha.shape.length > x.shape.length || last.some((d, i) => d !== alpha.shape[i]))
      return [`alpha is [${alpha.shape}], expected the last dimensions of [${x.shape}]`];
    const { above, below } = preluReals(x, alpha, result);
    return above < LIMITS.above && below < LIMITS.below ? [] : ['the scale of y is too small for those of x and alpha'];
  },
  evaluate(_, [x, alpha], [y]) {
    if (x.type.kind !== 'quant' || alpha.type.kind !== 'quant' || y.kind !== 'quant')
      throw new TypeError('quantized only');
    const { above, below } = preluConstants(x.type, alpha.type, y);
    const [zx, za, zy] = [x.type, alpha.type, y].map((t) => zeroPointAt(t.affine, 0));
    const [xs, slopes] = [numberData(x), numberData(alpha)];
    const period = elements(alpha.type.shape);
    const out = allocateNumbers(y);
    for (let i = 0; i < out.length; i++) {
      const v = xs[i] - zx;
      const scaled = v >= 0 ? fixedDouble(v, above) : fixedDouble(v * (slopes[i % period] - za), below);
      out[i] = Math.max(y.range[0], Math.min(y.range[1], scaled + zy));
    }
    return [{ type: y, data: out }];
  },
});
