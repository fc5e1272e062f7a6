import { constant } from '../../ir/build.js';
import type { Node, Value } from '../../ir/graph.js';
import type { Shape } from '../../ir/type.js';
import type { ExportContext } from '../../onnx/exporter.js';

export function exportNode(node: Node<'conv2d-transpose'>, cx: ExportContext): void {
  const [x, w, bias] = node.operands;
  if (x.type.kind !== 'float') cx.refuse('a convolution of stored integers');
  const { strides, dilations, pads, groups, size } = node.attrs;
  const [o, kh, kw, cg] = w.type.shape;
  const kernel = [kh, kw];
  const input = x.type.shape.slice(1, 3);
  // What the end of the full result is cut by; where it is too short, the output has padding of its own.
  const cut = input.map((n, i) => strides[i] * (n - 1) + dilations[i] * (kernel[i] - 1) + 1 - pads[i] - size[i]);
  const attributes = {
    kernel_shape: { ints: kernel },
    strides: { ints: strides },
    dilations: { ints: dilations },
    pads: { ints: [pads[0], pads[1], ...cut.map((n) => Math.max(0, n))] },
    output_padding: { ints: cut.map((n) => Math.max(0, -n)) },
    group: { int: groups },
  };
  if (cut.some((n, i) => -n >= Math.max(strides[i], dilations[i])))
    cx.refuse('a transposed convolution with more output than its window reaches');
  const og = o / groups;
  const weights = groups === 1 ? cx.permuted(w, [3, 0, 1, 2]) : grouped(cx, w, groups, [groups * cg, og, kh, kw]);
  const biases = bias === undefined ? [] : [bias.kind === 'const' ? cx.weights(bias, [0]) : cx.name(bias)];
  cx.result(node.results[0], 'ConvTranspose', [cx.name(x, 'nchw'), weights, ...biases], attributes, 'nchw');
}

/** [g * og, kh, kw, cg] -> [g * cg, og, kh, kw]. */
function grouped(cx: ExportContext, w: Value, groups: number, to: Shape): string {
  const { type } = w;
  if (w.kind !== 'const' || type.kind !== 'float')
    return cx.refuse('a transposed convolution in groups whose weights are no float constant');
  const [o, kh, kw, cg] = type.shape;
  const five = constant(w.name, {
    type: { ...type, shape: [groups, o / groups, kh, kw, cg] },
    data: w.tensor.data,
  });
  return cx.weights(five, [0, 4, 1, 2, 3], () => to);
}
