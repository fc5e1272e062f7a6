/** SOFTMAX. */
import type { Value } from '../../ir/graph.js';
import { isScalable, MAX_DIM } from '../../ops/softmax-fixed/op.js';
import { scaleAt } from '../../quant/affine.js';
import type { OperatorContext, OperatorImporters } from '../importer.js';

function softmax(cx: OperatorContext): Value {
  const { beta } = cx.options('softmax');
  const y = cx.result();
  if (y.kind === 'float') {
    if (beta !== 1) cx.fail('Q0708', `beta is ${beta}, expected 1 for float32`);
    return cx.make('softmax', { fn: 'softmax', axis: y.shape.length - 1 }, [cx.input(0)], y);
  }
  const { value, type } = cx.quantized(0);
  if (!isScalable(scaleAt(type.affine, 0), beta)) cx.fail('Q0713', `the scale of x times beta is below 2^-26`);
  const last = y.shape.at(-1) ?? 0;
  if (last > MAX_DIM) cx.fail('Q0708', `it has ${last} columns, at most ${MAX_DIM} are supported`);
  const out = cx.quantizedResult();
  const wanted = out.element === 's8' ? -128 : 0;
  if (out.affine.per !== 'tensor' || out.affine.scale !== 2 ** -8 || out.affine.zeroPoint !== wanted)
    cx.fail('Q0713', `its output has another scale than 1/256 or another zero point than ${wanted}`);
  return cx.make('softmax-fixed', { beta }, [value], out);
}

export const functions: OperatorImporters = {
  SOFTMAX: { version: 3, import: softmax },
};
