import { defineOp, ShapeError } from '../../ir/op.js';
import { f32Data, numberData, type TensorType } from '../../ir/type.js';

/** Bilinear interpolation of the two middle dimensions. */
export const resizeLinear = defineOp({
  kind: 'resize-linear',
  doc:
    'Bilinear interpolation of an NHWC tensor. Output row i lies between rows row[i,0] and row[i,1] with weights row_weight[i,.], columns ' +
    'likewise: y = (((c0 r0) x00 + (c1 r0) x01) + (c0 r1) x10) + (c1 r1) x11 in float32, in this order; a negative row or column gives `outside`.',
  attrs: { outside: 'float' },
  operands: ['x', 'row', 'row_weight', 'col', 'col_weight'],
  inferShape(_, [x, row, , col]) {
    if (x.shape.length !== 4) throw new ShapeError(`x has ${x.shape.length} dimensions, 4 are needed`);
    return [[x.shape[0], row.shape[0], col.shape[0], x.shape[3]]];
  },
  check(_, [x, row, rowWeight, col, colWeight], [y]) {
    const problems = x.element === 'f32' && y.element === 'f32' ? [] : ['x and y are f32'];
    const isPairs = (t: TensorType, count: number, element: string) =>
      t.element === element && t.shape.length === 2 && t.shape[0] === count && t.shape[1] === 2;
    if (!isPairs(row, row.shape[0], 's32') || !isPairs(rowWeight, row.shape[0], 'f32'))
      problems.push('row is s32 and row_weight f32, two entries per row');
    if (!isPairs(col, col.shape[0], 's32') || !isPairs(colWeight, col.shape[0], 'f32'))
      problems.push('col is s32 and col_weight f32, two entries per column');
    return problems;
  },
  evaluate({ outside }, [x, row, rowWeight, col, colWeight], [y]) {
    const [n, oh, ow, c] = y.shape;
    const [, h, w] = x.type.shape;
    const [xs, rs, cs] = [f32Data(x), numberData(row), numberData(col)];
    const [rw, cw] = [f32Data(rowWeight), f32Data(colWeight)];
    const out = new Float32Array(n * oh * ow * c);
    let at = 0;
    for (let b = 0; b < n; b++)
      for (let i = 0; i < oh; i++)
        for (let j = 0; j < ow; j++)
          for (let k = 0; k < c; k++, at++) {
            if (rs[2 * i] < 0 || cs[2 * j] < 0) {
              out[at] = outside;
              continue;
            }
            const tap = (r: number, s: number) => {
              const weight = Math.fround(cw[2 * j + s] * rw[2 * i + r]);
              return Math.fround(weight * xs[((b * h + rs[2 * i + r]) * w + cs[2 * j + s]) * c + k]);
            };
            out[at] = Math.fround(Math.fround(tap(0, 0) + tap(0, 1)) + tap(1, 0)) + tap(1, 1);
          }
    return [{ type: y, data: out }];
  },
});
