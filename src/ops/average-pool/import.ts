import type { Value } from '../../ir/graph.js';
import type { ImportContext, Importer, Importers } from '../../onnx/importer.js';
import { toNchw, toNhwc, transposed } from '../layout.js';
import { quantizedForm } from '../quantized-import.js';
import { ceilPads, spatialAttributes } from '../spatial.js';

function pool(cx: ImportContext, x: Value): Value {
  const rank = x.type.shape.length;
  const window = spatialAttributes(cx, x.type.shape.slice(2));
  const includePad = cx.attrs.int('count_include_pad', 0) === 1;
  const ceil = cx.attrs.int('ceil_mode', 0) === 1;
  const nhwc = toNhwc(cx, x);
  const pads = ceil ? ceilPads(nhwc.type.shape, window) : window.pads;
  const attrs = {
    kernel: window.kernel,
    strides: window.strides,
    dilations: window.dilations,
    pads,
    count_include_pad: includePad,
  };
  return toNchw(cx, cx.make('average-pool', attrs, [nhwc], x.type), rank);
}

function globalPool(cx: ImportContext, x: Value): Value {
  const nhwc = toNhwc(cx, x);
  const [, h, w] = nhwc.type.shape;
  const attrs = { kernel: [h, w], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], count_include_pad: false };
  return toNchw(cx, cx.make('average-pool', attrs, [nhwc], x.type), x.type.shape.length);
}

/** `channels_last`: the operator reads and writes (N spatial... C). */
function eitherLayout(pooled: (cx: ImportContext, x: Value) => Value): Importer {
  return (cx) => {
    const x = cx.input(0);
    if (!cx.attrs.bool('channels_last', false)) return pooled(cx, x);
    const spatial = x.type.shape.slice(2).map((_, i) => i);
    const last = spatial.length + 1;
    const first = transposed(cx, x, [0, last, ...spatial.map((i) => i + 1)]);
    return transposed(cx, pooled(cx, first), [0, ...spatial.map((i) => i + 2), 1]);
  };
}

export const importers: Importers = {
  AveragePool: (cx) => pool(cx, cx.input(0)),
  GlobalAveragePool: (cx) => globalPool(cx, cx.input(0)),
  'com.microsoft.QLinearAveragePool': quantizedForm(eitherLayout(pool)),
  'com.microsoft.QLinearGlobalAveragePool': quantizedForm(eitherLayout(globalPool)),
};
