import { elements } from '../../ir/type.js';
import type { Lowering } from '../lowering.js';
import { emitQuantizeByte } from '../quantize-lower.js';

export const lower: Lowering<'quantize-away'> = (node, cx) => {
  const y = node.results[0].type;
  if (y.kind !== 'quant') throw new TypeError('quantized only');
  const count = elements(y.shape);
  const layout = { outer: 1, rows: 1, columns: count, x_row: count, x_column: 1 };
  emitQuantizeByte(node, y, layout, cx, y.element === 's16' ? 'quantize_away_s16' : 'quantize_away_q8');
};
