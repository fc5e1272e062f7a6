/** AVERAGE_POOL_2D and MAX_POOL_2D. */
import type { Value } from '../../ir/graph.js';
import { sameAffine } from '../../ir/type.js';
import type { OperatorContext, OperatorImporters } from '../importer.js';
import { clampedFloat, resultBefore } from './activation.js';
import { checkWide, limitedWide } from './wide.js';
import { windowOf } from './window.js';

/** x and y of one scale and zero point, as operators that compare or move stored integers need. */
export function checkOneScale(cx: OperatorContext, x: Value, what: string): void {
  const y = cx.result();
  if (x.type.kind !== 'quant' || y.kind !== 'quant') return;
  if (x.type.element !== y.element || !sameAffine(x.type.affine, y.affine))
    cx.fail('Q0713', `${what} of one scale: input and output differ`, undefined, 'convert the model again');
}

function pool(kind: 'average' | 'max'): (cx: OperatorContext) => Value {
  return (cx) => {
    const x = cx.input(0);
    const o = cx.options('pool');
    if (x.type.shape.length !== 4) cx.fail('Q0709', `x has ${x.type.shape.length} dimensions, not 4`);
    checkOneScale(cx, x, 'a pool is');
    const kernel = [o.filter_h, o.filter_w];
    const window = windowOf(cx, { ...o, dilation_h: 1, dilation_w: 1 }, x.type.shape, kernel);
    const attrs = { kernel, ...window };
    const y = resultBefore(cx, o.activation);
    checkWide(cx);
    if (kind === 'max') {
      const pooled = cx.make('max-pool', attrs, [x], x.type.kind === 'quant' ? x.type : y);
      if (y.kind !== 'quant') return clampedFloat(cx, o.activation, pooled);
      return cx.isWide ? limitedWide(cx, pooled, y) : cx.clampedTo(pooled, y);
    }
    if (y.kind === 'quant') return cx.make('average-pool-fixed', attrs, [x], y);
    const mean = cx.make('average-pool', { ...attrs, count_include_pad: false }, [x], y);
    return clampedFloat(cx, o.activation, mean);
  };
}

export const pools: OperatorImporters = {
  AVERAGE_POOL_2D: { version: 3, import: pool('average') },
  MAX_POOL_2D: { version: 3, import: pool('max') },
};
