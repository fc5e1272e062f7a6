/** Cubic interpolation along one dimension: a product with a constant matrix that has four weights in every column. */
import { constant } from '../../ir/build.js';
import type { Value } from '../../ir/graph.js';
import { floatType } from '../../ir/type.js';
import type { ImportContext } from '../../onnx/importer.js';
import { transposed } from '../layout.js';
import { product } from '../matmul/product-import.js';
import { type CoordinateMode, cubicTable, type ResizedAxis } from './coordinate-import.js';

export interface Curve {
  /** `cubic_coeff_a` */
  readonly a: number;
  /** Weights of what lies outside are left out and the others made to add up to 1; else the edge stands for it. */
  readonly excludes: boolean;
}

export function cubic(cx: ImportContext, x: Value, axis: ResizedAxis, mode: CoordinateMode, curve: Curve): Value {
  if (x.type.element !== 'f32')
    cx.fail('Q0209', `cubic interpolation of ${x.type.element} is not supported`, undefined, 'cast x to float32');
  const { from, to } = axis;
  const matrix = new Float32Array(from * to);
  for (const [column, { first, weights }] of cubicTable(axis, mode, curve.a).entries()) {
    const kept = weights.map((w, k) => (curve.excludes && (first + k < 0 || first + k >= from) ? 0 : w));
    const sum = curve.excludes ? kept.reduce((total, w) => Math.fround(total + w), 0) : 1;
    for (const [k, w] of kept.entries()) {
      const row = Math.max(0, Math.min(from - 1, first + k));
      matrix[row * to + column] += Math.fround(w / sum);
    }
  }
  const swap = x.type.shape.map((_, d) => d);
  const last = swap.length - 1;
  [swap[axis.axis], swap[last]] = [last, axis.axis];
  const moved = axis.axis === last ? x : transposed(cx, x, swap);
  const weights = constant('cubic', { type: floatType([from, to]), data: matrix });
  const y = product(cx, moved, weights, floatType);
  return axis.axis === last ? y : transposed(cx, y, swap);
}
