import type { Node } from '../../ir/graph.js';
import { elementRange, elements, type QuantType, type TensorType } from '../../ir/type.js';
import { zeroPointAt } from '../../quant/affine.js';
import { plainRequest } from '../any.js';
import { flag, type LowerContext, type Lowering, reads, stepFor, writes } from '../lowering.js';
import { repeatedOperands } from '../repeat-lower.js';
import { linearEvidence, linearFormOf } from './linear.js';
import { sumConstants, sumRights, tiesShow } from './op.js';

function quantOf(type: TensorType): QuantType {
  if (type.kind !== 'quant') throw new TypeError('quantized only');
  return type;
}

/** int16: no zero points, and perhaps no multipliers. */
function lowerWide(node: Node<'add-fixed'>, y: QuantType, cx: LowerContext): void {
  const { big, bigView, small, smallView, repeat, isSwapped } = repeatedOperands(node, cx);
  const [a, b] = [quantOf(big.type), quantOf(small.type)];
  const { subtract, powers } = node.attrs;
  const constants = sumConstants(a, b, y);
  const rights = powers ? sumRights(a, b, y) : [-constants.a.shift, -constants.b.shift];
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest('add_fixed_s16', elements(y.shape), [bigView, smallView]), node),
      params: {
        ...repeat,
        a_negative: flag(subtract && isSwapped),
        b_negative: flag(subtract && !isSwapped),
        powers: flag(powers),
      },
      data: {
        a_multiplier: constants.a.multiplier,
        a_right: rights[0],
        b_multiplier: constants.b.multiplier,
        b_right: rights[1],
        y_multiplier: constants.y.multiplier,
        y_right: powers ? 0 : -constants.y.shift,
        y_min: y.range[0],
        y_max: y.range[1],
      },
      args: [reads('a', bigView), reads('b', smallView), writes('y', cx.output(node.results[0]))],
      inPlace: 'a',
    }),
  );
}

/** The operand that repeats is b; a subtraction whose first operand repeats is b - a. */
export const lower: Lowering<'add-fixed'> = (node, cx) => {
  const y = quantOf(node.results[0].type);
  if (y.element === 's16') return lowerWide(node, y, cx);
  const { big, bigView, small, smallView, repeat, isSwapped } = repeatedOperands(node, cx);
  const [a, b] = [quantOf(big.type), quantOf(small.type)];
  const constants = sumConstants(a, b, y);
  const choice = cx.choose(plainRequest('add_fixed_q8', elements(y.shape), [bigView, smallView]), node);
  const { subtract } = node.attrs;
  const isFull = elementRange[y.element].every((end, i) => end === y.range[i]);
  const form = linearFormOf(node);
  const [aFactor, bFactor] = isSwapped ? [form?.b, form?.a] : [form?.a, form?.b];
  cx.emit(
    stepFor(node, {
      choice,
      params: {
        ...repeat,
        a_signed: flag(a.element === 's8'),
        b_signed: flag(b.element === 's8'),
        a_negative: flag(subtract && isSwapped),
        b_negative: flag(subtract && !isSwapped),
        ties: flag(form === undefined && (isSwapped ? tiesShow(subtract, b, a, y) : tiesShow(subtract, a, b, y))),
        linear: form?.shift ?? 0,
        full: isFull ? (y.element === 's8' ? 1 : 2) : 0,
      },
      data: {
        a_zero: zeroPointAt(a.affine, 0),
        a_multiplier: constants.a.multiplier,
        a_right: -constants.a.shift,
        b_zero: zeroPointAt(b.affine, 0),
        b_multiplier: constants.b.multiplier,
        b_right: -constants.b.shift,
        y_zero: zeroPointAt(y.affine, 0),
        y_multiplier: constants.y.multiplier,
        y_right: -constants.y.shift,
        y_min: y.range[0],
        y_max: y.range[1],
        a_factor: aFactor ?? 0,
        b_factor: bFactor ?? 0,
        constant: form?.constant ?? 0,
      },
      args: [reads('a', bigView), reads('b', smallView), writes('y', cx.output(node.results[0]))],
      proofs: [
        {
          claim: 'LINEAR_SUM',
          evidence: form === undefined ? 'no linear form has the sums of all pairs of bytes' : linearEvidence(form),
        },
      ],
      inPlace: 'a',
    }),
  );
};
