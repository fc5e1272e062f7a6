import { defineOp } from '../../ir/op.js';
import { f32Data } from '../../ir/type.js';

const functions: Readonly<Record<string, (x: number) => number>> = {
  neg: (x) => -x,
  abs: Math.abs,
  sqrt: Math.sqrt,
};

/** Element-wise function of one float tensor. */
export const unary = defineOp({
  kind: 'unary',
  doc: 'Element-wise function of one float tensor; transcendental functions are ours (quant/math.ts), the same bits everywhere.',
  attrs: { fn: ['neg', 'abs', 'sqrt'] },
  operands: ['x'],
  inferShape: (_, [x]) => [x.shape],
  check: (_, [x], [y]) => (x.element === 'f32' && y.element === 'f32' ? [] : ['x and y are f32']),
  evaluate: (a, [x], [y]) => [{ type: y, data: f32Data(x).map(functions[a.fn]) }],
});
