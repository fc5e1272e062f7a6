import type { Node } from '../../ir/graph.js';
import type { ExportContext } from '../../onnx/exporter.js';

type UnaryFunction = Exclude<Node<'unary'>['attrs']['fn'], 'silu'>;

const operators: Readonly<Record<UnaryFunction, string>> = {
  neg: 'Neg',
  abs: 'Abs',
  sign: 'Sign',
  sqrt: 'Sqrt',
  reciprocal: 'Reciprocal',
  floor: 'Floor',
  ceil: 'Ceil',
  round: 'Round',
  exp: 'Exp',
  log: 'Log',
  erf: 'Erf',
  tanh: 'Tanh',
  sigmoid: 'Sigmoid',
  softplus: 'Softplus',
  softsign: 'Softsign',
  mish: 'Mish',
  gelu: 'Gelu',
  'gelu-tanh': 'Gelu',
  'hard-swish': 'HardSwish',
  sin: 'Sin',
  cos: 'Cos',
  tan: 'Tan',
  atan: 'Atan',
};
const since: Readonly<Partial<Record<UnaryFunction, number>>> = {
  mish: 18,
  gelu: 20,
  'gelu-tanh': 20,
  'hard-swish': 14,
};

export function exportNode(node: Node<'unary'>, cx: ExportContext): void {
  const { fn } = node.attrs;
  const [x] = node.operands;
  const form = cx.formOf(x);
  if (fn === 'silu') {
    const name = cx.name(x, form);
    cx.result(node.results[0], 'Mul', [name, cx.inner('Sigmoid', [name])], {}, form);
    return;
  }
  cx.needs(since[fn] ?? 13);
  const attributes = fn === 'gelu-tanh' ? { approximate: { string: 'tanh' } } : {};
  cx.result(node.results[0], operators[fn], [cx.name(x, form)], attributes, form);
}
