import type { Value } from '../../ir/graph.js';
import { floatType } from '../../ir/type.js';
import type { ImportContext, Importers } from '../../onnx/importer.js';
import { reshaped, toNchw, toNhwc, transposed } from '../layout.js';
import { windowAttributes } from '../spatial.js';

/** ONNX's weights [C, O/g, kh, kw] (or [C, O/g, k]) as [O, kh, kw, C/g]. */
function outputMajorWeights(cx: ImportContext, w: Value, groups: number): Value {
  const [c, og, ...kernel] = w.type.shape;
  const [kh, kw] = kernel.length === 1 ? [1, kernel[0]] : kernel;
  const four = kernel.length === 1 ? reshaped(cx, w, [c, og, kh, kw], 1) : w;
  if (groups === 1) return transposed(cx, four, [1, 2, 3, 0]);
  const five = reshaped(cx, four, [groups, c / groups, og, kh, kw]);
  return reshaped(cx, transposed(cx, five, [0, 2, 3, 4, 1]), [groups * og, kh, kw, c / groups]);
}

interface Extent {
  readonly pad: number;
  readonly size: number;
}

/** Where the output starts in the full result of one dimension, and how long it is. */
function extents(cx: ImportContext, input: readonly number[], window: ReturnType<typeof windowAttributes>): Extent[] {
  const rank = input.length;
  const extra = cx.attrs.ints('output_padding', new Array<number>(rank).fill(0));
  const wanted = cx.attrs.ints('output_shape', undefined);
  for (const [name, list] of [
    ['output_padding', extra],
    ['output_shape', wanted ?? input],
  ] as const)
    if (list.length !== rank) cx.fail('Q0216', `${list.length} entries, ${rank} expected`, `attribute "${name}"`);
  const { autoPad, pads } = window;
  return input.map((size, i) => {
    const stride = window.strides[i];
    const full = stride * (size - 1) + window.dilations[i] * (window.kernel[i] - 1) + 1 + extra[i];
    const same = autoPad === 'SAME_UPPER' || autoPad === 'SAME_LOWER';
    const target = wanted?.[i] ?? (same ? Math.min(size * stride, full) : undefined);
    if (target === undefined) {
      if (full - pads[i] - pads[i + rank] < 1)
        cx.fail('Q0210', `pads ${pads[i]}, ${pads[i + rank]} leave nothing of ${full} positions`);
      return { pad: pads[i], size: full - pads[i] - pads[i + rank] };
    }
    // Where the output is longer than the full result, zeros follow it.
    const total = Math.max(0, full - target);
    const small = Math.floor(total / 2);
    return { pad: autoPad === 'SAME_UPPER' ? small : total - small, size: target };
  });
}

function convTranspose(cx: ImportContext, x: Value, w: Value, bias: Value | undefined): Value {
  const rank = w.type.shape.length;
  if (x.type.shape.length !== rank || rank < 3 || rank > 4)
    cx.fail('Q0215', `x has ${x.type.shape.length} dimensions and w ${rank}; 1-D and 2-D convolutions are supported`);
  const groups = cx.attrs.int('group', 1);
  if (groups < 1 || w.type.shape[0] % groups !== 0)
    cx.fail('Q0216', `${groups} groups for ${w.type.shape[0]} channels`, 'attribute "group"');
  const input = x.type.shape.slice(2);
  const window = windowAttributes(cx, input, w.type.shape.slice(2));
  const dims = extents(cx, input, window);
  const two = <T>(list: readonly T[], first: T): readonly T[] => (list.length === 1 ? [first, ...list] : list);
  const attrs = {
    strides: two(window.strides, 1),
    dilations: two(window.dilations, 1),
    pads: two(
      dims.map((d) => d.pad),
      0,
    ),
    size: two(
      dims.map((d) => d.size),
      1,
    ),
    groups,
    rounding: 'onnx' as const,
  };
  const operands = [toNhwc(cx, x), outputMajorWeights(cx, w, groups), ...(bias === undefined ? [] : [bias])];
  return toNchw(cx, cx.make('conv2d-transpose', attrs, operands, floatType([])), rank);
}

export const importers: Importers = {
  ConvTranspose: (cx) => convTranspose(cx, cx.input(0), cx.input(1), cx.optional(2)),
};
