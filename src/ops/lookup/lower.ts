import { elements } from '../../ir/type.js';
import { proved } from '../../target/choose.js';
import { type Lowering, reads, stepFor, writes } from '../lowering.js';

export const lower: Lowering<'lookup'> = (node, cx) => {
  const [x, table] = node.operands;
  const count = elements(x.type.shape);
  const choice = cx.choose(
    { family: 'lookup_q8', prove: () => proved(''), work: () => count, reads: [cx.view(x)] },
    node,
  );
  cx.emit(
    stepFor(node, {
      choice,
      params: { count },
      args: [reads('x', cx.view(x)), reads('table', cx.view(table)), writes('y', cx.output(node.results[0]))],
      inPlace: 'x',
    }),
  );
};
