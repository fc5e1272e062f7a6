import { defineOp, ShapeError } from '../../ir/op.js';
import { allocateNumbers, isByte, numberData, sameAffine, type TensorType } from '../../ir/type.js';
import { dividePowerOfTwo } from '../../quant/fixed-point.js';
import { isWide } from '../window.js';

/** Fraction bits of a weight; a pixel's weight is a row's times a column's. */
export const WEIGHT_BITS = 10;

/** TFLite's bilinear interpolation of stored bytes. */
export const resizeLinearFixed = defineOp({
  kind: 'resize-linear-fixed',
  doc:
    "TFLite's bilinear interpolation of an NHWC tensor of bytes or s16: output row i lies between rows row[i,0] and row[i,1] with weights of 10 " +
    'fraction bits, columns likewise; y = (sum of the four stored values times both weights) / 2^20 to nearest, ties away from zero. ' +
    'x and y have one scale and zero point.',
  attrs: {},
  operands: ['x', 'row', 'row_weight', 'col', 'col_weight'],
  inferShape(_, [x, row, , col]) {
    if (x.shape.length !== 4) throw new ShapeError(`x has ${x.shape.length} dimensions, 4 are needed`);
    return [[x.shape[0], row.shape[0], col.shape[0], x.shape[3]]];
  },
  check(_, [x, ...tables], [y]) {
    const problems: string[] = [];
    if (x.kind !== 'quant' || y.kind !== 'quant' || !(isByte(x) || isWide(x)) || x.element !== y.element)
      problems.push('x and y have 8 bits of one element, or are s16');
    else if (!sameAffine(x.affine, y.affine)) problems.push('x and y have one scale and zero point');
    const isPairs = (t: TensorType) => t.element === 's32' && t.shape.length === 2 && t.shape[1] === 2;
    if (!tables.every(isPairs)) problems.push('rows, columns and weights are s32, two entries for each');
    return problems;
  },
  evaluate(_, [x, row, rowWeight, col, colWeight], [y]) {
    const [n, oh, ow, c] = y.shape;
    const [, h, w] = x.type.shape;
    const [xs, rs, cs, rw, cw] = [x, row, col, rowWeight, colWeight].map(numberData);
    const out = allocateNumbers(y);
    let at = 0;
    for (let b = 0; b < n; b++)
      for (let i = 0; i < oh; i++)
        for (let j = 0; j < ow; j++)
          for (let k = 0; k < c; k++, at++) {
            const tap = (r: number, s: number) =>
              rw[2 * i + r] * cw[2 * j + s] * xs[((b * h + rs[2 * i + r]) * w + cs[2 * j + s]) * c + k];
            out[at] = dividePowerOfTwo(tap(0, 0) + tap(0, 1) + tap(1, 0) + tap(1, 1), 2 * WEIGHT_BITS);
          }
    return [{ type: y, data: out }];
  },
});
