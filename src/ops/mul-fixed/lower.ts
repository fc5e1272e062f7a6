import { elements, type QuantType, type TensorType } from '../../ir/type.js';
import { zeroPointAt } from '../../quant/affine.js';
import { plainRequest } from '../any.js';
import { flag, type Lowering, reads, stepFor, writes } from '../lowering.js';
import { repeatedOperands } from '../repeat-lower.js';
import { productMultiplier } from './op.js';

function quantOf(type: TensorType): QuantType {
  if (type.kind !== 'quant') throw new TypeError('quantized only');
  return type;
}

export const lower: Lowering<'mul-fixed'> = (node, cx) => {
  const y = quantOf(node.results[0].type);
  const { big, bigView, small, smallView, repeat } = repeatedOperands(node, cx);
  const [a, b] = [quantOf(big.type), quantOf(small.type)];
  const { multiplier, shift } = productMultiplier(a, b, y);
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest('mul_fixed_q8', elements(y.shape), [bigView, smallView]), node),
      params: { ...repeat, a_signed: flag(a.element === 's8'), b_signed: flag(b.element === 's8') },
      data: {
        a_zero: zeroPointAt(a.affine, 0),
        b_zero: zeroPointAt(b.affine, 0),
        y_zero: zeroPointAt(y.affine, 0),
        multiplier,
        shift,
        y_min: y.range[0],
        y_max: y.range[1],
      },
      args: [reads('a', bigView), reads('b', smallView), writes('y', cx.output(node.results[0]))],
      inPlace: 'a',
    }),
  );
};
