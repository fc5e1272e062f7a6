import type { Value } from '../../ir/graph.js';
import type { ImportContext, Importer, Importers } from '../../onnx/importer.js';
import { toNchw, toNhwc, transposed } from '../layout.js';
import { quantizedForm } from '../quantized-import.js';
import { ceilPads, globalPool, type Spatial, spatialAttributes } from '../spatial.js';
import { volumePool } from '../volume.js';

/** @param countsOverhang what ceil_mode adds behind the padding counts where padding does. */
function pool(cx: ImportContext, x: Value, countsOverhang: boolean): Value {
  const rank = x.type.shape.length;
  if (rank < 3 || rank > 5) cx.fail('Q0215', `x has ${rank} dimensions; pools work on 1 to 3 spatial dimensions`);
  const includePad = cx.attrs.bool('count_include_pad', false);
  const isCeil = cx.attrs.bool('ceil_mode', false);
  const of = (image: Value, window: Spatial) => average(cx, image, window, { includePad, isCeil, countsOverhang });
  // The mean over depths of means over planes: each window has as many taps in every depth.
  if (rank === 5) return volumePool(cx, x, of);
  return toNchw(cx, of(toNhwc(cx, x), spatialAttributes(cx, x.type.shape.slice(2))), rank);
}

interface Counting {
  readonly includePad: boolean;
  readonly isCeil: boolean;
  readonly countsOverhang: boolean;
}

/** Of an NHWC image. */
function average(cx: ImportContext, image: Value, window: Spatial, counting: Counting): Value {
  const { includePad, isCeil, countsOverhang } = counting;
  const { kernel, strides, dilations, pads } = window;
  const attrs = { kernel, strides, dilations, pads, count_include_pad: includePad };
  if (!isCeil) return cx.make('average-pool', attrs, [image], image.type);
  const grown = ceilPads(image.type.shape, attrs);
  const overhang = grown.map((p, i) => p - pads[i]);
  if (!includePad || countsOverhang || overhang.every((p) => p === 0))
    return cx.make('average-pool', { ...attrs, pads: grown }, [image], image.type);
  // Padding counts, but not what ceil_mode adds behind it: real zeros make the one part of the image.
  const [top, left, bottom, right] = pads;
  const margins = { before: [0, top, left, 0], after: [0, bottom, right, 0], value: 0 };
  const padded = pads.every((p) => p === 0) ? image : cx.make('pad', margins, [image], image.type);
  return cx.make('average-pool', { ...attrs, pads: overhang, count_include_pad: false }, [padded], image.type);
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
  AveragePool: (cx) => pool(cx, cx.input(0), false),
  GlobalAveragePool: (cx) => globalAverage(cx, cx.input(0)),
  'com.microsoft.QLinearAveragePool': quantizedForm(eitherLayout((cx, x) => pool(cx, x, true))),
  'com.microsoft.QLinearGlobalAveragePool': quantizedForm(eitherLayout(globalAverage)),
};
