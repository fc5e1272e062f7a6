import type { Node } from '../../ir/graph.js';
import { codeOfElement } from '../../onnx/element-types.js';
import type { ExportContext } from '../../onnx/exporter.js';

export function exportNode(node: Node<'dynamic-quantize'>, cx: ExportContext): void {
  if (node.attrs.per === 'row') cx.refuse('quantizing rows, but for the product that reads them');
  const names = node.results.map(() => cx.fresh('dynamic'));
  cx.node('DynamicQuantizeLinear', [cx.name(node.operands[0])], names);
  for (const [i, result] of node.results.entries()) cx.alias(result, 'own', names[i]);
}

/** x quantized by its own range: u8 values, scale, zero point. */
export function quantizedByRun(x: string, cx: ExportContext): readonly string[] {
  return cx.once(x, () => {
    const names = ['quantized', 'scale', 'zero_point'].map((part) => cx.fresh(`${x}_${part}`));
    cx.node('DynamicQuantizeLinear', [x], names);
    return names;
  });
}

/**
 * Each row of x [n, k] quantized by its own range: u8 values, scale f32[n,1], zero point s32[n,1]. No operator does that, so it
 * is what DynamicQuantizeLinear does, spelled out along the last axis. `fuse-dynamic` reads it as one op again.
 */
export function quantizedByRow(x: string, cx: ExportContext): readonly string[] {
  return cx.once(x, () => {
    const number = (name: string, value: number) => cx.float(`${x}_${name}`, value);
    const [none, one, most] = [number('none', 0), number('one', 1), number('most', 255)];
    const extreme = (operator: string) =>
      cx.opset < 18
        ? cx.inner(operator, [x], { axes: { ints: [-1] }, keepdims: { int: 1 } })
        : cx.inner(operator, [x, cx.ints(`${x}_axes`, [-1])], { keepdims: { int: 1 } });
    const low = cx.inner('Min', [extreme('ReduceMin'), none]);
    const high = cx.inner('Max', [extreme('ReduceMax'), none]);
    const step = cx.inner('Div', [cx.inner('Sub', [high, low]), most]);
    const scale = cx.inner('Where', [cx.inner('Equal', [low, high]), one, step]);
    const below = cx.inner('Sub', [none, cx.inner('Div', [low, scale])]);
    const zero = cx.inner('Clip', [cx.inner('Round', [below]), none, most]);
    const steps = cx.inner('Round', [cx.inner('Div', [x, scale])]);
    const stored = cx.inner('Clip', [cx.inner('Add', [steps, zero]), none, most]);
    const to = (value: string, element: 'u8' | 's32') =>
      cx.inner('Cast', [value], { to: { int: codeOfElement(element) } });
    return [to(stored, 'u8'), scale, to(zero, 's32')];
  });
}
