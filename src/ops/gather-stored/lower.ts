import { elementBytes, elements } from '../../ir/type.js';
import { plainRequest } from '../any.js';
import { flag, type Lowering, reads, stepFor, writes } from '../lowering.js';
import { storedRows } from '../stored-lower.js';

export const lower: Lowering<'gather-stored'> = (node, cx) => {
  const [w, index] = node.operands;
  const { rows: n, columns: k, block, bits, isSigned, weights, scales, zeros } = storedRows(w, cx);
  const m = elements(index.type.shape);
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest('gather_stored', m * k, [cx.view(index)]), node),
      params: {
        m,
        n,
        k,
        block,
        bits,
        is_signed: flag(isSigned),
        has_zero: flag(zeros !== undefined),
        index_bytes: elementBytes[index.type.element],
      },
      args: [
        reads('w', weights),
        reads('scales', scales),
        reads('zeros', zeros),
        reads('index', cx.view(index)),
        writes('y', cx.output(node.results[0])),
      ],
    }),
  );
};
