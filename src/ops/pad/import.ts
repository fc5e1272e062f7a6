import type { Value } from '../../ir/graph.js';
import { elementRange } from '../../ir/type.js';
import type { ImportContext, Importers } from '../../onnx/importer.js';
import { inputPart } from '../../onnx/model.js';
import { picked } from '../gather/import.js';
import { sliced } from '../slice/import.js';

/** Where entry `i` of a padded dimension comes from; `i` counts from the first entry of the original. */
const sources: Readonly<Record<'reflect' | 'edge' | 'wrap', (i: number, dim: number) => number>> = {
  reflect(i, dim) {
    if (dim === 1) return 0;
    const period = 2 * (dim - 1);
    const at = ((i % period) + period) % period;
    return at < dim ? at : period - at;
  },
  edge: (i, dim) => Math.max(0, Math.min(dim - 1, i)),
  wrap: (i, dim) => ((i % dim) + dim) % dim,
};

/** Negative pads cut off, the rest is added. */
function padded(cx: ImportContext, x: Value, before: readonly number[], after: readonly number[], mode: Mode): Value {
  const { shape } = x.type;
  const isCut = (d: number) => before[d] < 0 || after[d] < 0;
  const kept = shape.map((size, d) => size + Math.min(0, before[d]) + Math.min(0, after[d]));
  if (kept.some((size) => size < 0)) cx.fail('Q0210', `pads [${before}], [${after}] cut more than [${shape}] has`);
  const ranges = kept.map((size, d) => ({ start: Math.max(0, -before[d]), step: 1, size }));
  let y = sliced(cx, x, new Map([...ranges.entries()].filter(([d]) => isCut(d))));
  const [front, back] = [before, after].map((list) => list.map((n) => Math.max(0, n)));
  if (typeof mode === 'number') {
    if ([...front, ...back].every((n) => n === 0)) return y;
    return cx.make('pad', { before: front, after: back, value: mode }, [y], widened(y, mode));
  }
  for (const [d, dim] of y.type.shape.entries()) {
    if (front[d] === 0 && back[d] === 0) continue;
    if (dim === 0) cx.fail('Q0210', `dimension ${d} is empty, there is nothing to repeat`);
    const places = Array.from({ length: front[d] + dim + back[d] }, (_, i) => sources[mode](i - front[d], dim));
    y = picked(cx, y, d, places);
  }
  return y;
}

type Mode = number | 'reflect' | 'edge' | 'wrap';

function widened({ type }: Value, value: number) {
  if (type.kind !== 'quant') return type;
  return { ...type, range: [Math.min(type.range[0], value), Math.max(type.range[1], value)] as const };
}

function constantValue(cx: ImportContext, x: Value): number {
  if (cx.opset < 11) return cx.attrs.float('value', 0);
  const value = cx.optional(2) === undefined ? 0 : cx.constantScalar(2);
  const { type } = x;
  const [low, high] = type.kind === 'quant' ? elementRange[type.element] : [-Infinity, Infinity];
  // 64-bit numbers reach us clamped to those a double holds.
  const isExact = type.kind !== 'index' || Math.abs(value) < Number.MAX_SAFE_INTEGER;
  if (value < low || value > high || !isExact)
    cx.fail('Q0207', `the value ${value} is outside of what is supported for ${type.element}`, inputPart(cx.node, 2));
  return value;
}

export const importers: Importers = {
  Pad(cx) {
    const x = cx.input(0);
    const rank = x.type.shape.length;
    const mode = cx.attrs.oneOf('mode', ['constant', 'reflect', 'edge', 'wrap'], 'constant');
    if (mode === 'wrap' && cx.opset < 19) cx.attrs.invalid('mode', 'is "wrap", which opset 19 brings');
    const pads = cx.opset < 11 ? cx.attrs.requiredInts('pads') : cx.constantInts(1);
    const value = constantValue(cx, x);
    const given = cx.opset < 18 ? undefined : cx.optionalInts(3);
    const axes = (given ?? x.type.shape.map((_, d) => d)).map((a) => cx.axis(a, rank));
    if (pads.length !== 2 * axes.length) cx.fail('Q0210', `${pads.length} pads for ${axes.length} dimensions`);
    const before = new Array<number>(rank).fill(0);
    const after = new Array<number>(rank).fill(0);
    for (const [i, axis] of axes.entries()) {
      before[axis] = pads[i];
      after[axis] = pads[axes.length + i];
    }
    return padded(cx, x, before, after, mode === 'constant' ? value : mode);
  },
};
