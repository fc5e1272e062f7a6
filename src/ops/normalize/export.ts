import type { Node } from '../../ir/graph.js';
import { sameShape } from '../../ir/type.js';
import type { ExportContext } from '../../onnx/exporter.js';

/** Whether the axes are the last ones and the scale and bias have just their dimensions. */
function isLayer(node: Node<'normalize'>): boolean {
  const { shape } = node.operands[0].type;
  const { axes } = node.attrs;
  const own = shape.slice(axes[0]);
  return (
    axes.length === own.length && node.operands.slice(1).every((v) => sameShape(v.type.shape, own) || own.length === 0)
  );
}

export function exportNode(node: Node<'normalize'>, cx: ExportContext): void {
  const { axes, centred, spelled, epsilon } = node.attrs;
  const [x, ...scales] = node.operands.map((v) => cx.name(v));
  const [y] = node.results;
  if (centred && !spelled && isLayer(node)) {
    cx.needs(17);
    cx.result(y, 'LayerNormalization', [x, ...scales], { axis: { int: axes[0] }, epsilon: { float: epsilon } });
    return;
  }
  // What the operator means, in operators every opset has.
  const mean = (v: string): string =>
    cx.opset < 18
      ? cx.inner('ReduceMean', [v], { axes: { ints: axes }, keepdims: { int: 1 } })
      : cx.inner('ReduceMean', [v, cx.ints('axes', axes)], { keepdims: { int: 1 } });
  const d = centred ? cx.inner('Sub', [x, mean(x)]) : x;
  const shifted = cx.inner('Add', [mean(cx.inner('Mul', [d, d])), cx.float('epsilon', epsilon)]);
  const deviation = cx.inner('Sqrt', [shifted]);
  const unit = spelled ? cx.inner('Div', [d, deviation]) : cx.inner('Mul', [d, cx.inner('Reciprocal', [deviation])]);
  if (scales.length === 1) cx.result(y, 'Mul', [unit, scales[0]]);
  else cx.result(y, 'Add', [cx.inner('Mul', [unit, scales[0]]), scales[1]]);
}
