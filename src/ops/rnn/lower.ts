import { flag, type Lowering, reads, scratches, stepFor, writes } from '../lowering.js';
import { cellRequest } from '../recurrent-lower.js';

/** As the contract of rnn_f32 numbers them. */
const codes = { tanh: 0, relu: 1, sigmoid: 2 } as const;

export const lower: Lowering<'rnn'> = (node, cx) => {
  const [gates, r, h0] = node.operands;
  const [y, h] = node.results;
  const [seq, batch, hidden] = y.type.shape;
  const macs = seq * batch * hidden * hidden;
  const choice = cx.choose(cellRequest('rnn', [r], macs, gates, cx), node);
  const params = { seq, batch, hidden, reverse: flag(node.attrs.reverse), fn: codes[node.attrs.fn] };
  cx.emit(
    stepFor(node, {
      choice,
      params,
      args: [
        reads('gates', cx.view(gates)),
        reads('r', cx.view(r)),
        reads('h0', cx.view(h0)),
        writes('y', cx.output(y)),
        writes('h', cx.output(h)),
        scratches('scratch', cx.scratch(cx.scratchBytes(choice.kernel, params))),
      ],
      macs,
    }),
  );
};
