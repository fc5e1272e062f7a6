import { elementBytes, elements } from '../../ir/type.js';
import { plainRequest } from '../any.js';
import { flag, type Lowering, reads, stepFor, writes } from '../lowering.js';

export const lower: Lowering<'lookup-channels'> = (node, cx) => {
  const [x, table] = node.operands;
  const count = elements(x.type.shape);
  const [channels] = table.type.shape;
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest('lookup_channels', count, [cx.view(x)]), node),
      params: {
        pixels: count / channels,
        channels,
        swaps: flag(node.attrs.swaps),
        bytes: elementBytes[node.results[0].type.element],
      },
      args: [reads('x', cx.view(x)), reads('table', cx.view(table)), writes('y', cx.output(node.results[0]))],
    }),
  );
};
