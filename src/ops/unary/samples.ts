import { nodeSamples } from '../../ir/sample.js';
import { floatType } from '../../ir/type.js';
import { unary } from './op.js';

export const samples = nodeSamples(
  'unary',
  unary.attrs.fn.map((fn) => ({
    name: fn,
    attrs: { fn },
    operands: [floatType([5, 167])],
    results: [floatType([5, 167])],
  })),
);
