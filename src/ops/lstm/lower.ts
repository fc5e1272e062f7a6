import { flag, type Lowering, reads, scratches, stepFor, writes } from '../lowering.js';
import { cellRequest, weightArgs } from '../recurrent-lower.js';

export const lower: Lowering<'lstm'> = (node, cx) => {
  const [gates, r, h0, c0, peephole] = node.operands;
  const [y, h, c] = node.results;
  const [seq, batch, hidden] = y.type.shape;
  const macs = seq * batch * 4 * hidden * hidden;
  const choice = cx.choose(cellRequest('lstm', [r], macs, gates, cx), node);
  const params = { seq, batch, hidden, reverse: flag(node.attrs.reverse), has_peephole: flag(peephole !== undefined) };
  cx.emit(
    stepFor(node, {
      choice,
      params,
      args: [
        reads('gates', cx.view(gates)),
        ...weightArgs('r', r, choice.kernel, cx),
        reads('h0', cx.view(h0)),
        reads('c0', cx.view(c0)),
        reads('peephole', peephole === undefined ? undefined : cx.view(peephole)),
        writes('y', cx.output(y)),
        writes('h', cx.output(h)),
        writes('c', cx.output(c)),
        scratches('scratch', cx.scratch(cx.scratchBytes(choice.kernel, params))),
      ],
      macs,
    }),
  );
};
