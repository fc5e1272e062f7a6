import type { Value } from '../../ir/graph.js';
import { indexType } from '../../ir/type.js';
import type { ImportContext, Importers } from '../../onnx/importer.js';
import { toNchw, toNhwc } from '../layout.js';
import { ceilPads, globalPool, spatialAttributes } from '../spatial.js';

function pool(cx: ImportContext, x: Value): readonly Value[] {
  const rank = x.type.shape.length;
  if (rank !== 3 && rank !== 4) cx.fail('Q0215', `x has ${rank} dimensions; pools work on 1 or 2 spatial dimensions`);
  const window = spatialAttributes(cx, x.type.shape.slice(2));
  const ceil = cx.attrs.bool('ceil_mode', false);
  const columns = cx.attrs.bool('storage_order', false);
  const nhwc = toNhwc(cx, x);
  const pads = ceil ? ceilPads(nhwc.type.shape, window) : window.pads;
  const attrs = { kernel: window.kernel, strides: window.strides, dilations: window.dilations, pads };
  const y = toNchw(cx, cx.make('max-pool', attrs, [nhwc], x.type), rank);
  if ((cx.node.outputs[1] ?? '') === '') return [y];
  const index = cx.make('max-pool-index', { ...attrs, columns }, [nhwc], indexType('s64', []));
  return [y, toNchw(cx, index, rank)];
}

export const importers: Importers = {
  MaxPool: (cx) => pool(cx, cx.input(0)),
  GlobalMaxPool: (cx) =>
    globalPool(cx, cx.input(0), (window, image) => cx.make('max-pool', window, [image], image.type)),
};
