import { constant, make } from '../../ir/build.js';
import { type NodeSample, nodeSamples, type Sample } from '../../ir/sample.js';
import {
  allocate,
  type Element,
  floatType,
  indexType,
  quantType,
  type Shape,
  type Tensor,
  type TensorType,
  unitAffine,
} from '../../ir/type.js';
import { integerLimits } from '../../quant/integer.js';
import { type BinaryFunction, binaryFunctions } from './op.js';

function typeOf(element: Element, shape: Shape): TensorType {
  switch (element) {
    case 'f32':
    case 'f64':
    case 'f16':
    case 'bf16':
      return floatType(shape, element);
    case 's32':
    case 's64':
    case 'u32':
    case 'u64':
    case 'bool':
      return indexType(element, shape);
    default:
      return quantType(element, shape, unitAffine);
  }
}

function sample(fn: BinaryFunction, a: Shape, b: Shape, y: Shape, element: Element = 'f32'): NodeSample<'binary'> {
  return {
    name: `${fn} of ${element} [${a}] and [${b}]`,
    attrs: { fn },
    operands: [typeOf(element, a), typeOf(element, b)],
    results: [typeOf(element, y)],
  };
}

const integers = ['s8', 'u8', 's16', 'u16', 's32', 'u32', 's64', 'u64'] as const;
const isShift = (fn: BinaryFunction): boolean => fn.startsWith('shift');

/** The values at which integer arithmetic overflows or divides by zero. */
function extremes(element: (typeof integers)[number], shape: Shape): Tensor {
  const [low, high] = integerLimits(element);
  const values = [low, low + 1n, low === 0n ? 1n : -1n, 0n, 1n, 2n, 3n, 7n, high - 1n, high];
  const type = typeOf(element, shape);
  const data = allocate(type);
  for (let i = 0; i < data.length; i++) {
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[i] = values[i % values.length];
    else data[i] = Number(values[i % values.length]);
  }
  return { type, data };
}

/** Every function of one element with each extreme, on either side, against random values: one program. */
function extremeSample(element: (typeof integers)[number]): Sample {
  const fns = binaryFunctions.filter((fn) => element.startsWith('u') || !isShift(fn));
  return {
    name: `all functions of ${element}`,
    inputs: [typeOf(element, [13])],
    build([row]) {
      const column = constant('extremes', extremes(element, [10, 1]));
      const y = typeOf(element, [10, 13]);
      return fns.flatMap((fn) => [
        make('binary', { fn }, [column, row], y, { names: [fn] }),
        make('binary', { fn }, [row, column], y, { names: [fn] }),
      ]);
    },
  };
}

export const samples: readonly Sample[] = [
  ...integers.map(extremeSample),
  ...nodeSamples('binary', [
    ...(['add', 'sub', 'mul', 'div', 'min', 'max', 'pow', 'prelu', 'fmod'] as const).map((fn) =>
      sample(fn, [3, 41], [3, 41], [3, 41]),
    ),
    ...(['add', 'sub', 'mul', 'div', 'min', 'max', 'fmod'] as const).map((fn) =>
      sample(fn, [3, 5], [5], [3, 5], 'f64'),
    ),
    ...(['and', 'or', 'xor'] as const).map((fn) => sample(fn, [7, 3], [3], [7, 3], 'bool')),
    sample('add', [2, 3, 1, 5], [4, 1], [2, 3, 4, 5]),
    sample('sub', [1], [2, 9], [2, 9]),
    sample('mul', [2, 1, 3, 1, 2, 1], [1, 4, 1, 2, 1, 3], [2, 4, 3, 2, 2, 3]),
    sample('add', [2, 2, 2, 2, 2, 1, 3], [2, 2, 2, 2, 2, 2, 3], [2, 2, 2, 2, 2, 2, 3]),
    sample('min', [2, 1, 3, 1], [4, 1, 5], [2, 4, 3, 5], 's64'),
  ]),
];
