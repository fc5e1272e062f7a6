import type { Node } from '../../ir/graph.js';
import type { ExportContext } from '../../onnx/exporter.js';

/** Before the first entry: what ends a slice that runs backwards to it. */
const BEFORE_FIRST = -Number.MAX_SAFE_INTEGER;

export function exportNode(node: Node<'slice'>, cx: ExportContext): void {
  const { starts, steps, sizes } = node.attrs;
  const [x] = node.operands;
  const cut = x.type.shape.flatMap((dim, d) => (starts[d] === 0 && steps[d] === 1 && sizes[d] === dim ? [] : [d]));
  const ends = cut.map((d) => {
    const end = starts[d] + sizes[d] * steps[d];
    return end < 0 ? BEFORE_FIRST : end;
  });
  const lists = [cut.map((d) => starts[d]), ends, cut, cut.map((d) => steps[d])];
  const names = ['starts', 'ends', 'axes', 'steps'].map((name, i) => cx.ints(name, lists[i]));
  cx.result(node.results[0], 'Slice', [cx.name(x), ...names]);
}
