import type { Value } from '../../ir/graph.js';
import { elements, floatType } from '../../ir/type.js';
import type { ImportContext, Importer, Importers } from '../../onnx/importer.js';
import { castTo, fullRange, numericInputs, plainIntegers } from '../arithmetic.js';
import { broadcastShape } from '../broadcast.js';
import { batchNormalization } from './batch-norm-import.js';
import type { BinaryFunction } from './op.js';

function apply(cx: ImportContext, fn: BinaryFunction, a: Value, b: Value): Value {
  return cx.make('binary', { fn }, [a, b], fullRange(a.type));
}

function binaryOf(fn: BinaryFunction): Importer {
  return (cx) => {
    const [a, b] = numericInputs(cx, [cx.input(0), cx.input(1)]);
    return apply(cx, fn, a, b);
  };
}

/** Any number of inputs, from the left. */
function folded(cx: ImportContext, fn: BinaryFunction): Value {
  return numericInputs(cx, cx.inputs()).reduce((a, b) => apply(cx, fn, a, b));
}

function variadic(fn: BinaryFunction): Importer {
  return (cx) => folded(cx, fn);
}

/** The sum divided by the count, as ONNX Runtime does it. */
function mean(cx: ImportContext): Value {
  const sum = folded(cx, 'add');
  return cx.inputCount === 1 ? sum : apply(cx, 'div', sum, cx.scalar(sum.type, cx.inputCount));
}

/** The result has the element of the base; two different ones are computed in float32. */
function pow(cx: ImportContext): Value {
  const [x, y] = [cx.input(0), cx.input(1)].map((v) => plainIntegers(cx, v));
  if (x.type.element === y.type.element && x.type.kind !== 'float') return apply(cx, 'pow', x, y);
  for (const { type } of [x, y])
    if (type.element === 'f64' || type.element === 'bool')
      cx.fail('Q0209', `Pow of ${type.element} is not supported`, undefined, 'export the model in float32');
  const [a, b] = [x, y].map((v) => castTo(cx, v, floatType([])));
  return castTo(cx, apply(cx, 'pow', a, b), fullRange(x.type));
}

function mod(cx: ImportContext): Value {
  const isC = cx.attrs.bool('fmod', false);
  const [a, b] = numericInputs(cx, [cx.input(0), cx.input(1)]);
  if (a.type.kind === 'float' && !isC) cx.attrs.invalid('fmod', 'must be 1 for floats');
  return apply(cx, isC || a.type.kind === 'float' ? 'fmod' : 'mod', a, b);
}

function bitShift(cx: ImportContext): Value {
  const direction = cx.attrs.requiredString('direction');
  if (direction !== 'LEFT' && direction !== 'RIGHT') cx.attrs.invalid('direction', 'is neither "LEFT" nor "RIGHT"');
  const [a, b] = numericInputs(cx, [cx.input(0), cx.input(1)]);
  if (!a.type.element.startsWith('u')) cx.fail('Q0209', `BitShift of ${a.type.element} is not defined`);
  return apply(cx, direction === 'LEFT' ? 'shift-left' : 'shift-right', a, b);
}

/** The slope stretches to x, not x to the slope. */
function prelu(cx: ImportContext): Value {
  const [x, slope] = numericInputs(cx, [cx.input(0), cx.input(1)]);
  const { shape } = x.type;
  const stretched = cx.shaped(() => broadcastShape(shape, slope.type.shape));
  if (slope.type.shape.length > shape.length || elements(stretched) !== elements(shape))
    cx.fail('Q0210', `a slope of [${slope.type.shape}] does not stretch to x, [${shape}]`);
  return apply(cx, 'prelu', x, slope);
}

function bitwiseNot(cx: ImportContext): Value {
  const x = plainIntegers(cx, cx.input(0));
  const zero = cx.scalar(x.type, 0);
  return apply(cx, 'xor', x, apply(cx, 'sub', zero, cx.scalar(x.type, 1)));
}

export const importers: Importers = {
  Add: binaryOf('add'),
  Sub: binaryOf('sub'),
  Mul: binaryOf('mul'),
  Div: binaryOf('div'),
  Pow: pow,
  Mod: mod,
  PRelu: prelu,
  Min: variadic('min'),
  Max: variadic('max'),
  Sum: variadic('add'),
  Mean: mean,
  BitShift: bitShift,
  BitwiseAnd: binaryOf('and'),
  BitwiseOr: binaryOf('or'),
  BitwiseXor: binaryOf('xor'),
  BitwiseNot: bitwiseNot,
  BatchNormalization: batchNormalization,
};
