import { nodeSamples } from '../../ir/sample.js';
import { floatType, indexType, perTensor, quantType, type TensorType } from '../../ir/type.js';
import type { scatter } from './op.js';

const byte = quantType('u8', [6, 5], perTensor(0.1, 3));

/** Indices of the caller, many of them outside and several the same. */
function sample(fn: (typeof scatter.attrs.fn)[number], x: TensorType, count: number, run: readonly number[]) {
  return {
    name: `${fn} ${x.element}[${x.shape}] at ${count}`,
    attrs: { fn },
    operands: [x, indexType('s64', [count]), { ...x, shape: [count, ...run] }],
    results: [x],
  };
}

export const samples = nodeSamples('scatter', [
  sample('none', floatType([7, 3]), 5, [3]),
  sample('none', byte, 9, [1]),
  sample('none', indexType('s64', [4, 2]), 3, [2]),
  ...(['add', 'mul', 'max', 'min'] as const).flatMap((fn) => [
    sample(fn, floatType([6, 4]), 9, [4]),
    sample(fn, indexType('s64', [9]), 14, []),
    sample(fn, indexType('s32', [9]), 14, []),
  ]),
]);
