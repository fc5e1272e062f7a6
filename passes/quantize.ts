/**
 * quantize: a float graph and the ranges of its values become the QDQ form, which `absorb-qdq` reads like any other
 * quantizer's. Not in the list of `pipeline.ts`: `quantizer.ts` runs it on a float model, and compiles what it writes.
 *
 * BEFORE  %1 = conv2d(%0, @w, @b)   %2 = clamp(%1) {min 0}   %3 = conv2d(%2, ...)
 * AFTER   %a = dequantize(quantize(%0) : u8)
 *         %1 = conv2d(%a, dequantize(@w' : s8, one scale for each channel), dequantize(@b' : s32))
 *         %2 = clamp(%1) {min 0}   %b = dequantize(quantize(%2) : u8)   %3 = conv2d(%b, ...)
 *
 * Weights: symmetric, per output channel, -127..127. Activations: per tensor. What is quantized: `ir/quantizable.ts`.
 * A value and what moves its elements have one scale, so have the operands and the result of a concat. Sums of products
 * that floats read keep their float result: exact integer sums, scaled. Layers named in `wide` read s16 in the place of 8 bits.
 */
import { note } from '../src/diagnostics/diagnostic.js';
import { boundsOf } from '../src/ir/bounds.js';
import { anyNode, constant, make, makeNode, withOperands } from '../src/ir/build.js';
import { errorWeights } from '../src/ir/error-weights.js';
import { type AnyNode, type Const, type Graph, type Node, noOrigin, type Origin, type Value } from '../src/ir/graph.js';
import type { Pass, PassContext } from '../src/ir/pass.js';
import { type Policy, quantizedUnits, sourceOf, type Unit, Units } from '../src/ir/quantizable.js';
import { type InputChannels, inputChannels, meanErrors, weightPowers } from '../src/ir/read-channels.js';
import { ScaleClasses } from '../src/ir/scale-classes.js';
import { ScaleGroups } from '../src/ir/scale-groups.js';
import { Seen } from '../src/ir/seen.js';
import { type Affine, f32Data, floatType, perTensor, quantType, type TensorType } from '../src/ir/type.js';
import { producer, topologicalOrder } from '../src/ir/walk.js';
import { canWiden, type WideType, wideTypes } from '../src/ir/wide-units.js';
import { type LaneChoice, type Lanes, lanesOf } from '../src/program/lanes.js';
import { perAxis } from '../src/quant/affine.js';
import { meanSquares } from '../src/quant/channel-stats.js';
import { latticeRange } from '../src/quant/lattice.js';
import { coveringRange, type Grid, type Range, type RangeRule } from '../src/quant/range-choice.js';
import type { Ranges } from '../src/quant/ranges.js';
import { type Reconstruction, reconstructedWeights, type SampledGram, wholeGram } from '../src/quant/reconstruct.js';
import {
  type ActivationGrid,
  activationScale,
  channelScales,
  fittedScales,
  laneScales,
  leastScale,
  storedBias,
  storedWeights,
  WEIGHT_MAX,
  WIDE_MAX,
  weightAffine,
} from '../src/quant/weight-scales.js';

export interface QuantizeSettings {
  readonly ranges: Ranges;
  /** The range of a tensor covers what each of these would. */
  readonly rules: readonly RangeRule[];
  readonly activations: ActivationGrid;
  /** Biases take up what rounding the weights adds on average. */
  readonly correctBias: boolean;
  /** Neighbouring products with u8 activations that a 16-bit lane shall hold; 1: no promise. Or who says so of a layer. */
  readonly lanes: Lanes | LaneChoice;
  /**
   * `tensorrt`: quantize in front of products and of the residual of an addition, nothing else; weights as float -> quantize
   * -> dequantize, biases float. What its compiler fuses it finds by itself.
   */
  readonly placement: 'everywhere' | 'tensorrt';
  /** Every op that can compute on integers does, softmax included. */
  readonly integerOnly: boolean;
  /** Outputs are stored integers, with a scale. */
  readonly integerOutputs: boolean;
  /** Names of model nodes that stay float. */
  readonly keepFloat: ReadonlySet<string>;
  /** Names of model nodes that read int16 activations, where they can (`ir/wide-units.ts`). */
  readonly wide?: ReadonlySet<string>;
  /** Of what would be quantized, only nodes of these names are; scales stay those of the whole. Undefined: all. */
  readonly only?: ReadonlySet<string>;
  /** Of what convolutions read, by `layerKey`, one for each group: their weights are rounded for the layer's output. */
  readonly grams?: ReadonlyMap<string, readonly SampledGram[]>;
}

export function gridOf({ symmetric }: ActivationGrid): Grid {
  return { levels: symmetric ? 255 : 256, symmetric };
}

/** The intervals of the quantized values, one for each group. */
function chosenRanges(
  graph: Graph,
  units: Units,
  quantized: ReadonlySet<Value>,
  groups: ScaleGroups,
  seen: Seen,
  { activations, rules }: QuantizeSettings,
): ReadonlyMap<Value, Range> {
  const classes = new ScaleClasses(graph);
  const ranges = new Map<Value, Range>();
  for (const value of quantized) {
    const stats = seen.of(value);
    if (stats === undefined) continue;
    const label = classes.channelsOf(value);
    const channels = label === undefined ? undefined : seen.channels(value, label.axis);
    const weights =
      channels === undefined
        ? undefined
        : errorWeights(value, units.consumers(value).nodes, classes, meanSquares(channels));
    const root = groups.rootOf(value);
    const lattice = value.kind === 'param' ? latticeRange(stats, gridOf(activations)) : undefined;
    const range = lattice ?? coveringRange(stats, gridOf(activations), rules, { weights, bounds: boundsOf(value) });
    const before = ranges.get(root) ?? range;
    ranges.set(root, { min: Math.min(before.min, range.min), max: Math.max(before.max, range.max) });
  }
  return ranges;
}

function originOf(value: Value): Origin {
  return value.kind === 'result' ? value.node.origin : { names: [value.name] };
}

/** Weights that stay in the model as floats. */
function fakeQuantized(
  node: Node<'conv2d'> | Node<'conv2d-transpose'>,
  [x, , ...bias]: readonly Value[],
  w: Const,
  affine: Affine,
): AnyNode {
  const stored = make('quantize', {}, [w], quantType('s8', w.type.shape, affine), node.origin);
  const weights = make('dequantize', {}, [stored], w.type, node.origin);
  const types = node.results.map((r) => r.type);
  return anyNode(makeNode(node.kind, node.attrs, [x, weights, ...bias], types, node.origin));
}

/** What a layer is known by in `grams`. */
export function layerKey({ origin }: AnyNode): string {
  return origin.names.join('\n');
}

/** A float convolution on dequantized weights and bias. `xScale`: of what it reads; `input`: of its channels. */
function storedConvolution(
  node: Node<'conv2d'> | Node<'conv2d-transpose'>,
  operands: readonly Value[],
  xScale: number,
  input: InputChannels | undefined,
  settings: QuantizeSettings,
  cx: PassContext,
): AnyNode {
  const [x, w, bias] = operands;
  if (w.kind !== 'const' || (bias !== undefined && bias.kind !== 'const')) return node;
  const data = f32Data(w.tensor);
  const given = bias === undefined ? undefined : f32Data(bias.tensor);
  const least = (o: number): number => (given === undefined ? 0 : leastScale(given[o], xScale));
  const largest = channelScales(data, w.type.shape, least);
  const reads = input === undefined || node.kind !== 'conv2d' ? undefined : { conv: node, input };
  const fitted = reads === undefined ? largest : fittedScales(data, largest, least, (o) => weightPowers(reads, o));
  const lanes = lanesOf(node, settings.lanes, () => ({
    type: quantType('s8', w.type.shape, weightAffine(fitted), [-WEIGHT_MAX, WEIGHT_MAX]),
    data: storedWeights(data, fitted),
  }));
  const scales = laneScales(data, fitted, lanes);
  const affine = weightAffine(scales);
  if (settings.placement === 'tensorrt') return fakeQuantized(node, operands, w, affine);
  const grams = node.kind === 'conv2d' ? settings.grams?.get(layerKey(node)) : undefined;
  const rounded =
    grams === undefined ? undefined : reconstructedWeights(data, scales, grams, xScale, lanes, reads !== undefined);
  if (rounded !== undefined) logRounding(node, rounded, cx);
  const stored = rounded?.stored ?? storedWeights(data, scales);
  const weights = dequantized(
    constant(w.name, { type: quantType('s8', w.type.shape, affine, [-WEIGHT_MAX, WEIGHT_MAX]), data: stored }),
    node.origin,
  );
  const errors = reads === undefined ? undefined : meanErrors(reads, stored, data, scales, grams?.map(wholeGram));
  const types = node.results.map((r) => r.type);
  if (given === undefined && errors === undefined)
    return anyNode(makeNode(node.kind, node.attrs, [x, weights], types, node.origin));
  const reals = Float64Array.from(scales, (_, o) => (given?.[o] ?? 0) - (errors?.[o] ?? 0));
  const sums = storedBias(reals, xScale, scales);
  const type = quantType('s32', [scales.length], perAxis(0, sums.scales, new Int32Array(scales.length)));
  const name = bias?.name ?? `${w.name}_bias`;
  const integers = dequantized(constant(name, { type, data: sums.data }), node.origin);
  return anyNode(makeNode(node.kind, node.attrs, [x, weights, integers], types, node.origin));
}

function logRounding({ origin, kind }: AnyNode, { gain, isKept }: Reconstruction, cx: PassContext): void {
  const name = origin.names[0] ?? kind;
  const to = isKept ? 'for its output' : 'to nearest';
  const change = gain === undefined ? '' : `${Math.abs(gain).toFixed(1)} dB ${gain < 0 ? 'more' : 'less'} noise`;
  const why =
    gain === undefined
      ? 'no held-out sample says what it reads'
      : isKept
        ? `${change} on held-out samples`
        : `for its output there would be ${change} on held-out samples`;
  cx.hit(isKept ? 'weights rounded for the output' : 'weights rounded to nearest');
  cx.log(`"${name}": weights rounded ${to}: ${why}`);
}

function dequantized(value: Const, origin: Origin): Value {
  return make('dequantize', {}, [value], floatType(value.type.shape), origin);
}

function isNamed({ nodes }: Unit, names: ReadonlySet<string>): boolean {
  return nodes.some(({ origin }) => origin.names.some((name) => names.has(name)));
}

/** The parts of a float graph that compute on integers under these settings, and what decided it. */
export function chosenUnits(graph: Graph, settings: QuantizeSettings) {
  const units = new Units(graph);
  const seen = new Seen(graph, settings.ranges);
  const isKept = (unit: Unit): boolean => isNamed(unit, settings.keepFloat);
  const policy: Policy = {
    isKnown: (value) => seen.of(value) !== undefined,
    isFloat: (unit) => isKept(unit) || (unit.kind === 'softmax' && !settings.integerOnly),
    integerOutputs: settings.integerOutputs,
    productsOnly: settings.placement === 'tensorrt',
  };
  return { units, seen, policy, chosen: quantizedUnits(units, policy) };
}

/** Who computes on what a node makes: its own unit, or those behind moves. */
function unitsBelow(units: Units, node: AnyNode): readonly Unit[] {
  const own = units.unitOfNode(node);
  if (own !== undefined) return [own];
  return node.results.flatMap((r) => units.consumers(r).nodes.flatMap((n) => units.unitOfNode(n) ?? []));
}

/** Those of the chosen units that compute on int16, and functions in front of them. */
export function wideUnits(units: Units, chosen: ReadonlySet<Unit>, settings: QuantizeSettings): ReadonlySet<Unit> {
  const { wide, integerOnly, placement } = settings;
  if (wide === undefined || placement === 'tensorrt') return new Set();
  const found = new Set([...chosen].filter((unit) => isNamed(unit, wide) && canWiden(unit, units, integerOnly)));
  // A function of 8 bits has nothing that 16 could keep: it is computed on floats between 16 bits.
  for (const unit of found)
    for (const input of unit.inputs) {
      const maker = units.unitThatMakes(sourceOf(input));
      if (maker?.kind === 'function' && chosen.has(maker)) found.add(maker);
    }
  return found;
}

function quantizeGraph(graph: Graph, settings: QuantizeSettings, cx: PassContext): Graph {
  const { units, seen, policy, chosen } = chosenUnits(graph, settings);
  reportUnseen(units, chosen, policy, cx);

  const quantized = new Set<Value>();
  const groups = new ScaleGroups();
  for (const unit of chosen) {
    for (const input of unit.inputs) quantized.add(sourceOf(input));
    if (settings.integerOutputs && units.consumers(unit.output).isOutput && policy.isKnown(unit.output))
      quantized.add(unit.output);
    if (unit.kind !== 'concat') continue;
    quantized.add(unit.output);
    for (const input of unit.inputs) groups.join(sourceOf(input), unit.output);
  }
  const residuals = settings.placement === 'tensorrt' ? residualsOf(units, chosen) : new Map<AnyNode, Value>();
  for (const value of residuals.values()) if (policy.isKnown(value)) quantized.add(value);
  const ranges = chosenRanges(graph, units, quantized, groups, seen, settings);
  const wide = wideUnits(units, chosen, settings);
  const wides = wideTypes(wide, quantized, groups, seen);
  const wideOf = (value: Value): WideType | undefined => wides.get(groups.rootOf(value));
  const typeOf = (value: Value): TensorType & { readonly kind: 'quant' } => {
    const { element, scale, zeroPoint } = activationScale(
      ranges.get(groups.rootOf(sourceOf(value))) ?? { min: 0, max: 0 },
      settings.activations,
    );
    return quantType(element, value.type.shape, perTensor(scale, zeroPoint));
  };
  const { only } = settings;
  const active = only === undefined ? chosen : new Set([...chosen].filter((unit) => isNamed(unit, only)));
  /** Whether `reader` takes the stored values: floats behind floats stay as they were. */
  const takesStored = (value: Value, reader: AnyNode | undefined): boolean => {
    if (settings.placement === 'tensorrt') {
      if (reader !== undefined && residuals.get(reader) === value) return true;
    } else {
      const maker = units.unitThatMakes(value);
      if (maker !== undefined && active.has(maker)) return true;
    }
    if (reader === undefined) return false;
    const unit = units.unitOfNode(reader);
    if (unit !== undefined) return active.has(unit);
    return reader.results.some((r) =>
      units.consumers(r).nodes.some((n) => {
        const user = units.unitOfNode(n);
        return user !== undefined && active.has(user);
      }),
    );
  };

  const plain = new Map<Value, Value>();
  const stored = new Map<Value, Value>();
  const storedWide = new Map<Value, Value>();
  const read = (value: Value, reader: AnyNode | undefined): Value => {
    const now = plain.get(value) ?? value;
    if (!quantized.has(value) || !takesStored(value, reader)) return now;
    const type = wideOf(value);
    if (type === undefined) return readBytes(value, now);
    const sixteen = readWide(value, now, type);
    const below = reader === undefined ? [] : unitsBelow(units, reader);
    return below.length > 0 && below.every(takesBytes) ? readBytes(value, sixteen) : sixteen;
  };
  const takesBytes = (unit: Unit): boolean => active.has(unit) && !wide.has(unit) && unit.kind !== 'concat';
  /** What a unit of 8 bits reads where moves brought it int16, because others behind them want those. */
  const narrowed = (value: Value, now: Value, reader: AnyNode): Value => {
    const unit = units.unitOfNode(reader);
    const kept = producer(sourceOf(now), 'dequantize')?.operands[0].type.element;
    return kept === 's16' && unit !== undefined && takesBytes(unit) ? readBytes(value, now) : now;
  };
  const readWide = (value: Value, now: Value, { limit, scale }: WideType): Value => {
    const found = storedWide.get(value);
    if (found !== undefined) return found;
    const end = Math.fround(limit * scale);
    const bounded = limit < WIDE_MAX ? make('clamp', { min: -end, max: end }, [now], now.type, originOf(value)) : now;
    const q = make('quantize', {}, [bounded], quantType('s16', value.type.shape, perTensor(scale, 0)), originOf(value));
    const dq = make('dequantize', {}, [q], floatType(value.type.shape), originOf(value));
    cx.hit('activation of 16 bits');
    storedWide.set(value, dq);
    return dq;
  };
  const readBytes = (value: Value, now: Value): Value => {
    const found = stored.get(value);
    if (found !== undefined) return found;
    const q = make('quantize', {}, [now], typeOf(value), originOf(value));
    const dq = make('dequantize', {}, [q], floatType(value.type.shape), originOf(value));
    cx.hit('activation');
    stored.set(value, dq);
    return dq;
  };
  for (const old of topologicalOrder(graph)) {
    const operands = old.operands.map((v) => narrowed(v, read(v, old), old));
    const unit = units.unitOfNode(old);
    const isProduct = unit !== undefined && active.has(unit) && unit.kind === 'product' && old.kind !== 'matmul';
    let node: AnyNode;
    if (isProduct && (old.kind === 'conv2d' || old.kind === 'conv2d-transpose')) {
      const source = sourceOf(old.operands[0]);
      const affine = typeOf(source).affine;
      const bytesScale = affine.per === 'tensor' ? affine.scale : 1;
      const channels = settings.correctBias ? seen.channels(old.operands[0], 3) : undefined;
      const sixteen = wide.has(unit) ? wideOf(source) : undefined;
      const range =
        sixteen === undefined ? ranges.get(groups.rootOf(source)) : { min: -sixteen.most, max: sixteen.most };
      const input = channels === undefined || range === undefined ? undefined : inputChannels(channels, range);
      const how: QuantizeSettings = sixteen === undefined ? settings : { ...settings, lanes: 1 };
      node = storedConvolution(old, operands, sixteen?.scale ?? bytesScale, input, how, cx);
      cx.hit(old.kind);
    } else node = withOperands(old, operands);
    for (const [i, r] of old.results.entries()) plain.set(r, node.results[i]);
  }
  const outputs = graph.outputs.map(({ name, value }) => ({ name, value: read(value, undefined) }));
  /** The name stays with what was computed, not with what its rounding means. */
  const unrounded = (value: Value): Value =>
    value.kind === 'result' && (value.node.kind === 'transpose' || value.node.kind === 'reshape')
      ? withOperands(value.node, [unrounded(value.node.operands[0])]).results[0]
      : (plain.get(value) ?? value);
  const named = new Map([...(graph.named ?? [])].map(([name, v]) => [name, unrounded(v)]));
  return { ...graph, outputs, named };
}

/** Additions to what one product makes, and what is added: that is read with the rounding of its other readers. */
function residualsOf(units: Units, chosen: ReadonlySet<Unit>): ReadonlyMap<AnyNode, Value> {
  const found = new Map<AnyNode, Value>();
  for (const unit of units.all) {
    const [node] = unit.nodes;
    if (unit.kind !== 'pair' || node.kind !== 'binary' || node.attrs.fn !== 'add') continue;
    const isSum = unit.inputs.map((v) => {
      const maker = units.unitThatMakes(sourceOf(v));
      return maker?.kind === 'product' && chosen.has(maker) && units.consumers(maker.output).nodes.length === 1;
    });
    if (isSum[0] !== isSum[1]) found.set(node, sourceOf(unit.inputs[isSum[0] ? 1 : 0]));
  }
  return found;
}

/** Products that would be integers if anybody had seen their operands. */
function reportUnseen(units: Units, chosen: ReadonlySet<Unit>, policy: Policy, cx: PassContext): void {
  for (const unit of units.all) {
    if (unit.kind !== 'product' || chosen.has(unit) || policy.isFloat(unit)) continue;
    const name = (unit.nodes[0]?.origin ?? noOrigin).names[0] ?? unit.kind;
    cx.report(
      note('Q0841', `"${name}" stays float: calibration saw nothing of its input`, 'calibrate this model again'),
    );
  }
}

/** All of the pass but what it is given. */
export const description = {
  name: 'quantize',
  doc: 'A float graph and the ranges of its values become a quantized one: 8-bit weights per channel, 8-bit activations.',
  requires: [],
  establishes: [],
  drops: [],
  numerics: 'new-model',
} as const;

export function quantize(settings: QuantizeSettings): Pass {
  return {
    ...description,
    run: (graph, cx) => quantizeGraph(graph, settings, cx),
  };
}
