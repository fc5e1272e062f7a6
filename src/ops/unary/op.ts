import { defineOp } from '../../ir/op.js';
import { f32Data } from '../../ir/type.js';
import { gelu32, geluTanh32, hardSwish32, mish32, silu32, softplus32, softsign32 } from '../../quant/activation.js';
import { erf32 } from '../../quant/erf.js';
import { exp32, log32, rint32, tanh32 } from '../../quant/math.js';
import { sigmoid32 } from '../../quant/sigmoid.js';
import { atan32, cos32, sin32, tan32 } from '../../quant/trigonometry.js';

const functions = {
  neg: (x) => -x,
  abs: Math.abs,
  sign: (x) => (x > 0 ? 1 : x < 0 ? -1 : x === 0 ? 0 : x),
  sqrt: Math.sqrt,
  reciprocal: (x) => 1 / x,
  floor: Math.floor,
  ceil: Math.ceil,
  round: rint32,
  exp: exp32,
  log: log32,
  erf: erf32,
  tanh: tanh32,
  sigmoid: sigmoid32,
  softplus: softplus32,
  softsign: softsign32,
  mish: mish32,
  gelu: gelu32,
  'gelu-tanh': geluTanh32,
  'hard-swish': hardSwish32,
  silu: silu32,
  sin: sin32,
  cos: cos32,
  tan: tan32,
  atan: atan32,
} as const satisfies Readonly<Record<string, (x: number) => number>>;

export type UnaryFunction = keyof typeof functions;

/** Element-wise function of one float tensor. */
export const unary = defineOp({
  kind: 'unary',
  doc:
    'Element-wise function of one float tensor. Each is correctly rounded but for rare arguments (sigmoid: within 2 units of ' +
    'the last place, decision 0058; erf: 2.5, decision 0065), and has the same bits everywhere: the functions are ours ' +
    '(quant/math.ts, erf.ts, sigmoid.ts, ' +
    'activation.ts, trigonometry.ts), no libm. round: ties to even. silu: x times the rounded sigmoid(x), rounded. Tables of ' +
    '8-bit tensors equal those of ONNX Runtime, but for its tanh, which is a step off in one entry of about 400.',
  attrs: {
    fn: [
      'neg',
      'abs',
      'sign',
      'sqrt',
      'reciprocal',
      'floor',
      'ceil',
      'round',
      'exp',
      'log',
      'erf',
      'tanh',
      'sigmoid',
      'softplus',
      'softsign',
      'mish',
      'gelu',
      'gelu-tanh',
      'hard-swish',
      'silu',
      'sin',
      'cos',
      'tan',
      'atan',
    ],
  },
  operands: ['x'],
  inferShape: (_, [x]) => [x.shape],
  check: (_, [x], [y]) => (x.element === 'f32' && y.element === 'f32' ? [] : ['x and y are f32']),
  evaluate: (a, [x], [y]) => [{ type: y, data: f32Data(x).map(functions[a.fn]) }],
});
