import type { Node } from '../../ir/graph.js';
import type { ExportContext } from '../../onnx/exporter.js';

export function exportNode(node: Node<'clamp'>, cx: ExportContext): void {
  const [x] = node.operands;
  const { min, max } = node.attrs;
  const form = cx.formOf(x);
  const name = cx.name(x, form);
  const [y] = node.results;
  if (x.type.kind === 'float' && min === 0 && max === Number.POSITIVE_INFINITY) {
    cx.result(y, 'Relu', [name], {}, form);
    return;
  }
  const limit = (base: string, value: number): string => (Number.isFinite(value) ? cx.scalar(base, x.type, value) : '');
  const limits = [limit('min', min), limit('max', max)];
  cx.result(y, 'Clip', [name, ...(limits[1] === '' ? limits.slice(0, limits[0] === '' ? 0 : 1) : limits)], {}, form);
}
