/**
 * How a layer's per-channel constants lie in memory (`constants` of the contract's `struct qcc_epilogue_kind`). Invariant:
 * a form is chosen only where it says exactly what biases, multipliers and shifts apart would say.
 */
import type { Node } from '../../ir/graph.js';
import { elements, numberData, type Tensor } from '../../ir/type.js';
import { parsePacking } from '../../program/packing.js';
import type { Kernel } from '../../program/program.js';

const APART = 0;
const JOINED = 1;
const SHARED = 2;

/** What a joined word leaves a bias: 8 of its bits hold the shift. */
const JOINED_BIAS = 2 ** 23;
/** Half a step and the zero point, shifted left by it, leave a kernel room for the product. */
const JOINED_RIGHT = 20;

export interface ChannelConstants {
  /** The contract's `constants`; undefined for kernels that know one form only. */
  readonly form: number | undefined;
  /** s32[oc]; undefined where joined with the scales. */
  readonly bias: Tensor | undefined;
  readonly scale: Tensor;
}

/** Whether a kernel does not add a zero point that is 0 (`no_zero`): one of about ten instructions of its epilogue. */
export function leavesOutZero(kernel: Kernel, { add, mid_zero }: Node<'conv2d-requant'>['attrs']): boolean {
  return kernel.isa === 'x86-avx2' && add === 'none' && mid_zero === 0;
}

/**
 * @param bias s32[oc]; @param scale f32[oc] multipliers or s32[oc,2] fixed-point pairs;
 * @param shiftsRight the rule is a fixed-point one and every shift is negative: `proved` is not 0.
 */
export function channelConstants(kernel: Kernel, bias: Tensor, scale: Tensor, shiftsRight: boolean): ChannelConstants {
  const apart = { bias: padded(bias, kernel), scale: padded(scale, kernel) };
  if (!kernel.needs.includes('ANY_CONSTANTS')) return { form: undefined, ...apart };
  if (!shiftsRight) return { form: APART, ...apart };
  const biases = numberData(bias);
  const pairs = numberData(scale);
  const isShared = biases.every((_, o) => pairs[2 * o] === pairs[0] && pairs[2 * o + 1] === pairs[1]);
  // Layers of one pixel have a word per channel to gain; elsewhere two forms in one shared instance would cost more.
  if (isShared && kernel.needs.includes('ONE_PIXEL')) {
    const shared = { type: { ...scale.type, shape: [1, 2] }, data: Int32Array.of(pairs[0], pairs[1]) };
    return { form: SHARED, bias: apart.bias, scale: shared };
  }
  if (!biases.every((b, o) => Math.abs(b) < JOINED_BIAS && pairs[2 * o + 1] >= -JOINED_RIGHT))
    return { form: APART, ...apart };
  const joined = Int32Array.from(pairs, (value, i) => (i % 2 === 0 ? value : biases[(i - 1) / 2] * 256 - value));
  return { form: JOINED, bias: undefined, scale: padded({ type: scale.type, data: joined }, kernel) };
}

/** Output channels in a tile; 1 where a kernel takes them one by one. */
export function tileChannels(kernel: Kernel): number {
  const packing = parsePacking(kernel.packing);
  return packing !== undefined && 'nr' in packing ? packing.nr : 1;
}

/** Per-channel constants rounded up to whole tiles with zeros, as the contract asks; of narrow panels as they are. */
export function padded(tensor: Tensor, kernel: Kernel): Tensor {
  const [oc, ...each] = tensor.type.shape;
  const packing = parsePacking(kernel.packing);
  const nr = packing?.kind === 'panels' && packing.isNarrow ? 1 : tileChannels(kernel);
  const shape = [Math.ceil(oc / nr) * nr, ...each];
  if (shape[0] === oc) return tensor;
  const data = tensor.type.element === 'f32' ? new Float32Array(elements(shape)) : new Int32Array(elements(shape));
  data.set(numberData(tensor));
  return { type: { ...tensor.type, shape }, data };
}
