import { nodeSamples } from '../../ir/sample.js';
import { floatType, indexType } from '../../ir/type.js';

/** Casts between integers and booleans are folded: none reaches a program yet. */
export const samples = nodeSamples('cast', [
  {
    name: 'of a constant is folded',
    attrs: {},
    operands: [{ type: indexType('s64', [3]), data: BigInt64Array.from([-3n, 0n, 16777217n]) }],
    results: [floatType([3])],
  },
]);
