import { type NodeSample, nodeSamples } from '../../ir/sample.js';
import { floatType, type Shape } from '../../ir/type.js';

const f = (shape: Shape) => floatType(shape);
type Fn = NodeSample<'binary'>['attrs']['fn'];

function sample(fn: Fn, a: Shape, b: Shape, y: Shape): NodeSample<'binary'> {
  return { name: `${fn} of [${a}] and [${b}]`, attrs: { fn }, operands: [f(a), f(b)], results: [f(y)] };
}

export const samples = nodeSamples('binary', [
  ...(['add', 'sub', 'mul', 'div', 'min', 'max'] as const).map((fn) => sample(fn, [3, 41], [3, 41], [3, 41])),
  sample('add', [2, 3, 1, 5], [4, 1], [2, 3, 4, 5]),
  sample('sub', [1], [2, 9], [2, 9]),
  sample('mul', [2, 1, 3, 1, 2, 1], [1, 4, 1, 2, 1, 3], [2, 4, 3, 2, 2, 3]),
]);
