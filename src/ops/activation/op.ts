import { defineOp } from '../../ir/op.js';
import { f32Data } from '../../ir/type.js';
import { celu32, elu32, hardSigmoid32, selu32, swish32 } from '../../quant/activation.js';

const functions = {
  'leaky-relu': (x, alpha) => (x >= 0 ? x : Math.fround(x * alpha)),
  'thresholded-relu': (x, alpha) => (x <= alpha ? 0 : x),
  elu: elu32,
  celu: celu32,
  selu: selu32,
  'hard-sigmoid': hardSigmoid32,
  swish: swish32,
  shrink: (x, alpha, beta) =>
    x < -alpha ? Math.fround(x + beta) : x > alpha ? Math.fround(x - beta) : Number.isNaN(x) ? x : 0,
} as const satisfies Readonly<Record<string, (x: number, alpha: number, beta: number) => number>>;

export type ActivationFunction = keyof typeof functions;

/** Element-wise function with parameters. */
export const activation = defineOp({
  kind: 'activation',
  doc:
    'Element-wise function of one float tensor with parameters: leaky-relu x >= 0 ? x : alpha x; thresholded-relu ' +
    'x > alpha ? x : 0; elu alpha (e^x - 1); celu alpha (e^(x/alpha) - 1); selu beta x, beta alpha (e^x - 1); hard-sigmoid ' +
    'clamp(alpha x + beta, 0, 1); swish x sigmoid(alpha x); shrink x + beta, 0, x - beta outside of +-alpha. Evaluated in ' +
    'double, rounded once.',
  attrs: {
    fn: ['leaky-relu', 'thresholded-relu', 'elu', 'celu', 'selu', 'hard-sigmoid', 'swish', 'shrink'],
    alpha: 'float',
    beta: 'float',
  },
  operands: ['x'],
  inferShape: (_, [x]) => [x.shape],
  check: (_, [x], [y]) => (x.element === 'f32' && y.element === 'f32' ? [] : ['x and y are f32']),
  evaluate(a, [x], [y]) {
    const fn = functions[a.fn];
    return [{ type: y, data: f32Data(x).map((v) => fn(v, a.alpha, a.beta)) }];
  },
});
