import { elements } from '../../ir/type.js';
import { verdict } from '../../target/choose.js';
import { flag, type Lowering, reads, stepFor, writes } from '../lowering.js';
import { storedRows } from '../stored-lower.js';

export const lower: Lowering<'linear-stored'> = (node, cx) => {
  const [x, w, bias] = node.operands;
  const { rows: n, columns: k, block, bits, isSigned, weights, scales, zeros } = storedRows(w, cx);
  const m = elements(x.type.shape) / k;
  const isAligned = block % 8 === 0 || block >= k;
  const prove = (word: string) =>
    word === 'BLOCK_OF_8'
      ? verdict(isAligned, `blocks of ${block} in rows of ${k}`, `blocks of ${block} are no multiple of 8`)
      : undefined;
  cx.emit(
    stepFor(node, {
      choice: cx.choose({ family: 'linear_stored', prove, work: () => m * n * k, reads: [cx.view(x)] }, node),
      params: {
        m,
        n,
        k,
        block,
        bits,
        is_signed: flag(isSigned),
        has_zero: flag(zeros !== undefined),
        has_bias: flag(bias !== undefined),
      },
      args: [
        reads('x', cx.view(x)),
        reads('w', weights),
        reads('scales', scales),
        reads('zeros', zeros),
        reads('bias', bias === undefined ? undefined : cx.view(bias)),
        writes('y', cx.output(node.results[0])),
      ],
      macs: m * n * k,
    }),
  );
};
