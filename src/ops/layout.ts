/** Layout changes importers write around NHWC ops; `cancel-transposes` removes nearly all of them. */
import type { Value } from '../ir/graph.js';
import type { ImportContext } from '../onnx/importer.js';
import { permutedType } from './permute.js';

export function transposed(cx: ImportContext, x: Value, perm: readonly number[]): Value {
  return cx.make('transpose', { perm }, [x], permutedType(x.type, perm));
}

/** Another shape over the same data; a per-axis affine follows its axis, which must survive the reshape. */
export function reshaped(cx: ImportContext, x: Value, shape: readonly number[], axisTo?: number): Value {
  const type =
    x.type.kind === 'quant' && x.type.affine.per !== 'tensor' && axisTo !== undefined
      ? { ...x.type, affine: { ...x.type.affine, axis: axisTo } }
      : x.type;
  return cx.make('reshape', { shape }, [x], type);
}

/** (N C L) or (N C H W) -> (N H W C), H = 1 for one spatial dimension. */
export function toNhwc(cx: ImportContext, x: Value): Value {
  const [n, c, l] = x.type.shape;
  const four = x.type.shape.length === 3 ? reshaped(cx, x, [n, c, 1, l], axisOf(x)) : x;
  return transposed(cx, four, [0, 2, 3, 1]);
}

/** The reverse of `toNhwc` for a tensor of `rank` dimensions in the model. */
export function toNchw(cx: ImportContext, y: Value, rank: number): Value {
  const back = transposed(cx, y, [0, 3, 1, 2]);
  const [n, c, , l] = back.type.shape;
  return rank === 3 ? reshaped(cx, back, [n, c, l], axisOf(back)) : back;
}

function axisOf(x: Value): number | undefined {
  return x.type.kind === 'quant' && x.type.affine.per !== 'tensor' ? x.type.affine.axis : undefined;
}
