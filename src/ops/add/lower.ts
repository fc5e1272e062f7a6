import type { Value } from '../../ir/graph.js';
import { elementRange, elements, type QuantType } from '../../ir/type.js';
import type { Params } from '../../program/program.js';
import { proved } from '../../target/choose.js';
import { elementCodes } from '../element-codes.js';
import { f32, flag, type Lowering, reads, stepFor, writes } from '../lowering.js';
import { repeatedOperands } from '../repeat-lower.js';
import { isWide } from '../window.js';
import { type AddConstants, addConstants } from './op.js';

/** Quantized addition; the operand that repeats is b. */
export const lower: Lowering<'add'> = (node, cx) => {
  const y = node.results[0].type;
  const [a, b] = node.operands;
  if (y.kind !== 'quant' || a.type.kind !== 'quant' || b.type.kind !== 'quant') throw new TypeError('quantized only');
  const constants = addConstants(a.type, b.type, y);
  const { big, bigView, small, smallView, repeat, isSwapped } = repeatedOperands(node, cx);
  const full = elementRange[y.element];
  if ([a.type, b.type, y].some(isWide)) {
    const work = () => elements(y.shape);
    const choice = cx.choose({ family: 'add_q16', prove: () => proved(''), work, reads: [bigView, smallView] }, node);
    cx.emit(
      stepFor(node, {
        choice,
        params: {
          ...repeat,
          a_element: elementCodes[big.type.element],
          b_element: elementCodes[small.type.element],
          y_element: elementCodes[y.element],
          swapped: flag(isSwapped),
        },
        data: dataOf(constants, y),
        args: [reads('a', bigView), reads('b', smallView), writes('y', cx.output(node.results[0]))],
        ...(big.type.element === y.element ? { inPlace: 'a' } : {}),
      }),
    );
    return;
  }
  const choice = cx.choose(
    { family: 'add_q8', prove: () => proved(''), work: () => elements(y.shape), reads: [bigView, smallView] },
    node,
  );
  cx.emit(
    stepFor(node, {
      choice,
      params: {
        ...repeat,
        a_signed: flag(isSigned(big)),
        b_signed: flag(isSigned(small)),
        y_signed: flag(y.element === 's8'),
        full_range: flag(y.range[0] === full[0] && y.range[1] === full[1]),
        swapped: flag(isSwapped),
      },
      data: dataOf(constants, y),
      args: [reads('a', bigView), reads('b', smallView), writes('y', cx.output(node.results[0]))],
      inPlace: 'a',
    }),
  );
};

function dataOf({ a, b, fixed }: AddConstants, { range }: QuantType): Params {
  return { scale_a: f32(a), scale_b: f32(b), fixed: f32(fixed), y_min: range[0], y_max: range[1] };
}

function isSigned(value: Value): boolean {
  return value.type.element === 's8';
}
