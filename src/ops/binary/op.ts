import { defineOp } from '../../ir/op.js';
import { allocateNumbers, numberData } from '../../ir/type.js';
import { pow32 } from '../../quant/math.js';
import { broadcastIndex, broadcastShape } from '../broadcast.js';

const functions = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  min: (a, b) => (Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : a < b ? a : b),
  max: (a, b) => (Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : a > b ? a : b),
  pow: pow32,
  prelu: (a, b) => (a >= 0 ? a : a * b),
  fmod: (a, b) => a % b,
} as const satisfies Readonly<Record<string, (a: number, b: number) => number>>;

/** Element-wise function of two float tensors with broadcasting. */
export const binary = defineOp({
  kind: 'binary',
  doc: 'Element-wise arithmetic of two tensors with NumPy broadcasting, one rounding per element.',
  attrs: { fn: ['add', 'sub', 'mul', 'div', 'min', 'max', 'pow', 'prelu', 'fmod'] },
  operands: ['a', 'b'],
  inferShape: (_, [a, b]) => [broadcastShape(a.shape, b.shape)],
  check: (_, [a, b], [y]) =>
    a.element === b.element && a.element === y.element && a.kind !== 'quant'
      ? []
      : ['a, b and y have one unquantized element type'],
  evaluate(attrs, [a, b], [y]) {
    const fn = functions[attrs.fn];
    const [as, bs] = [numberData(a), numberData(b)];
    const ai = broadcastIndex(a.type.shape, y.shape);
    const bi = broadcastIndex(b.type.shape, y.shape);
    const out = allocateNumbers(y);
    for (let i = 0; i < out.length; i++) out[i] = fn(as[ai[i]], bs[bi[i]]);
    return [{ type: y, data: out }];
  },
});
