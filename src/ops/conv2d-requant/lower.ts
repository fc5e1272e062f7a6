import type { AnyNode, Node } from '../../ir/graph.js';
import {
  byteSize,
  elementRange,
  f32Data,
  numberData,
  type QuantType,
  sameShape,
  type Tensor,
  type TensorType,
} from '../../ir/type.js';
import { activationShift, biasForPacking, type Packing, packedBytes, parsePacking } from '../../program/packing.js';
import type { ChannelBounds, Kernel, Params, View } from '../../program/program.js';
import { zeroPointAt } from '../../quant/affine.js';
import { foldedRequantizer, roundings } from '../../quant/rounding.js';
import { cheapest, proved, provedKernels, type Request, refuted, type Verdict, verdict } from '../../target/choose.js';
import { linearProofs, residualFormOf } from '../add-fixed/linear.js';
import { f32, flag, type LowerContext, type Lowering, reads, scratches, stepFor, writes } from '../lowering.js';
import { windowParams } from '../window.js';
import { type AccumulatorBounds, accumulatorBounds, largestProduct, largestSum } from './bounds.js';
import { channelConstants, leavesOutZero } from './constants.js';
import { explainQuads, leastOfQuads, pairSums, proveSteps, quadsOver } from './pairs.js';
import type { RunTimeConstants } from './run-time.js';
import { fixedPointProof, shortEpilogue } from './ties.js';
import { weightsFit } from './weights.js';
import { byRows, columnsOutside, flipping, gathering, groupsOf, meanwhile, tilePadding } from './work.js';

const OUT_Q8 = 0;
const OUT_S32 = 1;
const OUT_F32 = 2;
const OUT_S16 = 3;
/** QCC_ROUND_AFFINE of the contract; no rounding of the op. */
const ROUND_AFFINE = 3;

/** A folded convolution -> conv2d_q8 (conv2d_q16 of s16), or dwconv2d_q8 (_q16) when every group has one input channel. */
export const lower: Lowering<'conv2d-requant'> = (node, cx) => lowerConvolution(node, cx);

/** The kernel for the weights of a folded convolution. @param stated what the steps are of; @param only its family, if given. */
export function chosenConvolution(node: Node<'conv2d-requant'>, cx: LowerContext, stated: AnyNode, only?: string) {
  const asked = requestOf(node, [cx.view(node.operands[0])], only);
  const choice = cx.choose(asked.request, stated);
  const { facts, depthwise, x, w, bias, multipliers } = asked;
  return { choice, packing: packingOf(choice.kernel, node.attrs.groups), facts, depthwise, x, w, bias, multipliers };
}

/** Cycles of the cheapest kernel, by the shipped rates; undefined where none can run it. */
export function convolutionCost(node: Node<'conv2d-requant'>, kernels: readonly Kernel[]): number | undefined {
  const choice = cheapest(provedKernels(kernels, requestOf(node, []).request).candidates, []);
  return choice.kernel === undefined ? undefined : choice.rivals.find((r) => r.kernel === choice.kernel)?.cost;
}

function requestOf(node: Node<'conv2d-requant'>, views: readonly View[], only?: string) {
  const [x, wValue, biasValue, multValue] = node.operands;
  if (wValue.kind !== 'const' || biasValue.kind !== 'const' || multValue.kind !== 'const' || x.type.kind !== 'quant')
    throw new TypeError('folded convolutions have constant weights');
  const w = wValue.tensor;
  const depthwise = w.type.shape[3] === 1 && node.attrs.groups === x.type.shape[3] && node.attrs.groups > 1;
  const facts = factsOf(node, x.type, w, biasValue.tensor, multValue.tensor, depthwise);
  const bits = x.type.element === 's16' ? 'q16' : 'q8';
  const family = only ?? (depthwise ? `dwconv2d_${bits}` : `conv2d_${bits}`);
  const stored = (kernel: Kernel) => packedBytes(w, packingOf(kernel, node.attrs.groups));
  const padded = (kernel: Kernel) =>
    facts.macs * tilePadding(kernel, x.type.shape, node.results[0].type.shape, node.attrs.groups);
  const request: Request = {
    family,
    prove: facts.prove,
    accepts: (kernel) => facts.accepts(kernel),
    work: (kernel) =>
      (byRows(kernel, node.results[0].type.shape, stored(kernel)) ??
        padded(kernel) * quadsOver(kernel, w, node.attrs.groups, x.type.element)) +
      meanwhile(kernel, stored(kernel)) +
      flipping(kernel, node, depthwise) +
      gathering(kernel, node),
    atLeast: (kernel) => leastOfQuads(kernel, padded(kernel), w),
    explain: (kernel) => explainQuads(kernel, w, node.attrs.groups),
    reads: views,
    weights: { live: byteSize(w.type), stored },
  };
  return { request, facts, depthwise, x: x.type, w, bias: biasValue.tensor, multipliers: multValue.tensor };
}

/** @param runTime what stands in for the constants of `node`, whose bias is zero then. */
export function lowerConvolution(node: Node<'conv2d-requant'>, cx: LowerContext, runTime?: RunTimeConstants): void {
  const [x] = node.operands;
  const chosen = chosenConvolution(node, cx, runTime?.node ?? node);
  const { choice, packing, facts, w } = chosen;
  const bias = biasForPacking(w, chosen.bias, packing, x.type.element);
  const shiftsRight = facts.out === OUT_Q8 && node.attrs.rounding !== 'onnx' && facts.provedAs > 0;
  const constants = channelConstants(choice.kernel, bias, chosen.multipliers, shiftsRight);
  const rounding = runTime?.isAffine ? ROUND_AFFINE : roundings.indexOf(node.attrs.rounding);
  const sum = residualFormOf(node);
  const params = paramsOf(node, chosen, rounding, constants.form, sum?.shift ?? 0);
  const [residual, table] = epilogueOperands(node);
  const name = node.origin.names[0] ?? 'conv';
  const prepared = runTime?.prepare(choice.kernel, activationShift(packing, x.type.element));
  const weights = cx.constant(`${name} weights`, w, packing);
  const ofChannels = prepared ?? {
    bias: constants.bias && cx.constant(`${name} bias`, constants.bias),
    scale: facts.out === OUT_S32 ? undefined : cx.constant(`${name} multiplier`, constants.scale),
  };
  cx.emit(
    stepFor(runTime?.node ?? node, {
      choice,
      params,
      data: {
        ...(x.type.element === 's16' ? {} : { x_pad: facts.xZero }),
        e: {
          y_zero: node.attrs.mid_zero,
          y_min: node.attrs.mid_min,
          y_max: node.attrs.mid_max,
          add_a: f32(sum === undefined ? node.attrs.add_a : 0),
          add_b: f32(node.attrs.add_b),
          add_fixed: f32(node.attrs.add_fixed),
          z_min: node.attrs.sum_min,
          z_max: node.attrs.sum_max,
          ...(sum === undefined ? {} : { v_factor: sum.a, r_factor: sum.b, add_constant: sum.constant }),
        },
      },
      args: [
        reads('x', cx.view(x)),
        reads('w', weights),
        reads('bias', ofChannels.bias),
        reads('scale', ofChannels.scale),
        reads('residual', residual === undefined ? undefined : cx.view(residual)),
        reads('table', table === undefined ? undefined : cx.view(table)),
        writes('y', cx.output((runTime?.node ?? node).results[0])),
        scratches('scratch', cx.scratch(cx.scratchBytes(choice.kernel, params))),
      ],
      macs: facts.macs,
      proofs: [...(runTime?.proofs ?? facts.proofs), ...linearProofs(sum)],
      ...(runTime === undefined ? { channels: facts.channels } : {}),
      ...inPlaceOf(choice.kernel, residual !== undefined),
    }),
  );
}

/** What the result may lie over. A residual is read where the result goes; kernels of these words read ahead of writing. */
function inPlaceOf(kernel: Kernel, hasResidual: boolean): { readonly inPlace?: string } {
  if (hasResidual) return { inPlace: 'residual' };
  return kernel.needs.some((word) => word === 'SAME_SHAPE' || word === 'ONE_COLUMN') ? { inPlace: 'x' } : {};
}

function epilogueOperands(node: Node<'conv2d-requant'>) {
  const rest = node.operands.slice(4);
  const residual = node.attrs.add === 'none' ? undefined : rest.shift();
  return [residual, node.attrs.lookup ? rest.shift() : undefined] as const;
}

interface Facts {
  readonly macs: number;
  readonly xZero: number;
  readonly out: number;
  /** The contract's `proved`. */
  readonly provedAs: number;
  readonly proofs: readonly { claim: string; evidence: string }[];
  readonly channels: ChannelBounds;
  readonly prove: (word: string) => Verdict | undefined;
  readonly accepts: (kernel: Kernel) => Verdict;
}

/** Kernels double accumulators before a high multiplication. */
function fitsDoubled({ low, high }: AccumulatorBounds): boolean {
  return low.every((acc) => acc > -(2 ** 30)) && high.every((acc) => acc < 2 ** 30);
}

function outKind(y: TensorType): number {
  if (y.kind === 'float') return OUT_F32;
  if (y.kind === 'index' || y.element === 's32') return OUT_S32;
  return y.element === 's16' ? OUT_S16 : OUT_Q8;
}

function factsOf(
  node: Node<'conv2d-requant'>,
  x: QuantType,
  w: Tensor,
  bias: Tensor,
  mult: Tensor,
  depthwise: boolean,
): Facts {
  const { attrs } = node;
  const [oc, kh, kw, cg] = w.type.shape;
  const y = node.results[0].type;
  const [n, oh, ow] = y.shape;
  const xZero = zeroPointAt(x.affine, 0);
  const xRange = [Math.min(x.range[0], xZero), Math.max(x.range[1], xZero)] as const;
  const bounds = accumulatorBounds(w, numberData(bias), ...xRange);
  const out = outKind(y);
  const isStored = out === OUT_Q8 || out === OUT_S16;
  const product = attrs.rounding === 'onnx' ? largestProduct(bounds, f32Data(mult)) : 0;
  const isProved = product < 2147483392;
  const provedAs =
    attrs.rounding === 'onnx'
      ? flag(isProved)
      : !fitsDoubled(bounds)
        ? 0
        : fixedPointProof(attrs.rounding, numberData(mult), bounds.low, attrs.mid_min >= attrs.mid_zero);
  const low = bounds.partialLow.reduce((a, b) => Math.min(a, b), 0);
  const high = bounds.partialHigh.reduce((a, b) => Math.max(a, b), 0);
  const ws = numberData(w);
  let wMin = 0;
  let wMax = 0;
  for (const v of ws) {
    if (v < wMin) wMin = v;
    if (v > wMax) wMax = v;
  }
  const cells = kh * kw * cg;
  const pointwise = kh === 1 && kw === 1 && attrs.strides.every((s) => s === 1) && attrs.pads.every((p) => p === 0);
  const onePixel = n * x.shape[1] * x.shape[2] === kh * kw && n * oh * ow === 1 && attrs.pads.every((pad) => pad === 0);
  const multiple = (value: number, what: string, of: number) =>
    verdict(value % of === 0, `${value} ${what}`, `${value} ${what} are no multiple of ${of}`);
  const prove = (word: string): Verdict | undefined => {
    const [, axis, factor] = /^(OC|C)_MULTIPLE_OF_(\d+)$/.exec(word) ?? [];
    if (axis === 'C') return multiple(x.shape[3], 'input channels', Number(factor));
    if (axis === 'OC') return multiple(oc, 'output channels', Number(factor));
    const [, most] = /^AT_MOST_(\d+)_CELLS$/.exec(word) ?? [];
    if (most !== undefined) return verdict(cells <= Number(most), `${cells} values`, `${cells} values in a window`);
    switch (word) {
      case 'GROUPS_ONE':
        return verdict(attrs.groups === 1, 'groups = 1', `groups = ${attrs.groups}`);
      case 'GROUPS_OF_4_OR_8':
        return groupsOf([4, 8], cg, oc / attrs.groups);
      case 'ONE_CHANNEL':
        return verdict(x.shape[3] === 1, 'one input channel', `${x.shape[3]} input channels`);
      case 'OUT_Q8':
        return verdict(out === OUT_Q8, '8-bit result', `the result is ${y.element}`);
      case 'UNIT_DILATION': {
        const isUnit = attrs.dilations.every((d) => d === 1);
        return verdict(isUnit, 'dilation 1', `dilation ${attrs.dilations}`);
      }
      case 'ROWS_FIT_16_BITS':
        return verdict(4 * ow * oc < 65536, `rows of ${ow * oc} bytes`, `rows of ${ow * oc} bytes`);
      case 'BORDER_OF_ONE':
        return columnsOutside(attrs, kw, x.shape[2], ow);
      case 'POINTWISE':
        return verdict(
          pointwise,
          '1x1, stride 1, no padding',
          `${kh}x${kw}, stride ${attrs.strides}, pads ${attrs.pads}`,
        );
      case 'ONE_PIXEL':
        return verdict(onePixel, 'one pixel that sees the whole input', `${n * oh * ow} pixels of ${kh}x${kw} taps`);
      case 'NOT_ONE_PIXEL':
        return verdict(!onePixel, `${n * oh * ow} pixels of ${kh}x${kw} taps`, 'one pixel that sees the whole input');
      case 'MORE_THAN_64_CELLS':
        return verdict(cells > 64, `${cells} values in a window`, `${cells} values`);
      case 'MULTIPLIER_ONE':
        return verdict(oc === attrs.groups, 'multiplier 1', `multiplier ${oc / attrs.groups}`);
      case 'NO_RESIDUAL':
        return verdict(attrs.add === 'none', 'no residual', 'a residual is added in the epilogue');
      case 'SAME_SHAPE':
        return verdict(sameShape(x.shape, y.shape), `${x.shape} as x`, `the result is ${y.shape}, x ${x.shape}`);
      case 'ONE_COLUMN':
        return verdict(n * x.shape[2] * kw * ow === 1, 'one image, one column', `${x.shape} -> ${y.shape}`);
      case 'KERNEL_3X3':
        return verdict(kh === 3 && kw === 3, '3x3', `${kh}x${kw}`);
      case 'STRIDE_1':
      case 'STRIDE_2': {
        const stride = word === 'STRIDE_1' ? 1 : 2;
        const is = attrs.strides.every((s) => s === stride);
        return verdict(is, `stride ${stride}`, `stride ${attrs.strides}`);
      }
      case 'X_UNSIGNED':
        return verdict(x.element === 'u8', 'u8 activations', `${x.element} activations`);
      case 'X_SIGNED':
        return verdict(x.element === 's8', 's8 activations', `${x.element} activations`);
      case 'WEIGHTS_NOT_MIN':
        return verdict(wMin > -128, `smallest weight ${wMin}`, 'a weight is -128');
      case 'WEIGHTS_BEYOND_S8':
        return verdict(wMin < -128 || wMax > 127, `weights ${wMin}..${wMax}`, 'all weights fit s8');
      case 'TWO_S8':
        return verdict(wMin >= -256 && wMax <= 254, `weights ${wMin}..${wMax}`, `weights ${wMin}..${wMax}`);
      case 'ANY_CONSTANTS':
        return proved('apart, joined or shared');
      case 'AT_MOST_64_TAPS':
        return verdict(kh * kw <= 64, `${kh * kw} taps`, `${kh * kw} taps`);
      case 'NO_TIES':
        return verdict(
          attrs.rounding === 'onnx' || provedAs === 2,
          attrs.rounding === 'onnx' ? 'the rounding is onnx' : 'no negative tie changes what is stored',
          'a negative tie may show, or a shift is not negative',
        );
      case 'SHORT_EPILOGUE':
        return shortEpilogue(attrs, out === OUT_Q8 ? provedAs : 0, numberData(bias), numberData(mult));
      case 'WINOGRAD_F4': {
        const largest = largestSum(bounds, numberData(bias));
        return verdict(largest < 2 ** 25, `|sum| <= ${largest}`, `a sum can reach ${largest}, beyond 2^25`);
      }
      case 'PAIR_SUM_FITS_S16':
        return pairSums(ws, oc, kh * kw * cg, Math.max(x.range[1], xZero));
      default:
        return proveSteps(word, w, attrs, [wMin, wMax]);
    }
  };
  const accepts = (kernel: Kernel): Verdict => {
    const packing = packingOf(kernel, attrs.groups);
    if (!('element' in packing)) return refuted(`packing ${kernel.packing} holds no weights`);
    if (packing.kind !== 'ohwi' && depthwise !== (packing.kind === 'hwc'))
      return refuted(`packing ${kernel.packing} is not for this family`);
    return weightsFit(packing, w, wMin, wMax);
  };
  return {
    macs: n * oh * ow * oc * kh * kw * cg,
    xZero,
    out,
    provedAs,
    proofs: [
      { claim: 'ACCUMULATOR_FITS_S32', evidence: `every partial sum lies in ${low}..${high}` },
      ...(isStored
        ? [
            {
              claim: 'REQUANTIZATION',
              evidence:
                attrs.rounding === 'onnx'
                  ? `largest |acc * m| is ${Math.ceil(product)}${isProved ? '' : ': clamped in float first'}`
                  : `${attrs.rounding}: no shift or product of a reachable sum overflows`,
            },
          ]
        : []),
    ],
    channels: channelBounds(node, xRange, bounds, isStored ? numberData(mult) : undefined),
    prove,
    accepts,
  };
}

/** Requantization keeps order: the ends of the accumulator's interval give the ends of the result's. */
function channelBounds(
  node: Node<'conv2d-requant'>,
  x: readonly [number, number],
  accumulator: { readonly low: Float64Array; readonly high: Float64Array },
  multipliers: ArrayLike<number> | undefined,
): ChannelBounds {
  const { rounding, mid_zero, mid_min, mid_max } = node.attrs;
  const to = { zero: mid_zero, low: mid_min, high: mid_max };
  const ends = (m: ArrayLike<number>, acc: Float64Array) =>
    acc.map((value, o) => foldedRequantizer(rounding, m, o, to)(value));
  const { low, high } = accumulator;
  const result = multipliers && { low: ends(multipliers, low), high: ends(multipliers, high) };
  return { x, accumulator: { low, high }, result };
}

function packingOf(kernel: Kernel, groups: number): Packing {
  const packing = parsePacking(kernel.packing, groups);
  if (packing === undefined) throw new Error(`${kernel.symbol}: unknown packing ${kernel.packing}`);
  return packing;
}

function isFull(element: 's8' | 'u8' | 's16', low: number, high: number): boolean {
  const [lo, hi] = elementRange[element];
  return low === lo && high === hi;
}

/** Of a float sum of stored values: what the contract's z_full_range asks beside the range. */
function isBounded({ add_a, add_b, add_fixed }: Node<'conv2d-requant'>['attrs']): boolean {
  return 256 * (Math.abs(add_a) + Math.abs(add_b)) + Math.abs(add_fixed) < 2 ** 30;
}

function paramsOf(
  node: Node<'conv2d-requant'>,
  { choice, facts, depthwise, x }: ReturnType<typeof chosenConvolution>,
  rounding: number,
  constants: number | undefined,
  addLinear: number,
): Params {
  const { attrs } = node;
  const y = node.results[0].type.shape;
  const [, kh, kw] = node.operands[1].type.shape;
  const channels = depthwise ? { multiplier: y[3] / x.shape[3] } : { oc: y[3] };
  const residual = attrs.add === 'none' ? undefined : node.operands[4].type;
  return {
    ...windowParams({ ...attrs, kernel: [kh, kw] }, x.shape, y, channels),
    ...(depthwise ? {} : { groups: attrs.groups }),
    ...(x.element === 's16' ? {} : { x_signed: flag(x.element === 's8') }),
    kind: {
      out: facts.out,
      rounding,
      proved: facts.provedAs,
      y_signed: flag(attrs.mid_element === 's8'),
      full_range: flag(isFull(attrs.mid_element, attrs.mid_min, attrs.mid_max)),
      has_add: flag(attrs.add !== 'none'),
      add_first: flag(attrs.add === 'first'),
      ...(addLinear === 0 ? {} : { add_linear: addLinear }),
      r_signed: flag(residual?.element === 's8'),
      z_signed: flag(attrs.sum_element === 's8'),
      z_full_range: flag(
        isFull(attrs.sum_element, attrs.sum_min, attrs.sum_max) && (addLinear !== 0 || isBounded(attrs)),
      ),
      has_lookup: flag(attrs.lookup),
      ...(constants === undefined ? {} : { constants }),
      ...(leavesOutZero(choice.kernel, attrs) ? { no_zero: 1 } : {}),
    },
  };
}
