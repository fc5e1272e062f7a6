import { constant, make } from '../../ir/build.js';
import { nodeSamples, type Sample } from '../../ir/sample.js';
import {
  floatType,
  indexType,
  quantType,
  type Shape,
  type Tensor,
  type TensorType,
  unitAffine,
} from '../../ir/type.js';

const types: readonly ((shape: Shape) => TensorType)[] = [
  ...(['f32', 'f64', 'f16', 'bf16'] as const).map((e) => (shape: Shape) => floatType(shape, e)),
  ...(['s32', 's64', 'bool', 'u64', 'u32'] as const).map((e) => (shape: Shape) => indexType(e, shape)),
  ...(['s8', 'u8', 's16', 'u16', 's4', 'u4'] as const).map((e) => (shape: Shape) => quantType(e, shape, unitAffine)),
];

/** One type to all others in one program. @param factors multiply the input first, to reach what overflows. */
function sample(of: (shape: Shape) => TensorType, factors?: Tensor): Sample {
  const type = of([factors === undefined ? 257 : 33]);
  return {
    name: `${type.element} to all${factors === undefined ? '' : ', large values'}`,
    inputs: [type],
    build([x]) {
      const origin = { names: ['x'] };
      const wide = of([factors?.type.shape[0] ?? 1, 33]);
      const from =
        factors === undefined ? x : make('binary', { fn: 'mul' }, [x, constant('factors', factors)], wide, origin);
      const { shape } = from.type;
      return types.filter((to) => to !== of).map((to) => make('cast', {}, [from], to(shape), origin));
    },
  };
}

const powers = [1, 25, 40, 100.5, 9000.25, 3e4, 1e6, 6e8, 3e9, 2e18, 1e19, 1e30, 1e-5, 1e-9, 1e-40];
const bits = [1n, 1n << 6n, 1n << 14n, 1n << 23n, 1n << 30n, 1n << 40n, (1n << 45n) + 1n, 1n << 57n, 1n << 62n, -1n];

export const samples: readonly Sample[] = [
  ...types.map((of) => sample(of)),
  sample(types[0], { type: floatType([powers.length, 1]), data: Float32Array.from(powers) }),
  sample(types[1], { type: floatType([powers.length, 1], 'f64'), data: Float64Array.from(powers) }),
  sample(types[5], { type: indexType('s64', [bits.length, 1]), data: BigInt64Array.from(bits) }),
  sample(types[7], { type: indexType('u64', [bits.length, 1]), data: BigUint64Array.from(bits) }),
  ...nodeSamples('cast', [
    {
      name: 'of a constant is folded',
      attrs: {},
      operands: [{ type: indexType('s64', [3]), data: BigInt64Array.from([-3n, 0n, 16777217n]) }],
      results: [floatType([3])],
    },
  ]),
];
