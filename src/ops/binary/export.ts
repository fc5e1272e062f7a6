import type { Node } from '../../ir/graph.js';
import { elements, sameShape } from '../../ir/type.js';
import type { ExportContext } from '../../onnx/exporter.js';

type BinaryFunction = Node<'binary'>['attrs']['fn'];

const operators: Readonly<Partial<Record<BinaryFunction, string>>> = {
  add: 'Add',
  sub: 'Sub',
  mul: 'Mul',
  div: 'Div',
  min: 'Min',
  max: 'Max',
  pow: 'Pow',
  prelu: 'PRelu',
  fmod: 'Mod',
  mod: 'Mod',
  'shift-left': 'BitShift',
  'shift-right': 'BitShift',
};
const logical = { and: 'And', or: 'Or', xor: 'Xor' } as const;
const bitwise = { and: 'BitwiseAnd', or: 'BitwiseOr', xor: 'BitwiseXor' } as const;

function operatorOf(fn: BinaryFunction, isBool: boolean, cx: ExportContext): string {
  if (fn === 'and' || fn === 'or' || fn === 'xor') {
    if (isBool) return logical[fn];
    cx.needs(18);
    return bitwise[fn];
  }
  return operators[fn] ?? cx.refuse(`the function ${fn}`);
}

export function exportNode(node: Node<'binary'>, cx: ExportContext): void {
  const { fn } = node.attrs;
  const [a, b] = node.operands;
  const attributes =
    fn === 'fmod'
      ? { fmod: { int: 1 } }
      : fn === 'shift-left' || fn === 'shift-right'
        ? { direction: { string: fn === 'shift-left' ? 'LEFT' : 'RIGHT' } }
        : {};
  const operator = operatorOf(fn, a.type.element === 'bool', cx);
  const rank = node.results[0].type.shape.length;
  if (fn === 'prelu' && !sameShape(node.results[0].type.shape, a.type.shape))
    cx.refuse('a slope larger than its tensor');
  const isNchw = [a, b].every((v) => cx.formOf(v) === 'nchw' || (v.kind === 'const' && elements(v.type.shape) === 1));
  const form = isNchw && rank === 4 && [a, b].some((v) => v.kind !== 'const') ? 'nchw' : 'own';
  const names = [a, b].map((v) => cx.name(v, v.kind === 'const' ? 'own' : form));
  cx.result(node.results[0], operator, names, attributes, form);
}
