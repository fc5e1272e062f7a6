/**
 * The constants and bounds of quantized layers, derived from the model file once more. Nothing here comes from the passes
 * that made the claims: weights, biases, multipliers and intervals are computed from the numbers in the model.
 */
import { type Bounds, boundsOf, clamped, fixedPoint, largestProduct, requantized } from './bounds.js';
import type { CConstant } from './c-constants.js';
import type { CStep } from './c-program.js';
import { holdsOf } from './claims.js';
import type { Findings } from './findings.js';
import type { ClaimedLayer, ClaimedStep, Manifest, PerChannel } from './manifest.js';
import { type ModelLayer, type ModelLayers, type ModelProduct, ofNodes } from './model-layer.js';
import { movedBy, movedX } from './moved-bytes.js';
import { channelsOf, type RemovedChannels } from './removed.js';
import { difference, modelRounding, quantizedMultiplier } from './rounding.js';
import { storedConstants } from './stored-constants.js';
import { isFlattened, unpack, type WeightShape } from './unpack.js';

const OUT_S32 = 1;
const OUT_S16 = 3;

export interface LayerAudit {
  readonly manifest: Manifest;
  readonly constants: ReadonlyMap<string, CConstant>;
  readonly layers: ModelLayers;
  readonly products: ReadonlyMap<string, ModelProduct>;
  readonly removed: ReadonlyMap<string, RemovedChannels>;
  readonly findings: Findings;
}

export interface EmittedWeights {
  readonly shape: WeightShape;
  readonly weights: ArrayLike<number>;
  /** As they lie in the C. */
  readonly packed: ArrayLike<number>;
}

export interface Emitted extends EmittedWeights {
  /** Without what a kernel that reads u8 as s8, or s8 as u8, wants added. */
  readonly bias: ArrayLike<number>;
  /** Floats; undefined where the layer rounds in fixed point, or not at all. */
  readonly multipliers: ArrayLike<number> | undefined;
  /** Multiplier and shift of each channel. */
  readonly fixed: ArrayLike<number> | undefined;
}

/** True if the layer was derived from the model in full. */
export function auditLayer(cx: LayerAudit, claimed: ClaimedStep, step: CStep): boolean {
  const { findings } = cx;
  const shape = shapeOf(step);
  const layer = modelLayer(cx, claimed);
  const wanted = typeof layer === 'string' ? undefined : derived(cx, claimed, shape, layer, movedX(step, layer));
  const emitted = emittedConstants(cx, claimed, step, shape, wanted);
  if (emitted === undefined) return false;
  const certificate = certificateOf(cx.manifest, claimed);
  if (certificate === undefined) findings.add('Q0644', 'no bounds are certified for this layer', claimed);
  else auditBounds(cx, claimed, step, emitted, certificate);
  if (typeof layer === 'string') {
    findings.leaveOpen(claimed, layer);
    return false;
  }
  if (wanted === undefined) return false;
  const { weights } = wanted;
  compareWeights(cx, claimed, emitted, weights);
  if (wanted.bias !== undefined) compare(cx, claimed, 'bias', emitted.bias, wanted.bias);
  else findings.leaveOpen(claimed, 'its bias depends on more than the model file says of this layer');
  if (emitted.multipliers !== undefined) compare(cx, claimed, 'multiplier', emitted.multipliers, wanted.multipliers);
  if (emitted.fixed !== undefined) auditFixedPoint(cx, claimed, step, emitted, layer, wanted.kept);
  compareLiterals(cx, claimed, step, layer);
  return wanted.bias !== undefined;
}

/** The steps of a layer that runs in parts. */
function partsOf({ steps }: Manifest, claimed: ClaimedStep): readonly ClaimedStep[] {
  const weights = ({ args }: ClaimedStep) => args.find((a) => a.name === 'w')?.buffer;
  return steps.filter((s) => weights(s) === weights(claimed) && s.origin.join() === claimed.origin.join());
}

/** A layer that runs in parts is certified once: at its first step. */
export function certificateOf(manifest: Manifest, claimed: ClaimedStep): ClaimedLayer | undefined {
  const parts = partsOf(manifest, claimed);
  return manifest.certificate.find((c) => c.step === claimed.index || parts.some((s) => s.index === c.step));
}

export function shapeOf({ family, params }: CStep): WeightShape {
  const of = (name: string) => params.get(name) ?? 0;
  if (family.startsWith('dwconv2d'))
    return { oc: of('c') * of('multiplier'), kh: of('kh'), kw: of('kw'), cg: 1, groups: of('c') };
  if (family === 'dynamic_matmul') return { oc: of('n'), kh: 1, kw: 1, cg: of('k'), groups: 1 };
  return { oc: of('oc'), kh: of('kh'), kw: of('kw'), cg: of('c') / of('groups'), groups: of('groups') };
}

/** The one weighted node of the model a step comes from, or why there is none. */
export function modelLayer({ layers }: LayerAudit, { origin }: ClaimedStep): ModelLayer | string {
  const found = ofNodes(layers, origin);
  if (found.length === 1) return found[0];
  return found.length === 0 ? 'none of its model nodes is a layer the audit can read' : 'several layers in one step';
}

interface Wanted {
  readonly weights: ArrayLike<number>;
  readonly bias: Float64Array | undefined;
  readonly multipliers: Float64Array;
  /** Output channels that are left, by their number in the model, as they lie. */
  readonly kept: readonly number[];
}

/** What the model says the constants are, after the channels claimed to be gone, in the order in which they are claimed to lie. */
function derived(
  cx: LayerAudit,
  claimed: ClaimedStep,
  shape: WeightShape,
  layer: ModelLayer,
  moved: number,
): Wanted | undefined {
  const { oc, kh, kw, cg } = layer.shape;
  const { inputs, keptOut, keptIn, isAgreed } = channelsOf(layer, claimed.origin, cx.removed);
  if (!isAgreed)
    cx.findings.add(
      'Q0647',
      'the channels it reads are not those, or not in the order, that are said to be made',
      claimed,
    );
  if (keptOut.length !== shape.oc || keptIn.length !== shape.cg || kh !== shape.kh || kw !== shape.kw) {
    const [has, of] = [`[${shape.oc},${shape.kh},${shape.kw},${shape.cg}]`, `[${oc},${kh},${kw},${cg}]`];
    cx.findings.add('Q0647', `weights ${has} of ${of}: these channels are not the ones said to be removed`, claimed);
    return undefined;
  }
  const cells = kh * kw;
  const weights = new Float64Array(shape.oc * cells * shape.cg);
  let at = 0;
  for (const o of keptOut)
    for (let t = 0; t < cells; t++) for (const c of keptIn) weights[at++] = layer.weights[(o * cells + t) * cg + c];
  const scales = keptOut.map((o) => Math.fround(layer.xScale * layer.weightScales[o]));
  const multipliers = Float64Array.from(scales, (s) => (layer.y === undefined ? s : Math.fround(s / layer.y.scale)));
  return { weights, bias: derivedBias(cx, claimed, layer, moved, keptOut, inputs), multipliers, kept: keptOut };
}

/** b - zero * (all weights) + (constant * weights of a channel that is gone), where x is `moved`. */
function derivedBias(
  cx: LayerAudit,
  claimed: ClaimedStep,
  layer: ModelLayer,
  moved: number,
  keptOut: readonly number[],
  inputs: RemovedChannels | undefined,
): Float64Array | undefined {
  const { kh, kw, cg } = layer.shape;
  const cells = kh * kw * cg;
  if (layer.bias === undefined || (inputs?.otherReasons.length ?? 0) > 0) return undefined;
  const bias = layer.bias;
  return Float64Array.from(keptOut, (o) => {
    let sum = bias[o];
    for (let i = 0; i < cells; i++) {
      const w = layer.weights[o * cells + i];
      sum -= layer.xZero * w;
      if (inputs === undefined || !inputs.gone.has(i % cg)) {
        sum -= moved * w;
        continue;
      }
      const constant = inputs.gone.get(i % cg);
      if (constant !== undefined) sum += constant * w;
      else if (w !== 0)
        cx.findings.add('Q0647', `input channel ${i % cg} is "never read", but it has weights`, claimed);
    }
    return sum | 0;
  });
}

function emittedConstants(
  cx: LayerAudit,
  claimed: ClaimedStep,
  step: CStep,
  shape: WeightShape,
  wanted: Wanted | undefined,
): Emitted | undefined {
  const constant = (name: string): CConstant | undefined => {
    const pointer = step.pointers[claimed.args.findIndex((a) => a.name === name)];
    return pointer?.kind === 'constant' ? cx.constants.get(pointer.name) : undefined;
  };
  const w = constant('w');
  const form = step.params.get('kind.constants') ?? 0;
  const stored = storedConstants(form, constant('bias')?.values, constant('scale')?.values, shape.oc);
  if (w === undefined || stored === undefined) {
    cx.findings.add('Q0646', 'its weights or bias are not defined in the generated C', claimed);
    return undefined;
  }
  const weights = unpack(claimed.packing, w.values, shape);
  if (typeof weights === 'string') {
    cx.findings.add('Q0643', weights, claimed);
    return undefined;
  }
  if (weights === undefined) {
    cx.findings.leaveOpen(claimed, `the audit cannot read weights packed as ${claimed.packing}`);
    if (wanted === undefined) return undefined;
  }
  const known = weights ?? wanted?.weights ?? [];
  const isSigned = step.params.get('x_signed') === 1;
  const shift =
    claimed.packing.endsWith('_xs8') && !isSigned ? 128 : claimed.packing.endsWith('_xu8') && isSigned ? -128 : 0;
  const cells = shape.kh * shape.kw * shape.cg;
  const plain = Float64Array.from({ length: shape.oc }, (_, o) => {
    let sum = stored.bias[o];
    if (shift !== 0) for (let i = 0; i < cells; i++) sum -= shift * known[o * cells + i];
    return sum | 0;
  });
  const isFixed = roundingOf(step) !== 0;
  const [multipliers, fixed] = isFixed ? [undefined, stored.scale] : [stored.scale, undefined];
  return { shape, weights: known, packed: w.values, bias: plain, multipliers, fixed };
}

export function compare(
  { findings }: LayerAudit,
  claimed: ClaimedStep,
  what: string,
  emitted: ArrayLike<number>,
  wanted: ArrayLike<number>,
): void {
  for (let i = 0; i < wanted.length; i++)
    if (emitted[i] !== wanted[i]) {
      findings.add('Q0643', `${what} ${i} is ${emitted[i]}, the model says ${wanted[i]}`, claimed);
      return;
    }
}

/** Behind a flattened image their inputs lie in another order than in the model. */
export function compareWeights(
  cx: LayerAudit,
  claimed: ClaimedStep,
  { weights, shape }: Pick<EmittedWeights, 'weights' | 'shape'>,
  wanted: ArrayLike<number>,
): void {
  if (weights !== wanted && !isFlattened(weights, wanted, shape.oc)) compare(cx, claimed, 'weight', weights, wanted);
}

/** The layer reads int16. */
const isWide = ({ family }: CStep): boolean => family.endsWith('_q16');
/** Its results are integers of 8 or 16 bits. */
const isStored = ({ params }: CStep): boolean => [0, OUT_S16].includes(params.get('kind.out') ?? -1);

/** Window, zero points and clamps in the text of the C. */
function compareLiterals(cx: LayerAudit, claimed: ClaimedStep, step: CStep, layer: ModelLayer): void {
  const expect = (name: string, found: number | undefined, wanted: number): void => {
    if (found !== wanted)
      cx.findings.add('Q0646', `${name} is ${found ?? 'missing'} in the C, the model says ${wanted}`, claimed);
  };
  const isLater = partsOf(cx.manifest, claimed).some((s) => s.index < claimed.index);
  for (const [name, wanted] of Object.entries(layer.window ?? {})) {
    const found = step.params.get(name);
    // Above the rows of a later part there are fewer rows of padding, or none.
    const isBelow = name === 'pad_top' && isLater && found !== undefined && found < wanted;
    if (!isBelow) expect(name, found, wanted);
  }
  // int16 has no zero point, and its kernels read 0 outside of the image.
  if (isWide(step)) expect('the zero point of x', 0, layer.xZero);
  else expect('x_pad', step.data.get('x_pad'), layer.xZero + movedX(step, layer));
  if (layer.y === undefined || !isStored(step)) return;
  const moved = movedBy(step.params.get('kind.y_signed'), layer.y.least);
  expect('y_zero', step.data.get('e.y_zero'), layer.y.zero + moved);
  if (step.params.get('kind.no_zero') === 1) expect('y_zero that is left out', 0, layer.y.zero + moved);
  expect('y_min', step.data.get('e.y_min'), layer.y.low + moved);
  expect('y_max', step.data.get('e.y_max'), layer.y.high + moved);
}

function auditBounds(
  cx: LayerAudit,
  claimed: ClaimedStep,
  step: CStep,
  emitted: Emitted,
  certificate: ClaimedLayer,
): void {
  const { findings } = cx;
  const bytes = step.params.get('x_signed') === 1 ? [-128, 127] : [0, 255];
  const element = isWide(step) ? [-32768, 32767] : bytes;
  const pad = step.data.get('x_pad') ?? 0;
  const [low, high] = certificate.x;
  if (certificate.x.length !== 2 || low > pad || high < pad || low < element[0] || high > element[1]) {
    findings.add(
      'Q0644',
      `activations ${certificate.x.join('..')} leave out the padding, or exceed their type`,
      claimed,
    );
    return;
  }
  const bounds = boundsOf(emitted.shape, emitted.weights, emitted.bias, certificate.x);
  same(cx, claimed, 'acc_low', certificate.accLow, bounds.low);
  same(cx, claimed, 'acc_high', certificate.accHigh, bounds.high);
  if (bounds.partialLow < -(2 ** 31) || bounds.partialHigh >= 2 ** 31)
    findings.add('Q0644', `a sum can reach ${bounds.partialLow}..${bounds.partialHigh}, beyond int32`, claimed);
  const round = roundingBy(emitted, step);
  if (round !== undefined && isStored(step)) {
    const ends = (acc: Float64Array) => acc.map(round);
    same(cx, claimed, 'y_low', certificate.yLow, ends(bounds.low));
    same(cx, claimed, 'y_high', certificate.yHigh, ends(bounds.high));
  }
  auditProofs(cx, claimed, step, emitted, bounds, Math.max(high, pad));
}

/** Multiplier and shift of each channel make of every accumulator that can occur what the model's own rule makes of it. */
function auditFixedPoint(
  cx: LayerAudit,
  claimed: ClaimedStep,
  step: CStep,
  emitted: Emitted,
  layer: ModelLayer,
  kept: readonly number[],
): void {
  const found = roundingBy(emitted, step);
  const certificate = certificateOf(cx.manifest, claimed);
  if (found === undefined || certificate === undefined || layer.y === undefined) return;
  const bounds = boundsOf(emitted.shape, emitted.weights, emitted.bias, certificate.x);
  const of = (name: string) => step.data.get(`e.${name}`) ?? 0;
  const y = { scale: layer.y.scale, zero: of('y_zero'), low: of('y_min'), high: of('y_max') };
  for (const [o, channel] of kept.entries()) {
    const real = (layer.xScale * layer.weightScales[channel]) / layer.y.scale;
    const own = quantizedMultiplier(real);
    const [multiplier, shift] = [emitted.fixed?.[2 * o], emitted.fixed?.[2 * o + 1]];
    const isOwn = layer.arithmetic === 'tflite' && roundingOf(step) === 1;
    if (isOwn && own[0] === multiplier && own[1] === shift) continue;
    const wanted = modelRounding(layer, channel, y);
    const rule = (acc: number) => found(acc, o);
    const at = difference(wanted, rule, bounds.low[o], bounds.high[o], real, y.zero);
    if (at === undefined) continue;
    cx.findings.add(
      'Q0643',
      `multiplier and shift of channel ${o} make ${rule(at)} of ${at}, the model says ${wanted(at)}`,
      claimed,
    );
    return;
  }
}

/** Accumulator and channel -> stored value, by the constants in the C; undefined where there are none. */
function roundingBy({ multipliers, fixed }: Emitted, step: CStep): ((acc: number, o: number) => number) | undefined {
  const of = (name: string) => step.data.get(`e.${name}`) ?? 0;
  const to = [of('y_zero'), of('y_min'), of('y_max')] as const;
  if (multipliers !== undefined) return (acc, o) => requantized(acc, multipliers[o], ...to);
  if (fixed === undefined) return undefined;
  const roundings = roundingOf(step) === 1 ? 2 : 1;
  return (acc, o) => clamped(fixedPoint(acc, fixed[2 * o], fixed[2 * o + 1], roundings), ...to);
}

/** 0: float; 1: fixed point, rounded twice; 2: fixed point, rounded once. */
function roundingOf(step: CStep): number {
  return step.params.get('kind.rounding') ?? 0;
}

export function same(
  cx: LayerAudit,
  claimed: ClaimedStep,
  what: string,
  found: PerChannel | undefined,
  wanted: Float64Array,
) {
  const at = (o: number) => (typeof found === 'number' ? found : found?.[o]);
  const length = typeof found === 'number' ? wanted.length : (found?.length ?? 0);
  const wrong = wanted.findIndex((value, o) => at(o) !== value);
  if (wrong >= 0)
    cx.findings.add(
      'Q0644',
      `${what} of channel ${wrong} is certified as ${at(wrong)}, it is ${wanted[wrong]}`,
      claimed,
    );
  else if (length !== wanted.length)
    cx.findings.add('Q0644', `${what} is certified for ${length} channels, there are ${wanted.length}`, claimed);
}

/** The claims under which the kernel was chosen, on the numbers that are there. */
function auditProofs(
  cx: LayerAudit,
  claimed: ClaimedStep,
  step: CStep,
  emitted: Emitted,
  bounds: Bounds,
  xMax: number,
): void {
  const product = emitted.multipliers === undefined ? 0 : largestProduct(bounds, emitted.multipliers);
  const isProved = product < 2147483392;
  if (step.params.get('kind.proved') === 1 && !isProved)
    cx.findings.add('Q0644', `|acc * m| may reach ${Math.ceil(product)}: it is rounded without a clamp`, claimed);
  const evidence = new Map([
    ['ACCUMULATOR_FITS_S32', `every partial sum lies in ${bounds.partialLow}..${bounds.partialHigh}`],
    ['REQUANTIZATION', `largest |acc * m| is ${Math.ceil(product)}${isProved ? '' : ': clamped in float first'}`],
  ]);
  for (const proof of cx.manifest.proofs.filter((p) => p.step === claimed.index)) {
    const wanted = roundingOf(step) !== 0 && proof.claim === 'REQUANTIZATION' ? undefined : evidence.get(proof.claim);
    const isTrue = wanted === undefined ? holdsOf(proof.claim, emitted, step, xMax) : wanted === proof.evidence;
    const isIdle = proof.claim === 'REQUANTIZATION' && step.params.get('kind.out') === OUT_S32;
    if (!isTrue && !isIdle)
      cx.findings.add(
        'Q0644',
        `"${proof.claim}: ${proof.evidence}" does not hold${wanted ? `: ${wanted}` : ''}`,
        claimed,
      );
  }
}
