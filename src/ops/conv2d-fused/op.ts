import { defineOp } from '../../ir/op.js';
import { f32Data, type Tensor, type TensorType } from '../../ir/type.js';
import { activation } from '../activation/op.js';
import { clamp } from '../clamp/op.js';
import { conv2d } from '../conv2d/op.js';
import { unary } from '../unary/op.js';

/** Functions a float convolution's epilogue has; the order is that of QCC_FUSED_* in conv2d_f32.h. */
const functions = ['none', 'clamp', 'leaky-relu', 'hard-swish', 'sigmoid', 'silu', 'swish'] as const;
export type FusedFunction = (typeof functions)[number];

/** A float convolution with what follows it: what `fuse-epilogue` makes of a `conv2d`. */
export const conv2dFused = defineOp({
  kind: 'conv2d-fused',
  doc:
    'Float convolution, then a function, an addition, a function, each rounded as the ops of their own: ' +
    'y = after(before(conv2d(x, w, bias)) + residual). `before_a` and `before_b` (`after_`...) are the limits of a clamp, or alpha.',
  attrs: {
    strides: 'ints',
    dilations: 'ints',
    pads: 'ints',
    groups: 'int',
    bias: 'bool',
    before: functions,
    before_a: 'float',
    before_b: 'float',
    add: 'bool',
    after: functions,
    after_a: 'float',
    after_b: 'float',
  },
  operands: ['x', 'w', 'bias_or_residual*'],
  inferShape(a, [x, w, ...rest]) {
    return conv2d.inferShape(plain(a), [x, w, ...(a.bias ? rest.slice(0, 1) : [])]);
  },
  check(a, [x, w, ...rest], [y]) {
    const problems: string[] = [];
    if ([x, w, ...rest, y].some((t) => t.element !== 'f32')) problems.push('operands and y are f32');
    const extra = (a.bias ? 1 : 0) + (a.add ? 1 : 0);
    if (rest.length !== extra) problems.push(`has ${rest.length} extra operands, its epilogue needs ${extra}`);
    else if (a.add && String(rest[extra - 1].shape) !== String(y.shape))
      problems.push('the residual has the shape of y');
    if (!a.add && a.after !== 'none') problems.push('without an addition there is one function, `before`');
    return problems;
  },
  evaluate(a, [x, w, ...rest], [y]) {
    const [sums] = conv2d.evaluate(plain(a), [x, w, ...(a.bias ? rest.slice(0, 1) : [])], [y]);
    const before = applied(a.before, a.before_a, a.before_b, sums, y);
    if (!a.add) return [before];
    const residual = f32Data(rest[rest.length - 1]);
    const sum = f32Data(before).map((v, i) => v + residual[i]);
    return [applied(a.after, a.after_a, a.after_b, { type: y, data: sum }, y)];
  },
});

function plain(a: {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
  readonly groups: number;
}) {
  const { strides, dilations, pads, groups } = a;
  return { strides, dilations, pads, groups, rounding: 'onnx' } as const;
}

function applied(fn: FusedFunction, a: number, b: number, x: Tensor, y: TensorType): Tensor {
  switch (fn) {
    case 'none':
      return x;
    case 'clamp':
      return clamp.evaluate({ min: a, max: b }, [x], [y])[0];
    case 'leaky-relu':
    case 'swish':
      return activation.evaluate({ fn, alpha: a, beta: 0 }, [x], [y])[0];
    default:
      return unary.evaluate({ fn }, [x], [y])[0];
  }
}
