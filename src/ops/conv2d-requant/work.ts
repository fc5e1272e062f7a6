/** How much work a convolution's kernels do, of which the cost model makes cycles. */
import { parsePacking } from '../../program/packing.js';
import type { Kernel } from '../../program/program.js';
import { tileChannels } from './constants.js';

/** Channels whose pixels Winograd kernels transform at a time: fewer cost as much. */
const WINOGRAD_CHANNELS = 32;

/** Work of whole tiles over work asked for: output channels rounded up, for Winograd the 4x4 pixels and input channels too. */
export function tilePadding(kernel: Kernel, x: readonly number[], y: readonly number[]): number {
  const [, oh, ow, oc] = y;
  const rounded = (value: number, to: number) => (Math.ceil(value / to) * to) / value;
  const isWinograd = parsePacking(kernel.packing)?.kind === 'winograd';
  const tiles = isWinograd ? rounded(oh, 4) * rounded(ow, 4) * rounded(x[3], WINOGRAD_CHANNELS) : 1;
  return rounded(oc, tileChannels(kernel)) * tiles;
}

/** What a kernel could multiply while `bytes` of weights come from beyond L2, at about 16 a cycle. */
export function meanwhile(kernel: Kernel, bytes: number): number {
  return ((bytes / 16) * kernel.rate) / 10;
}
