import type { Value } from '../../ir/graph.js';
import { elements } from '../../ir/type.js';
import type { ImportContext, Importers } from '../../onnx/importer.js';
import { reshaped, transposed } from '../layout.js';
import { skipNormalization } from './skip-import.js';

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** The axes from the attribute `axis` (default -1) on. */
function trailingAxes(cx: ImportContext, x: Value): number[] {
  const rank = x.type.shape.length;
  return range(cx.axis(cx.attrs.int('axis', -1), rank), rank);
}

/** Statistics are computed in float32, which is what stash_type 1 asks for. */
function checkStashType(cx: ImportContext): void {
  const type = cx.attrs.int('stash_type', 1);
  if (type !== 1) cx.fail('Q0218', `stash_type ${type} is not supported, 1 is`, 'attribute "stash_type"');
}

function layerNormalization(cx: ImportContext): readonly Value[] {
  const x = cx.input(0);
  const axes = trailingAxes(cx, x);
  const epsilon = cx.attrs.float('epsilon', 1e-5);
  checkStashType(cx);
  const bias = cx.optional(2);
  const operands = [x, cx.input(1), ...(bias === undefined ? [] : [bias])];
  const y = cx.make('normalize', { axes, centred: true, spelled: false, epsilon }, operands, x.type);
  if (cx.node.outputs.length === 1) return [y];
  const mean = cx.make('reduce', { fn: 'mean', axes }, [x], x.type);
  const d = cx.make('binary', { fn: 'sub' }, [x, mean], x.type);
  const square = cx.make('binary', { fn: 'mul' }, [d, d], x.type);
  const variance = cx.make('reduce', { fn: 'mean', axes }, [square], x.type);
  const shifted = cx.make('binary', { fn: 'add' }, [variance, cx.scalar(x.type, epsilon)], x.type);
  const deviation = cx.make('unary', { fn: 'sqrt' }, [shifted], x.type);
  return [y, mean, cx.make('unary', { fn: 'reciprocal' }, [deviation], x.type)];
}

/** `scale` [C] along dimension 1 of a tensor of this rank. */
function perChannel(cx: ImportContext, scale: Value, rank: number): Value {
  return reshaped(cx, scale, [scale.type.shape[0], ...new Array<number>(rank - 2).fill(1)]);
}

function checkChannels(cx: ImportContext, index: number, count: number): Value {
  const value = cx.input(index);
  if (value.type.shape.length !== 1 || value.type.shape[0] !== count)
    cx.fail('Q0210', `input ${index} is [${value.type.shape}], expected [${count}]`);
  return value;
}

function instanceNormalization(cx: ImportContext): Value {
  const x = cx.input(0);
  const rank = x.type.shape.length;
  if (rank < 3) cx.fail('Q0215', `x has ${rank} dimensions, at least 3 are expected`);
  const c = x.type.shape[1];
  const operands = [x, perChannel(cx, checkChannels(cx, 1, c), rank), perChannel(cx, checkChannels(cx, 2, c), rank)];
  const epsilon = cx.attrs.float('epsilon', 1e-5);
  return cx.make('normalize', { axes: range(2, rank), centred: true, spelled: false, epsilon }, operands, x.type);
}

function groupNormalization(cx: ImportContext): Value {
  const x = cx.input(0);
  const { shape } = x.type;
  const [n, c, ...spatial] = shape;
  const groups = cx.attrs.requiredInt('num_groups');
  const epsilon = cx.attrs.float('epsilon', 1e-5);
  if (cx.opset >= 21) checkStashType(cx);
  if (shape.length < 3) cx.fail('Q0215', `x has ${shape.length} dimensions, at least 3 are expected`);
  if (groups < 1 || c % groups !== 0)
    cx.fail('Q0218', `${groups} groups do not divide ${c} channels`, 'attribute "num_groups"');
  const split = reshaped(cx, x, [n, groups, c / groups, ...spatial]);
  const ones = spatial.map(() => 1);
  // Opset 18 scales whole groups, 21 channels.
  const parts = cx.opset < 21 ? [groups, 1] : [groups, c / groups];
  const scales = [1, 2].map((i) => reshaped(cx, checkChannels(cx, i, elements(parts)), [...parts, ...ones]));
  const axes = range(2, split.type.shape.length);
  const y = cx.make('normalize', { axes, centred: true, spelled: false, epsilon }, [split, ...scales], x.type);
  return reshaped(cx, y, shape);
}

function meanVarianceNormalization(cx: ImportContext): Value {
  const x = cx.input(0);
  const rank = x.type.shape.length;
  const axes = cx.attrs.ints('axes', [0, 2, 3]).map((a) => cx.axis(a, rank));
  axes.sort((a, b) => a - b);
  const mean = cx.make('reduce', { fn: 'mean', axes }, [x], x.type);
  const d = cx.make('binary', { fn: 'sub' }, [x, mean], x.type);
  const square = cx.make('binary', { fn: 'mul' }, [d, d], x.type);
  const variance = cx.make('reduce', { fn: 'mean', axes }, [square], x.type);
  const deviation = cx.make('unary', { fn: 'sqrt' }, [variance], x.type);
  // ONNX adds this constant to the deviation, not to the variance.
  const shifted = cx.make('binary', { fn: 'add' }, [deviation, cx.scalar(x.type, 1e-9)], x.type);
  return cx.make('binary', { fn: 'div' }, [d, shifted], x.type);
}

function lpNormalization(cx: ImportContext): Value {
  const x = cx.input(0);
  const axis = cx.axis(cx.attrs.int('axis', -1), x.type.shape.length);
  const p = cx.attrs.int('p', 2);
  if (p !== 1 && p !== 2) cx.fail('Q0218', `p = ${p} is not supported, 1 and 2 are`, 'attribute "p"');
  const sum = cx.make('reduce', { fn: p === 1 ? 'l1' : 'sum-square', axes: [axis] }, [x], x.type);
  const norm = p === 1 ? sum : cx.make('unary', { fn: 'sqrt' }, [sum], x.type);
  return cx.make('binary', { fn: 'div' }, [x, norm], x.type);
}

/** x / (bias + alpha * mean of x * x over `size` neighbouring channels) ^ beta; channels outside count as zeros. */
function localResponse(cx: ImportContext): Value {
  const x = cx.input(0);
  const rank = x.type.shape.length;
  if (rank < 2) cx.fail('Q0215', `x has ${rank} dimensions, at least 2 are expected`);
  const size = cx.attrs.requiredInt('size');
  if (size < 1) cx.fail('Q0218', `size = ${size}, at least 1 is expected`, 'attribute "size"');
  const number = (name: string, fallback: number) => cx.scalar(x.type, cx.attrs.float(name, fallback));
  const [alpha, beta, bias] = [number('alpha', 1e-4), number('beta', 0.75), number('bias', 1)];
  const channelsLast = transposed(cx, x, [0, ...range(2, rank), 1]);
  const c = x.type.shape[1];
  const rows = reshaped(cx, channelsLast, [1, elements(x.type.shape) / c, c, 1]);
  const before = Math.floor((size - 1) / 2);
  const window = { kernel: [1, size], strides: [1, 1], dilations: [1, 1], pads: [0, before, 0, size - 1 - before] };
  const square = cx.make('binary', { fn: 'mul' }, [rows, rows], x.type);
  const mean = cx.make('average-pool', { ...window, count_include_pad: true }, [square], x.type);
  const scaled = cx.make('binary', { fn: 'mul' }, [mean, alpha], x.type);
  const shifted = cx.make('binary', { fn: 'add' }, [scaled, bias], x.type);
  const divisor = cx.make('binary', { fn: 'pow' }, [shifted, beta], x.type);
  const y = cx.make('binary', { fn: 'div' }, [rows, divisor], x.type);
  return transposed(cx, reshaped(cx, y, channelsLast.type.shape), [0, rank - 1, ...range(1, rank - 1)]);
}

function rootMeanSquare(cx: ImportContext): Value {
  const x = cx.input(0);
  const axes = trailingAxes(cx, x);
  const epsilon = cx.attrs.float('epsilon', 1e-5);
  checkStashType(cx);
  return cx.make('normalize', { axes, centred: false, spelled: false, epsilon }, [x, cx.input(1)], x.type);
}

export const importers: Importers = {
  'com.microsoft.SkipLayerNormalization': (cx) => skipNormalization(cx, true),
  'com.microsoft.SkipSimplifiedLayerNormalization': (cx) => skipNormalization(cx, false),
  // ONNX Runtime's name of RMSNormalization, in ONNX's own domain.
  SimplifiedLayerNormalization: rootMeanSquare,
  GroupNormalization: groupNormalization,
  InstanceNormalization: instanceNormalization,
  LRN: localResponse,
  LayerNormalization: layerNormalization,
  LpNormalization: lpNormalization,
  MeanVarianceNormalization: meanVarianceNormalization,
  RMSNormalization: rootMeanSquare,
};
