/**
 * Convolutions of s16 activations (TFLite's 16x8): sums of 32 bits where the intervals of x and the weights prove that they
 * fit, of 64 bits elsewhere. Invariant: what TFLite's arithmetic leaves undefined is refused, so every build has its answer.
 */
import { error, type Place, QccError } from '../diagnostics/diagnostic.js';
import type { Node } from '../ir/graph.js';
import { byteSize, elementRange, indexType, type QuantType, type Tensor, type TensorType } from '../ir/type.js';
import { type Packing, packedBytes, parsePacking } from '../program/packing.js';
import type { ChannelBounds, Kernel } from '../program/program.js';
import { scaleAt } from '../quant/affine.js';
import { quantizeMultiplier, wideMultiplier } from '../quant/fixed-point.js';
import { type Rounding, realMultiplier, requantizer } from '../quant/rounding.js';
import { refuted, type Verdict, verdict } from '../target/choose.js';
import { type AccumulatorBounds, accumulatorBounds } from './conv2d-requant/bounds.js';
import { fixedScales } from './fixed-scales.js';
import { flag, type LowerContext, reads, scratches, stepFor, writes } from './lowering.js';
import { windowParams } from './window.js';

/** TFLite scales sums of so many bits. */
const MOST = 2 ** 47;

/** The contract's `rounding` (wide.h). */
const codes: Readonly<Record<Exclude<Rounding, 'onnx'>, number>> = {
  'tflite-double': 0,
  'tflite-wide': 1,
  'tflite-single': 2,
};

function refuse(place: Place, message: string): never {
  const help = 'convert the model with int64 biases, or re-quantize this layer';
  throw new QccError([error('Q0732', message, place, help)]);
}

interface Layer {
  readonly place: Place;
  readonly x: QuantType;
  readonly w: Tensor & { readonly type: QuantType };
  readonly y: QuantType;
  readonly bias: readonly number[];
  readonly bounds: AccumulatorBounds;
  readonly isNarrow: boolean;
}

/** Two words of scale for each channel, as the rule's kernel reads them. */
function scalesOf({ place, x, w, y, bounds }: Layer, rounding: Exclude<Rounding, 'onnx'>): Tensor {
  const oc = w.type.shape[0];
  const sx = scaleAt(x.affine, 0);
  if (rounding === 'tflite-double') {
    const scales = fixedScales(rounding, sx, (o) => scaleAt(w.type.affine, o), y, bounds, place);
    if ('code' in scales) throw new QccError([scales]);
    return scales;
  }
  const data = new Int32Array(2 * oc);
  for (let o = 0; o < oc; o++) {
    const real = realMultiplier(sx, scaleAt(w.type.affine, o), scaleAt(y.affine, 0));
    const largest = Math.max(-bounds.low[o], bounds.high[o], 0);
    const { multiplier, shift } = quantizeMultiplier(real);
    if (!(largest * real < 2 ** 31 - 1) || shift > 7)
      refuse(place, `output channel ${o} multiplies sums of up to ${largest} by ${real}: the result leaves 32 bits`);
    if (rounding === 'tflite-wide') data.set([wideMultiplier(multiplier), 15 - shift], 2 * o);
    else data.set(new Int32Array(Float64Array.of(Math.max(real, 2 ** -1000)).buffer), 2 * o);
  }
  return { type: indexType('s32', [oc, 2]), data };
}

function layerOf(node: Node<'conv2d'>, x: QuantType): Layer {
  const [, wValue, biasValue] = node.operands;
  const place = { node: node.origin.names[0] ?? 'conv2d' };
  const y = node.results[0].type;
  const { type } = wValue;
  if (wValue.kind !== 'const' || (biasValue !== undefined && biasValue.kind !== 'const'))
    throw new QccError([error('Q0311', 'the weights are computed at run time', place, 'export with constant weights')]);
  if (type.kind !== 'quant' || y.kind !== 'quant') throw new TypeError('quantized only');
  const w = { type, data: wValue.tensor.data };
  const bias = Array.from(biasValue?.tensor.data ?? new Float64Array(type.shape[0]), Number);
  const bounds = accumulatorBounds(w, bias, Math.min(x.range[0], 0), Math.max(x.range[1], 0));
  const fits = ([low, high]: readonly [number, number]) =>
    bounds.partialLow.every((v) => v >= low) && bounds.partialHigh.every((v) => v <= high);
  const isNarrow = fits(elementRange.s32);
  if (!fits([-MOST + 1, MOST - 1])) refuse(place, 'sums of its products, with the bias, can leave 48 bits');
  const isShort = biasValue?.type.element === 's32' || node.attrs.rounding === 'tflite-double';
  if (isShort && !isNarrow) refuse(place, 'its bias is int32, sums of its products can leave 32 bits');
  return { place, x, w, y, bias, bounds, isNarrow };
}

function packingOf(kernel: Kernel): Packing {
  const packing = parsePacking(kernel.packing);
  if (packing === undefined) throw new Error(`${kernel.symbol}: unknown packing ${kernel.packing}`);
  return packing;
}

/** Output channels in a tile. */
function tileChannels(kernel: Kernel): number {
  const packing = packingOf(kernel);
  return packing.kind === 'panels' ? packing.nr : 1;
}

/** Rounded up to whole tiles with zeros. */
function padded(type: TensorType, data: readonly bigint[], count: number): Tensor {
  const zeros = new Array<bigint>(count - data.length).fill(0n);
  const all = [...data, ...zeros];
  return {
    type: { ...type, shape: [count, ...type.shape.slice(1)] },
    data: type.element === 's64' ? BigInt64Array.from(all) : Int32Array.from(all, Number),
  };
}

function biasFor(kernel: Kernel, { bias, isNarrow }: Layer): Tensor {
  const nr = tileChannels(kernel);
  const count = Math.ceil(bias.length / nr) * nr;
  return padded(indexType(isNarrow ? 's32' : 's64', [count]), bias.map(BigInt), count);
}

function scalesFor(kernel: Kernel, scales: Tensor): Tensor {
  const nr = tileChannels(kernel);
  const [oc] = scales.type.shape;
  const data = new Int32Array(2 * Math.ceil(oc / nr) * nr);
  // A right shift is at least 1 where nothing is stored, too.
  data.fill(1);
  data.set(Array.from(scales.data, Number));
  return { type: indexType('s32', [data.length / 2, 2]), data };
}

function channelsOf(layer: Layer, rounding: Rounding): ChannelBounds {
  const { x, y, w, bounds } = layer;
  const to = { zero: 0, low: y.range[0], high: y.range[1] };
  const ends = (values: Float64Array) =>
    values.map((acc, o) =>
      requantizer(rounding, scaleAt(x.affine, 0), scaleAt(w.type.affine, o), scaleAt(y.affine, 0), to)(acc),
    );
  return {
    x: [Math.min(x.range[0], 0), Math.max(x.range[1], 0)],
    accumulator: { low: bounds.low, high: bounds.high },
    result: { low: ends(bounds.low), high: ends(bounds.high) },
  };
}

function proofsOf({ bounds, isNarrow }: Layer, rounding: Rounding) {
  const low = bounds.partialLow.reduce((a, b) => Math.min(a, b), 0);
  const high = bounds.partialHigh.reduce((a, b) => Math.max(a, b), 0);
  return [
    {
      claim: isNarrow ? 'ACCUMULATOR_FITS_S32' : 'ACCUMULATOR_FITS_48_BITS',
      evidence: `every partial sum lies in ${low}..${high}`,
    },
    { claim: 'REQUANTIZATION', evidence: `${rounding}: no scaled sum leaves 32 bits` },
  ];
}

export function lowerWide(node: Node<'conv2d'>, x: QuantType, cx: LowerContext): void {
  const { attrs } = node;
  const { rounding } = attrs;
  if (rounding === 'onnx') throw new TypeError('s16 has no ONNX rounding');
  const layer = layerOf(node, x);
  const { w, y, isNarrow } = layer;
  const scales = scalesOf(layer, rounding);
  const [n, h, width, c] = x.shape;
  const [oc, kh, kw, cg] = w.type.shape;
  const [, oh, ow] = y.shape;
  const isDepthwise = cg === 1 && attrs.groups === c && attrs.groups > 1;
  const macs = n * oh * ow * oc * kh * kw * cg;
  const isOnePixel = n * h * width === kh * kw && n * oh * ow === 1 && attrs.pads.every((p) => p === 0);
  const prove = (word: string): Verdict | undefined => {
    switch (word) {
      case 'GROUPS_ONE':
        return verdict(attrs.groups === 1, 'groups = 1', `groups = ${attrs.groups}`);
      case 'MULTIPLIER_ONE':
        return verdict(oc === attrs.groups, 'multiplier 1', `multiplier ${oc / attrs.groups}`);
      case 'ONE_PIXEL':
        return verdict(isOnePixel, 'one pixel that sees the whole input', `${n * oh * ow} pixels of ${kh}x${kw} taps`);
      case 'NOT_ONE_PIXEL':
        return verdict(!isOnePixel, `${n * oh * ow} pixels`, 'one pixel that sees the whole input');
      case 'NARROW_SUMS':
        return verdict(isNarrow, 'sums fit 32 bits', 'sums can leave 32 bits');
      case 'WIDE_SUMS':
        return verdict(!isNarrow, 'sums can leave 32 bits', 'sums fit 32 bits');
      default:
        return undefined;
    }
  };
  const choice = cx.choose(
    {
      family: isDepthwise ? 'dwconv2d_s16' : 'conv2d_s16',
      prove,
      accepts: (kernel) =>
        (packingOf(kernel).kind === 'hwc') === isDepthwise
          ? verdict(true, 'weights fit', '')
          : refuted(`packing ${kernel.packing} is not for this family`),
      work: (kernel) => (macs * (Math.ceil(oc / tileChannels(kernel)) * tileChannels(kernel))) / oc,
      reads: [cx.view(node.operands[0])],
      weights: { live: byteSize(w.type), stored: (kernel) => packedBytes(w, packingOf(kernel)) },
    },
    node,
  );
  const { kernel } = choice;
  const params = {
    ...windowParams({ ...attrs, kernel: [kh, kw] }, x.shape, y.shape, isDepthwise ? { multiplier: oc / c } : { oc }),
    ...(isDepthwise ? {} : { groups: attrs.groups }),
    rounding: codes[rounding],
    is_wide: flag(!isNarrow),
  };
  const name = node.origin.names[0] ?? 'conv';
  cx.emit(
    stepFor(node, {
      choice,
      params,
      data: { y_min: y.range[0], y_max: y.range[1] },
      args: [
        reads('x', cx.view(node.operands[0])),
        reads('w', cx.constant(`${name} weights`, w, packingOf(kernel))),
        reads('bias', cx.constant(`${name} bias`, biasFor(kernel, layer))),
        reads('scale', cx.constant(`${name} multiplier`, scalesFor(kernel, scales))),
        writes('y', cx.output(node.results[0])),
        scratches('scratch', cx.scratch(cx.scratchBytes(kernel, params))),
      ],
      macs,
      proofs: proofsOf(layer, rounding),
      channels: channelsOf(layer, rounding),
    }),
  );
}
