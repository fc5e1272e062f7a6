import { elements } from '../../ir/type.js';
import { scaleAt, zeroPointAt } from '../../quant/affine.js';
import { plainRequest } from '../any.js';
import { f32, flag, type Lowering, reads, stepFor, writes } from '../lowering.js';

export const lower: Lowering<'quantize-away'> = (node, cx) => {
  const [x] = node.operands;
  const y = node.results[0].type;
  if (y.kind !== 'quant') throw new TypeError('quantized only');
  const count = elements(y.shape);
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest('quantize_away_q8', count, [cx.view(x)]), node),
      params: { outer: 1, rows: 1, columns: count, x_row: count, x_column: 1, y_signed: flag(y.element === 's8') },
      data: {
        scale: f32(scaleAt(y.affine, 0)),
        zero: zeroPointAt(y.affine, 0),
        y_min: y.range[0],
        y_max: y.range[1],
      },
      args: [reads('x', cx.view(x)), writes('y', cx.output(node.results[0]))],
    }),
  );
};
