import type { Value } from '../../ir/graph.js';
import { indexType } from '../../ir/type.js';
import type { ImportContext, Importers } from '../../onnx/importer.js';
import { toNchw, toNhwc } from '../layout.js';
import { ceilPads, globalPool, type Spatial, spatialAttributes } from '../spatial.js';
import { volumePool } from '../volume.js';

function pool(cx: ImportContext, x: Value): readonly Value[] {
  const rank = x.type.shape.length;
  if (rank < 3 || rank > 5) cx.fail('Q0215', `x has ${rank} dimensions; pools work on 1 to 3 spatial dimensions`);
  const ceil = cx.attrs.bool('ceil_mode', false);
  const columns = cx.attrs.bool('storage_order', false);
  const hasIndex = (cx.node.outputs[1] ?? '') !== '';
  if (rank === 5) {
    if (hasIndex) cx.fail('Q0218', 'the places of maxima are not computed over three spatial dimensions', 'output 1');
    const of = (image: Value, { kernel, strides, dilations, pads }: Spatial, grown: readonly number[]) =>
      cx.make('max-pool', { kernel, strides, dilations, pads: ceil ? grown : pads }, [image], x.type);
    return [volumePool(cx, x, (image, window) => of(image, window, ceilPads(image.type.shape, window)))];
  }
  const window = spatialAttributes(cx, x.type.shape.slice(2));
  const nhwc = toNhwc(cx, x);
  const pads = ceil ? ceilPads(nhwc.type.shape, window) : window.pads;
  const attrs = { kernel: window.kernel, strides: window.strides, dilations: window.dilations, pads };
  const y = toNchw(cx, cx.make('max-pool', attrs, [nhwc], x.type), rank);
  if (!hasIndex) return [y];
  const index = cx.make('max-pool-index', { ...attrs, columns }, [nhwc], indexType('s64', []));
  return [y, toNchw(cx, index, rank)];
}

export const importers: Importers = {
  MaxPool: (cx) => pool(cx, cx.input(0)),
  GlobalMaxPool: (cx) =>
    globalPool(cx, cx.input(0), (window, image) => cx.make('max-pool', window, [image], image.type)),
};
