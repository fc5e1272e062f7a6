import { seededTensor } from '../../ir/parse.js';
import { type NodeSample, nodeSamples } from '../../ir/sample.js';
import { floatType } from '../../ir/type.js';

type Attrs = NodeSample<'conv2d-fused'>['attrs'];
const plain: Attrs = {
  strides: [1, 1],
  dilations: [1, 1],
  pads: [1, 1, 1, 1],
  groups: 1,
  bias: true,
  before: 'none',
  before_a: 0,
  before_b: 0,
  add: false,
  after: 'none',
  after_a: 0,
  after_b: 0,
};
const relu6 = { before: 'clamp', before_b: 6 } as const;

/** [2,5,6,c] -> [2,5,6,oc] by windows of 3x3. */
function sample(name: string, c: number, oc: number, attrs: Partial<Attrs>): NodeSample<'conv2d-fused'> {
  const all = { ...plain, ...attrs };
  const y = floatType([2, 5, 6, oc]);
  return {
    name,
    attrs: all,
    operands: [
      floatType([2, 5, 6, c]),
      seededTensor(floatType([oc, 3, 3, c / all.groups]), 2),
      ...(all.bias ? [seededTensor(floatType([oc]), 3)] : []),
      ...(all.add ? [y] : []),
    ],
    results: [y],
  };
}

export const samples = nodeSamples('conv2d-fused', [
  sample('clamp', 9, 20, relu6),
  sample('clamp of a depthwise one', 17, 17, { ...relu6, groups: 17 }),
  sample('addition, then clamp', 3, 24, { add: true, after: 'clamp', after_b: Number.POSITIVE_INFINITY }),
  sample('silu, then addition, no bias', 8, 16, { bias: false, before: 'silu', add: true }),
  sample('leaky-relu, addition, swish', 4, 5, {
    before: 'leaky-relu',
    before_a: Math.fround(0.1),
    add: true,
    after: 'swish',
    after_a: Math.fround(1.702),
  }),
  sample('hard-swish', 16, 33, { before: 'hard-swish' }),
  sample('sigmoid', 5, 1, { before: 'sigmoid' }),
]);
