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
  const scaling = { multiplier, shift, y_min: y.range[0], y_max: y.range[1] };
  const isWide = y.element === 's16';
  const zeros = {
    a_zero: zeroPointAt(a.affine, 0),
    b_zero: zeroPointAt(b.affine, 0),
    y_zero: zeroPointAt(y.affine, 0),
  };
  const signs = { a_signed: flag(a.element === 's8'), b_signed: flag(b.element === 's8') };
  const family = isWide ? 'mul_fixed_s16' : 'mul_fixed_q8';
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest(family, elements(y.shape), [bigView, smallView]), node),
      params: isWide ? { ...repeat } : { ...repeat, ...signs },
      data: isWide ? scaling : { ...zeros, ...scaling },
      args: [reads('a', bigView), reads('b', smallView), writes('y', cx.output(node.results[0]))],
      inPlace: 'a',
    }),
  );
};
