/** What the lowerings of recurrent layers share: the weights of the state as a kernel takes them. */
import type { Value } from '../ir/graph.js';
import { byteSize, floatType, indexType, numberData, type QuantType, type Tensor } from '../ir/type.js';
import { bytesOfShape, parsePacking } from '../program/packing.js';
import type { Arg, Kernel } from '../program/program.js';
import { scaleAt } from '../quant/affine.js';
import type { Request } from '../target/choose.js';
import { type LowerContext, reads } from './lowering.js';

/** A request for `<cell>_f32` or `<cell>_q8`, by the type of the weights. */
export function cellRequest(
  cell: string,
  weights: readonly Value[],
  macs: number,
  gates: Value,
  cx: LowerContext,
): Request {
  const types = weights.map((w) => w.type);
  const isQuantized = types.some((type) => type.kind === 'quant');
  return {
    family: `${cell}_${isQuantized ? 'q8' : 'f32'}`,
    prove: () => undefined,
    work: () => macs,
    reads: [cx.view(gates)],
    ...(isQuantized
      ? {
          weights: {
            live: types.reduce((sum, type) => sum + byteSize(type), 0),
            stored: (kernel: Kernel) => types.reduce((sum, type) => sum + bytesOfShape(type, packingOf(kernel)), 0),
          },
        }
      : {}),
  };
}

function packingOf(kernel: Kernel) {
  const packing = parsePacking(kernel.packing);
  if (packing === undefined || packing.kind === 'quads')
    throw new Error(`${kernel.symbol}: unknown packing ${kernel.packing}`);
  return packing;
}

/** Kernels read the sums and scales of whole tiles. */
const TILE = 32;

function paddedTo(count: number, tensor: Tensor): Tensor {
  const data = numberData(tensor);
  const out = tensor.type.element === 's32' ? new Int32Array(count) : new Float32Array(count);
  out.set(Array.from(data));
  return { type: { ...tensor.type, shape: [count] }, data: out };
}

/** The arguments for weights [rows, 1, 1, hidden]: themselves, and for s8 ones their sums and scales. */
export function weightArgs(name: string, w: Value, kernel: Kernel, cx: LowerContext): readonly Arg[] {
  if (w.type.kind !== 'quant') return [reads(name, cx.view(w))];
  if (w.kind !== 'const') throw new TypeError('integer weights are constant');
  const type: QuantType = w.type;
  const [rows, , , hidden] = type.shape;
  const stored = numberData(w.tensor);
  const sums = new Int32Array(rows);
  for (let i = 0; i < stored.length; i++) sums[Math.floor(i / hidden)] += stored[i];
  const scales = Float32Array.from({ length: rows }, (_, o) => scaleAt(type.affine, o));
  const padded = Math.ceil(rows / TILE) * TILE;
  const sumsOf = paddedTo(padded, { type: indexType('s32', [rows]), data: sums });
  const scalesOf = paddedTo(padded, { type: floatType([rows]), data: scales });
  return [
    reads(name, cx.constant(w.name, w.tensor, packingOf(kernel))),
    reads(`${name}_sums`, cx.constant(`${w.name} sums`, sumsOf)),
    reads(`${name}_scales`, cx.constant(`${w.name} scales`, scalesOf)),
  ];
}
