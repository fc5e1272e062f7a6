import { elements } from '../../ir/type.js';
import { zeroPointAt } from '../../quant/affine.js';
import { plainRequest } from '../any.js';
import { elementCodes } from '../element-codes.js';
import { f32, flag, type Lowering, reads, stepFor, writes } from '../lowering.js';
import { repeatedOperands } from '../repeat-lower.js';
import { isWide } from '../window.js';
import { mulRatio } from './op.js';

/** Quantized multiplication, which commutes bit for bit; the operand that repeats is b. */
export const lower: Lowering<'mul'> = (node, cx) => {
  const y = node.results[0].type;
  const { big, bigView, small, smallView, repeat } = repeatedOperands(node, cx);
  if (y.kind !== 'quant' || big.type.kind !== 'quant' || small.type.kind !== 'quant')
    throw new TypeError('quantized only');
  const hasWide = [big.type, small.type, y].some(isWide);
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest(hasWide ? 'mul_q16' : 'mul_q8', elements(y.shape), [bigView, smallView]), node),
      params: {
        ...repeat,
        ...(hasWide
          ? {
              a_element: elementCodes[big.type.element],
              b_element: elementCodes[small.type.element],
              y_element: elementCodes[y.element],
            }
          : {
              a_signed: flag(big.type.element === 's8'),
              b_signed: flag(small.type.element === 's8'),
              y_signed: flag(y.element === 's8'),
            }),
      },
      data: {
        a_zero: zeroPointAt(big.type.affine, 0),
        b_zero: zeroPointAt(small.type.affine, 0),
        scale: f32(mulRatio(big.type, small.type, y)),
        y_zero: zeroPointAt(y.affine, 0),
        y_min: y.range[0],
        y_max: y.range[1],
      },
      args: [reads('a', bigView), reads('b', smallView), writes('y', cx.output(node.results[0]))],
      ...(big.type.element === y.element || !hasWide ? { inPlace: 'a' } : {}),
    }),
  );
};
