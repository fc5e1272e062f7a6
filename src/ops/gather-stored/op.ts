import { defineOp } from '../../ir/op.js';
import { elements, numbers } from '../../ir/type.js';
import { dequantizeData } from '../../quant/affine.js';
import { storedMatrixProblems } from '../linear-stored/op.js';

/** An embedding whose table stays integers in memory. */
export const gatherStored = defineOp({
  kind: 'gather-stored',
  doc:
    'Rows of a stored table as floats: y[.., j] = f32(f32(w[index, j] - zero) * scale). Negative numbers count from the end; those ' +
    'still outside are taken as the nearest row.',
  attrs: {},
  operands: ['w', 'index'],
  inferShape: (_, [w, index]) => [[...index.shape, w.shape[1]]],
  check: (_, [w, index], [y]) => [
    ...(index.element === 's32' || index.element === 's64' ? [] : [`index is s32 or s64, not ${index.element}`]),
    ...(y.element === 'f32' ? [] : ['y is f32']),
    ...storedMatrixProblems(w),
  ],
  evaluate(_, [w, index], [y]) {
    if (w.type.kind !== 'quant') throw new TypeError('w is quantized');
    const [rows, columns] = w.type.shape;
    const reals = dequantizeData(w, w.type);
    const picks = numbers(index).map((k) => Math.max(0, Math.min(rows - 1, k < 0 ? k + rows : k)));
    const data = Float32Array.from(
      { length: elements(y.shape) },
      (_, i) => reals[picks[Math.floor(i / columns)] * columns + (i % columns)],
    );
    return [{ type: y, data }];
  },
});
