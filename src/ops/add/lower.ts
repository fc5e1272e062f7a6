import type { Value } from '../../ir/graph.js';
import { elementRange, elements, type QuantType, type Shape } from '../../ir/type.js';
import { proved } from '../../target/choose.js';
import { f32, flag, type Lowering, reads, stepFor, writes } from '../lowering.js';
import { addConstants } from './op.js';

/** Quantized addition; the operand that repeats is b. `expand-broadcasts` has made anything more general explicit. */
export const lower: Lowering<'add'> = (node, cx) => {
  const y = node.results[0].type;
  const [a, b] = node.operands;
  if (y.kind !== 'quant' || a.type.kind !== 'quant' || b.type.kind !== 'quant') throw new TypeError('quantized only');
  const constants = addConstants(a.type, b.type, y);
  const swap = elements(a.type.shape) < elements(y.shape);
  const [big, small] = swap ? [b, a] : [a, b];
  const repeat = repetition(small.type.shape, y.shape);
  if (repeat === undefined || elements(big.type.shape) !== elements(y.shape))
    throw new TypeError(`cannot add [${a.type.shape}] and [${b.type.shape}] in one sweep`);
  const full = elementRange[y.element];
  const choice = cx.choose(
    { family: 'add_q8', prove: () => proved(''), work: () => elements(y.shape), reads: [cx.view(a), cx.view(b)] },
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
        swapped: flag(swap),
      },
      data: {
        scale_a: f32(constants.a),
        scale_b: f32(constants.b),
        fixed: f32(constants.fixed),
        y_min: y.range[0],
        y_max: y.range[1],
      },
      args: [reads('a', cx.view(big)), reads('b', cx.view(small)), writes('y', cx.output(node.results[0]))],
      inPlace: 'a',
    }),
  );
};

function isSigned(value: Value): boolean {
  const type: QuantType | undefined = value.type.kind === 'quant' ? value.type : undefined;
  return type?.element === 's8';
}

/** rows, columns and strides of the operand that repeats; undefined if it repeats in the middle. */
export function repetition(
  small: Shape,
  full: Shape,
): { rows: number; columns: number; b_row: number; b_column: number } | undefined {
  const count = elements(full);
  const dims = [...new Array<number>(full.length - small.length).fill(1), ...small];
  if (elements(small) === count) return { rows: 1, columns: count, b_row: 0, b_column: 1 };
  if (elements(small) === 1) return { rows: 1, columns: count, b_row: 0, b_column: 0 };
  let tail = full.length;
  while (tail > 0 && dims[tail - 1] === full[tail - 1]) tail--;
  if (dims.slice(0, tail).some((d) => d !== 1)) return undefined;
  const columns = elements(full.slice(tail));
  return { rows: count / columns, columns, b_row: 0, b_column: 1 };
}
