import { defineOp } from '../../ir/op.js';
import {
  allocate,
  allocateNumbers,
  numberData,
  sameAffine,
  type Tensor,
  type TensorType,
  unitAffine,
} from '../../ir/type.js';
import { integerFunctions, wrapInteger } from '../../quant/integer.js';
import { pow32 } from '../../quant/math.js';
import { broadcastIndex, broadcastShape } from '../broadcast.js';

const floatFunctions = {
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

export type FloatFunction = keyof typeof floatFunctions;
export type BinaryFunction = keyof typeof integerFunctions;

function isFloatFunction(fn: BinaryFunction): fn is FloatFunction {
  return Object.hasOwn(floatFunctions, fn);
}

/** Float functions first: the numbers of the contracts in elementwise_f32.h and elementwise.h. */
export const binaryFunctions = [
  'add',
  'sub',
  'mul',
  'div',
  'min',
  'max',
  'pow',
  'prelu',
  'fmod',
  'mod',
  'and',
  'or',
  'xor',
  'shift-left',
  'shift-right',
] as const satisfies readonly BinaryFunction[];
const logical: ReadonlySet<BinaryFunction> = new Set<BinaryFunction>(['and', 'or', 'xor']);
const notInDouble: ReadonlySet<BinaryFunction> = new Set<BinaryFunction>(['pow', 'prelu']);

/** Element-wise function of two tensors with broadcasting. */
export const binary = defineOp({
  kind: 'binary',
  doc:
    'Element-wise arithmetic of two tensors of one element with NumPy broadcasting, one rounding per element; integers wrap. ' +
    'prelu: a >= 0 ? a : a b. fmod: remainder with the sign of a, mod: of b. Integers: x / 0 and x mod 0 are 0, div truncates, ' +
    'a^-n is 1 / a^n truncated. Tensors of scale 1 are the integers they store.',
  attrs: { fn: binaryFunctions },
  operands: ['a', 'b'],
  inferShape: (_, [a, b]) => [broadcastShape(a.shape, b.shape)],
  check({ fn }, [a, b], [y]) {
    if (a.element !== b.element || a.element !== y.element || a.kind !== b.kind || a.kind !== y.kind)
      return ['a, b and y have one element type'];
    if (![a, b, y].every(isPlain)) return ['a, b and y have no scale'];
    const fits =
      a.element === 'bool'
        ? logical.has(fn)
        : a.kind !== 'float' ||
          (isFloatFunction(fn) && (a.element === 'f32' || (a.element === 'f64' && !notInDouble.has(fn))));
    return fits ? [] : [`there is no ${fn} of ${a.element}`];
  },
  evaluate({ fn }, [a, b], [y]): readonly Tensor[] {
    const ai = broadcastIndex(a.type.shape, y.shape);
    const bi = broadcastIndex(b.type.shape, y.shape);
    if (y.kind === 'float') {
      if (!isFloatFunction(fn)) throw new TypeError(`${fn} of floats`);
      const of = floatFunctions[fn];
      const [as, bs] = [numberData(a), numberData(b)];
      const out = allocateNumbers(y);
      for (let i = 0; i < out.length; i++) out[i] = of(as[ai[i]], bs[bi[i]]);
      return [{ type: y, data: out }];
    }
    const out = allocate(y);
    for (let i = 0; i < out.length; i++) {
      const value = wrapInteger(integerFunctions[fn](BigInt(a.data[ai[i]]), BigInt(b.data[bi[i]])), y.element);
      if (out instanceof BigInt64Array || out instanceof BigUint64Array) out[i] = value;
      else out[i] = Number(value);
    }
    return [{ type: y, data: out }];
  },
});

function isPlain(type: TensorType): boolean {
  return type.kind !== 'quant' || sameAffine(type.affine, unitAffine);
}
