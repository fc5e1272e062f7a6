/** What the lowerings of linear-stored and gather-stored share: weights as rows, and their scales. */
import type { Value } from '../ir/graph.js';
import { floatType, type QuantType, type Tensor } from '../ir/type.js';
import type { View } from '../program/program.js';
import { scaleAt, zeroPointAt } from '../quant/affine.js';
import type { LowerContext } from './lowering.js';

export interface StoredRows {
  readonly rows: number;
  readonly columns: number;
  /** Neighbours with one scale. */
  readonly block: number;
  readonly bits: 8 | 4;
  readonly isSigned: boolean;
  readonly weights: View;
  readonly scales: View;
  /** Undefined where all zero points are 0. */
  readonly zeros: View | undefined;
}

/** @param w checked by the op: a constant matrix. */
export function storedRows(w: Value, cx: LowerContext): StoredRows {
  if (w.kind !== 'const' || w.type.kind !== 'quant') throw new TypeError('stored weights are constant');
  const [rows, columns] = w.type.shape;
  const { affine, element } = w.type;
  const block = affine.per === 'block' ? affine.block : columns;
  const count = rows * Math.ceil(columns / block);
  const name = w.name;
  const zeros = Int32Array.from({ length: count }, (_, i) => zeroPointAt(affine, i));
  return {
    rows,
    columns,
    block,
    bits: element === 's4' || element === 'u4' ? 4 : 8,
    isSigned: element === 's4' || element === 's8',
    weights: cx.constant(`${name} rows`, w.tensor, { kind: 'rows' }),
    scales: cx.constant(`${name} scales`, scalesOf(w.type, count)),
    zeros: zeros.every((z) => z === 0)
      ? undefined
      : cx.constant(`${name} zeros`, { type: { kind: 'index', element: 's32', shape: [count] }, data: zeros }),
  };
}

function scalesOf({ affine }: QuantType, count: number): Tensor {
  return { type: floatType([count]), data: Float32Array.from({ length: count }, (_, i) => scaleAt(affine, i)) };
}
