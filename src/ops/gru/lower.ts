import { flag, type Lowering, reads, scratches, stepFor, writes } from '../lowering.js';
import { cellRequest, weightArgs } from '../recurrent-lower.js';

export const lower: Lowering<'gru'> = (node, cx) => {
  const [gates, rzr, rn, h0, bias] = node.operands;
  const [y, h] = node.results;
  const [seq, batch, hidden] = y.type.shape;
  const macs = seq * batch * 3 * hidden * hidden;
  const choice = cx.choose(cellRequest('gru', [rzr, rn], macs, gates, cx), node);
  const params = { seq, batch, hidden, reverse: flag(node.attrs.reverse), has_bias: flag(bias !== undefined) };
  cx.emit(
    stepFor(node, {
      choice,
      params,
      args: [
        reads('gates', cx.view(gates)),
        ...weightArgs('r_zr', rzr, choice.kernel, cx),
        ...weightArgs('r_n', rn, choice.kernel, cx),
        reads('h0', cx.view(h0)),
        reads('bias', bias === undefined ? undefined : cx.view(bias)),
        writes('y', cx.output(y)),
        writes('h', cx.output(h)),
        scratches('scratch', cx.scratch(cx.scratchBytes(choice.kernel, params))),
      ],
      macs,
    }),
  );
};
