import type { Value } from '../../ir/graph.js';
import { elementRange, elements } from '../../ir/type.js';
import { proved } from '../../target/choose.js';
import { f32, flag, type Lowering, reads, stepFor, writes } from '../lowering.js';
import { repeatedOperands } from '../repeat-lower.js';
import { addConstants } from './op.js';

/** Quantized addition; the operand that repeats is b. */
export const lower: Lowering<'add'> = (node, cx) => {
  const y = node.results[0].type;
  const [a, b] = node.operands;
  if (y.kind !== 'quant' || a.type.kind !== 'quant' || b.type.kind !== 'quant') throw new TypeError('quantized only');
  const constants = addConstants(a.type, b.type, y);
  const { big, bigView, small, smallView, repeat, isSwapped } = repeatedOperands(node, cx);
  const full = elementRange[y.element];
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
      data: {
        scale_a: f32(constants.a),
        scale_b: f32(constants.b),
        fixed: f32(constants.fixed),
        y_min: y.range[0],
        y_max: y.range[1],
      },
      args: [reads('a', bigView), reads('b', smallView), writes('y', cx.output(node.results[0]))],
      inPlace: 'a',
    }),
  );
};

function isSigned(value: Value): boolean {
  return value.type.element === 's8';
}
