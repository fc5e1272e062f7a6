import { elements, stridesOf } from '../../ir/type.js';
import { verdict } from '../../target/choose.js';
import { loopParams, loopsOver } from '../loops.js';
import { type Lowering, reads, stepFor, writes } from '../lowering.js';

const codes = { sum: 0, mean: 1, max: 2, min: 3, prod: 4, l1: 5, 'sum-square': 6, 'log-sum-exp': 7 } as const;
const LOOPS = 3;

export const lower: Lowering<'reduce'> = (node, cx) => {
  const [x] = node.operands;
  const { shape } = x.type;
  const strides = [stridesOf(shape)];
  const all = shape.map((_, i) => i);
  const kept = loopsOver(
    shape,
    all.filter((i) => !node.attrs.axes.includes(i)),
    strides,
  );
  const reduced = loopsOver(shape, node.attrs.axes, strides);
  const fits = kept.length <= LOOPS && reduced.length <= LOOPS;
  const work = elements(shape);
  const choice = cx.choose(
    {
      family: `reduce_${x.type.element}`,
      prove: () => undefined,
      accepts: () =>
        verdict(fits, '', `${kept.length} kept and ${reduced.length} reduced loops, at most ${LOOPS} each`),
      work: () => work,
      reads: [cx.view(x)],
    },
    node,
  );
  cx.emit(
    stepFor(node, {
      choice,
      params: {
        fn: codes[node.attrs.fn],
        ...loopParams(fits ? kept : [], LOOPS, 'k', ['ks']),
        ...loopParams(fits ? reduced : [], LOOPS, 'r', ['rs']),
      },
      args: [reads('x', cx.view(x)), writes('y', cx.output(node.results[0]))],
    }),
  );
};
