import type { Value } from '../../ir/graph.js';
import type { ImportContext, Importers } from '../../onnx/importer.js';
import { toNchw, toNhwc } from '../layout.js';
import { ceilPads, spatialAttributes } from '../spatial.js';

function pool(cx: ImportContext, x: Value): Value {
  const rank = x.type.shape.length;
  if (rank !== 3 && rank !== 4) cx.fail('Q0215', `x has ${rank} dimensions; pools work on 1 or 2 spatial dimensions`);
  const window = spatialAttributes(cx, x.type.shape.slice(2));
  const ceil = cx.attrs.int('ceil_mode', 0) === 1;
  if (cx.attrs.int('storage_order', 0) !== 0)
    cx.fail('Q0218', 'storage_order 1 is not supported', 'attribute "storage_order"');
  const nhwc = toNhwc(cx, x);
  const pads = ceil ? ceilPads(nhwc.type.shape, window) : window.pads;
  const attrs = { kernel: window.kernel, strides: window.strides, dilations: window.dilations, pads };
  return toNchw(cx, cx.make('max-pool', attrs, [nhwc], x.type), rank);
}

export const importers: Importers = {
  MaxPool: (cx) => pool(cx, cx.input(0)),
  GlobalMaxPool(cx) {
    const x = cx.input(0);
    const nhwc = toNhwc(cx, x);
    const [, h, w] = nhwc.type.shape;
    const attrs = { kernel: [h, w], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] };
    return toNchw(cx, cx.make('max-pool', attrs, [nhwc], x.type), x.type.shape.length);
  },
};
