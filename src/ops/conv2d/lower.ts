import { InternalError } from '../../ir/build.js';
import type { Node, Value } from '../../ir/graph.js';
import { byteSize, type TensorType } from '../../ir/type.js';
import { bytesOfShape, type Packing, parsePacking } from '../../program/packing.js';
import type { Kernel, Params } from '../../program/program.js';
import { proved, type Request, refuted, type Verdict, verdict } from '../../target/choose.js';
import { meanwhile } from '../conv2d-requant/work.js';
import { f32, flag, type LowerContext, type Lowering, reads, stepFor, writes } from '../lowering.js';
import { lowerWide } from '../wide-convolution-lower.js';
import { windowParams } from '../window.js';

/** The contract's interleaved sums: kernels that hold them in a register are idle where a tap has fewer channels. */
const LANES = 8;

/** A convolution of floats or s16; those of 8 bits have become conv2d-requant. */
export const lower: Lowering<'conv2d'> = (node, cx) => {
  const [x, , bias] = node.operands;
  if (x.type.kind === 'quant' && x.type.element === 's16') return lowerWide(node, x.type, cx);
  if (x.type.kind !== 'float') throw new InternalError('a quantized conv2d reaches lowering');
  const none = { before_a: f32(0), before_b: f32(0), after_a: f32(0), after_b: f32(0) };
  lowerFloat(node, cx, { bias, residual: undefined, before: 0, after: 0, data: none });
};

/** What a float convolution adds to its sums and does with them; functions by their numbers in the contract. */
interface Epilogue {
  readonly bias: Value | undefined;
  readonly residual: Value | undefined;
  readonly before: number;
  readonly after: number;
  readonly data: Params;
}

export function lowerFloat(
  node: Node<'conv2d'> | Node<'conv2d-fused'>,
  cx: LowerContext,
  { bias, residual, before, after, data }: Epilogue,
): void {
  const [x, w] = node.operands;
  const y = node.results[0].type;
  const [n] = x.type.shape;
  const [oc, kh, kw, cg] = w.type.shape;
  const [, oh, ow] = y.shape;
  const { attrs } = node;
  const macs = n * oh * ow * oc * kh * kw * cg;
  const [, h, width] = x.type.shape;
  const isOnePixel = n * oh * ow === 1 && n * h * width === kh * kw && attrs.pads.every((pad) => pad === 0);
  const choice = cx.choose(requestOf(x, w, attrs.groups, { macs, isOnePixel }, cx), node);
  const packing = packingOf(choice.kernel, attrs.groups);
  const weights =
    packing === undefined || w.kind !== 'const'
      ? cx.view(w)
      : cx.constant(`${node.origin.names[0] ?? 'conv'} weights`, w.tensor, packing);
  cx.emit(
    stepFor(node, {
      choice,
      params: {
        ...windowParams({ ...attrs, kernel: [kh, kw] }, x.type.shape, y.shape, { oc }),
        groups: attrs.groups,
        has_bias: flag(bias !== undefined),
        before,
        has_add: flag(residual !== undefined),
        after,
      },
      data,
      args: [
        reads('x', cx.view(x)),
        reads('w', weights),
        reads('bias', bias === undefined ? undefined : cx.view(bias)),
        reads('residual', residual === undefined ? undefined : cx.view(residual)),
        writes('y', cx.output(node.results[0])),
      ],
      macs,
      ...(residual === undefined ? {} : { inPlace: 'residual' }),
    }),
  );
}

function requestOf(
  x: Value,
  w: Value,
  groups: number,
  { macs, isOnePixel }: { readonly macs: number; readonly isOnePixel: boolean },
  cx: LowerContext,
): Request {
  const stored = (kernel: Kernel) => storedBytes(w.type, packingOf(kernel, groups));
  return {
    family: 'conv2d_f32',
    prove(word) {
      if (word === 'NOT_ONE_PIXEL') return severalPixels(isOnePixel);
      return word === 'MULTIPLIER_ONE' ? isDepthwise(w.type.shape, groups) : undefined;
    },
    accepts: (kernel) => packs(kernel, w, groups),
    work: (kernel) => macs * idle(kernel, w.type.shape, groups) + meanwhile(kernel, stored(kernel)),
    reads: [cx.view(x)],
    weights: { live: byteSize(w.type), stored },
  };
}

/** Panels are swept several times: weights that one pixel is all there is for come from memory, fastest in its order. */
function severalPixels(isOnePixel: boolean): Verdict {
  return isOnePixel ? refuted('one pixel that sees the whole input') : proved('several pixels');
}

function isDepthwise([oc, , , cg]: readonly number[], groups: number): Verdict {
  const fits = cg === 1 && oc === groups && groups > 1;
  return verdict(fits, 'each channel is a group', `${oc} output channels of ${cg * groups} in ${groups} groups`);
}

function packs(kernel: Kernel, w: Value, groups: number): Verdict {
  if (packingOf(kernel, groups) === undefined) return proved('weights as they are');
  return w.kind === 'const'
    ? proved('constant weights')
    : refuted('the weights are computed, and it wants them packed');
}

/** Undefined where a kernel takes weights as they are. */
function packingOf(kernel: Kernel, groups: number): Extract<Packing, { kind: 'panels' }> | undefined {
  if (kernel.packing === 'none') return undefined;
  const packing = parsePacking(kernel.packing, groups);
  if (packing?.kind !== 'panels' || packing.element !== 'f32')
    throw new Error(`${kernel.symbol}: packing ${kernel.packing} is not of float panels`);
  return packing;
}

function storedBytes(type: TensorType, packing: Extract<Packing, { kind: 'panels' }> | undefined): number {
  return packing === undefined ? byteSize(type) : bytesOfShape(type, packing);
}

/**
 * What a kernel multiplies over what it is asked to: panels have so many output channels of a group; other kernels but plain
 * C hold the contract's lanes in a register, for several output channels, unless each channel is a group of its own.
 */
function idle(kernel: Kernel, [oc, , , cg]: readonly number[], groups: number): number {
  const rounded = (value: number, to: number) => (Math.ceil(value / to) * to) / value;
  const packing = packingOf(kernel, groups);
  const each = oc / groups;
  if (packing !== undefined) return rounded(each, packing.nr);
  const columns = /^\d+x(\d+)$/.exec(kernel.tile)?.[1];
  return columns === undefined || (cg === 1 && each === 1 && groups > 1)
    ? 1
    : rounded(cg, LANES) * rounded(each, Number(columns));
}
