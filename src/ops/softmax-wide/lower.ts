import { elements, quantType, type Tensor, unitAffine } from '../../ir/type.js';
import { scaleAt } from '../../quant/affine.js';
import { exponentialTable, reciprocalTable } from '../../quant/wide-functions.js';
import { plainRequest } from '../any.js';
import { type Lowering, reads, stepFor, writes } from '../lowering.js';
import { differenceScale } from './op.js';

export const lower: Lowering<'softmax-wide'> = (node, cx) => {
  const [x] = node.operands;
  const y = node.results[0].type;
  if (x.type.kind !== 'quant') throw new TypeError('quantized only');
  const count = elements(y.shape);
  const columns = y.shape[y.shape.length - 1];
  const input = differenceScale(scaleAt(x.type.affine, 0), node.attrs.beta);
  if (input === undefined) throw new RangeError('the scale of x is too large');
  const table = (data: Int16Array): Tensor => ({ type: quantType('s16', [513], unitAffine), data });
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest('softmax_s16', count, [cx.view(x)]), node),
      params: { rows: columns === 0 ? 0 : count / columns, columns },
      data: { multiplier: input.multiplier, shift: input.shift },
      args: [
        reads('x', cx.view(x)),
        reads('exponentials', cx.constant('exponentials', table(exponentialTable()))),
        reads('reciprocals', cx.constant('reciprocals', table(reciprocalTable()))),
        writes('y', cx.output(node.results[0])),
      ],
      inPlace: 'x',
    }),
  );
};
