/** What the lowerings of quantized two-operand ops share: which operand repeats, and how. */
import type { Node, Value } from '../ir/graph.js';
import { elementBytes, elements, type Shape, stridesOf } from '../ir/type.js';
import type { View } from '../program/program.js';
import { plainRequest, six } from './any.js';
import { broadcastStrides } from './broadcast.js';
import { type LowerContext, reads, stepFor, writes } from './lowering.js';

export interface Repetition {
  readonly rows: number;
  readonly columns: number;
  readonly b_row: number;
  readonly b_column: number;
}

export interface RepeatedOperands {
  /** The operand as large as the result, and where it lies. */
  readonly big: Value;
  readonly bigView: View;
  readonly small: Value;
  readonly smallView: View;
  /** How the small one repeats. */
  readonly repeat: Repetition;
  /** `big` is the second operand. */
  readonly isSwapped: boolean;
}

type TwoOperands = Node<'add'> | Node<'add-fixed'> | Node<'mul'> | Node<'mul-fixed'>;

/** Sorts the operands of `node`; operands that repeat in the middle are spelled out by a copy first. */
export function repeatedOperands(node: TwoOperands, cx: LowerContext): RepeatedOperands {
  const [a, b] = node.operands;
  const full = node.results[0].type.shape;
  const isSwapped = elements(a.type.shape) < elements(full) && elements(b.type.shape) === elements(full);
  const [big, small] = isSwapped ? [b, a] : [a, b];
  const bigView = elements(big.type.shape) === elements(full) ? cx.view(big) : expanded(node, big, full, cx);
  const repeat = repetition(small.type.shape, full);
  if (repeat !== undefined) return { big, bigView, small, smallView: cx.view(small), repeat, isSwapped };
  const whole = { rows: 1, columns: elements(full), b_row: 0, b_column: 1 };
  return { big, bigView, small, smallView: expanded(node, small, full, cx), repeat: whole, isSwapped };
}

/** rows, columns and strides of the operand that repeats; undefined if it repeats in the middle. */
export function repetition(small: Shape, full: Shape): Repetition | undefined {
  const count = elements(full);
  const dims = [...new Array<number>(full.length - small.length).fill(1), ...small];
  if (elements(small) === count) return { rows: 1, columns: count, b_row: 0, b_column: 1 };
  if (elements(small) === 1) return { rows: 1, columns: count, b_row: 0, b_column: 0 };
  let tail = full.length;
  while (tail > 0 && dims[tail - 1] === full[tail - 1]) tail--;
  if (dims.slice(0, tail).every((d) => d === 1)) {
    const columns = elements(full.slice(tail));
    return { rows: count / columns, columns, b_row: 0, b_column: 1 };
  }
  // One value for each row: leading dimensions agree, the others are 1.
  let head = 0;
  while (head < full.length && dims[head] === full[head]) head++;
  if (dims.slice(head).some((d) => d !== 1)) return undefined;
  const rows = elements(full.slice(0, head));
  return { rows, columns: count / rows, b_row: 1, b_column: 0 };
}

/** A copy of `value` in the shape it broadcasts to. */
function expanded(node: TwoOperands, value: Value, full: Shape, cx: LowerContext): View {
  const size = elementBytes[value.type.element];
  const y = cx.temporary(elements(full) * size);
  const x = cx.view(value);
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest('move', elements(full), [x]), node),
      params: {
        size,
        ...six('d', full, 1),
        ...six('x', broadcastStrides(value.type.shape, full), 0),
        ...six('y', stridesOf(full), 0),
      },
      args: [reads('x', x), writes('y', y)],
    }),
  );
  return y;
}
