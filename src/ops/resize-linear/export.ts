import type { Node, Value } from '../../ir/graph.js';
import { numbers } from '../../ir/type.js';
import type { ExportContext } from '../../onnx/exporter.js';
import { type CoordinateMode, linearTable } from './coordinate-import.js';

const modes = ['half_pixel', 'asymmetric', 'align_corners', 'pytorch_half_pixel', 'half_pixel_symmetric'] as const;

/** The coordinates of which these tables of rows (or columns) are made; undefined if of none that ONNX names. */
function modesOf(from: number, index: Value, weights: Value): readonly CoordinateMode[] {
  if (index.kind !== 'const' || weights.kind !== 'const') return [];
  const to = index.type.shape[0];
  const axis = { axis: 0, from, to, scale: Math.fround(to / from), roi: [0, 1] } as const;
  return modes.filter((mode) => {
    const table = linearTable(axis, mode);
    const same = (a: ArrayLike<number>, b: readonly number[]): boolean => b.every((v, i) => Object.is(v + 0, a[i] + 0));
    return same(table.index, numbers(index.tensor)) && same(table.weights, numbers(weights.tensor));
  });
}

export function exportNode(node: Node<'resize-linear'>, cx: ExportContext): void {
  const [x, row, rowWeight, col, colWeight] = node.operands;
  const [n, h, w, c] = x.type.shape;
  const rows = modesOf(h, row, rowWeight);
  const columns = modesOf(w, col, colWeight);
  const mode = rows.find((m) => columns.includes(m)) ?? cx.refuse('an interpolation with scales of its own');
  if (mode === 'half_pixel_symmetric') cx.needs(19);
  const sizes = cx.ints('sizes', [n, c, row.type.shape[0], col.type.shape[0]]);
  const attributes = { mode: { string: 'linear' }, coordinate_transformation_mode: { string: mode } };
  cx.result(node.results[0], 'Resize', [cx.name(x, 'nchw'), '', '', sizes], attributes, 'nchw');
}
