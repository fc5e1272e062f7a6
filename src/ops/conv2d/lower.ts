import { InternalError } from '../../ir/build.js';
import type { Node, Value } from '../../ir/graph.js';
import { byteSize, type TensorType } from '../../ir/type.js';
import { bytesOfShape, type Packing, parsePacking } from '../../program/packing.js';
import type { Kernel } from '../../program/program.js';
import { proved, type Request, refuted, type Verdict } from '../../target/choose.js';
import { meanwhile } from '../conv2d-requant/work.js';
import { flag, type LowerContext, type Lowering, reads, stepFor, writes } from '../lowering.js';
import { lowerWide } from '../wide-convolution-lower.js';
import { windowParams } from '../window.js';

/** The contract's interleaved sums: kernels that hold them in a register are idle where a tap has fewer channels. */
const LANES = 8;

/** A convolution of floats or s16; those of 8 bits have become conv2d-requant. */
export const lower: Lowering<'conv2d'> = (node, cx) => {
  const [x, w, bias] = node.operands;
  const y = node.results[0].type;
  if (x.type.kind === 'quant' && x.type.element === 's16') return lowerWide(node, x.type, cx);
  if (x.type.kind !== 'float') throw new InternalError('a quantized conv2d reaches lowering');
  const [n] = x.type.shape;
  const [oc, kh, kw, cg] = w.type.shape;
  const [, oh, ow] = y.shape;
  const { attrs } = node;
  const macs = n * oh * ow * oc * kh * kw * cg;
  const choice = cx.choose(requestOf(node, w, macs, cx), node);
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
      },
      args: [
        reads('x', cx.view(x)),
        reads('w', weights),
        reads('bias', bias === undefined ? undefined : cx.view(bias)),
        writes('y', cx.output(node.results[0])),
      ],
      macs,
    }),
  );
};

function requestOf(node: Node<'conv2d'>, w: Value, macs: number, cx: LowerContext): Request {
  const { groups } = node.attrs;
  const stored = (kernel: Kernel) => storedBytes(w.type, packingOf(kernel, groups));
  return {
    family: 'conv2d_f32',
    prove: () => undefined,
    accepts: (kernel) => packs(kernel, w, groups),
    work: (kernel) => macs * idle(kernel, w.type.shape, groups) + meanwhile(kernel, stored(kernel)),
    reads: [cx.view(node.operands[0])],
    weights: { live: byteSize(w.type), stored },
  };
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
