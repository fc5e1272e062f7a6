import type { Value } from '../../ir/graph.js';
import type { ImportContext, Importer, Importers } from '../../onnx/importer.js';
import { toNchw, toNhwc, transposed } from '../layout.js';
import { quantizedForm } from '../quantized-import.js';
import { ceilPads, globalPool, spatialAttributes } from '../spatial.js';

function pool(cx: ImportContext, x: Value): Value {
  const rank = x.type.shape.length;
  if (rank !== 3 && rank !== 4) cx.fail('Q0215', `x has ${rank} dimensions; pools work on 1 or 2 spatial dimensions`);
  const { kernel, strides, dilations, pads } = spatialAttributes(cx, x.type.shape.slice(2));
  const includePad = cx.attrs.bool('count_include_pad', false);
  const isCeil = cx.attrs.bool('ceil_mode', false);
  const image = toNhwc(cx, x);
  const attrs = { kernel, strides, dilations, pads, count_include_pad: includePad };
  if (!isCeil) return toNchw(cx, cx.make('average-pool', attrs, [image], x.type), rank);
  const grown = ceilPads(image.type.shape, attrs);
  const overhang = grown.map((p, i) => p - pads[i]);
  if (!includePad || overhang.every((p) => p === 0))
    return toNchw(cx, cx.make('average-pool', { ...attrs, pads: grown }, [image], x.type), rank);
  // Padding counts, but not what ceil_mode adds behind it: real zeros make the one part of the image.
  const [top, left, bottom, right] = pads;
  const margins = { before: [0, top, left, 0], after: [0, bottom, right, 0], value: 0 };
  const padded = pads.every((p) => p === 0) ? image : cx.make('pad', margins, [image], x.type);
  const y = cx.make('average-pool', { ...attrs, pads: overhang, count_include_pad: false }, [padded], x.type);
  return toNchw(cx, y, rank);
}

function globalAverage(cx: ImportContext, x: Value): Value {
  return globalPool(cx, x, (window, image) =>
    cx.make('average-pool', { ...window, count_include_pad: false }, [image], x.type),
  );
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
  GlobalAveragePool: (cx) => globalAverage(cx, cx.input(0)),
  'com.microsoft.QLinearAveragePool': quantizedForm(eitherLayout(pool)),
  'com.microsoft.QLinearGlobalAveragePool': quantizedForm(eitherLayout(globalAverage)),
};
