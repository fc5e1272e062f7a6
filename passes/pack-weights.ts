/**
 * pack-weights: constants become the bytes their kernels read. Equal bytes are stored once.
 *
 * BEFORE  @w : s8[32,3,3,16] for a kernel that reads nr16_kr2_s16
 * AFTER   9216 bytes: two panels of 16 output channels, pairs of k side by side
 */
import { createHash } from 'node:crypto';
import { packTensor } from '../src/program/packing.js';
import {
  type ConstantBuffer,
  type PackedConstant,
  type PackedProgram,
  type Program,
  stepsOf,
} from '../src/program/program.js';

export const name = 'pack-weights';
export const doc = 'Packs constants into the layout their kernels read.';

export function packWeights(program: Program): PackedProgram {
  const constants = new Map<ConstantBuffer, PackedConstant>();
  const byContent = new Map<string, PackedConstant>();
  for (const step of stepsOf(program.body))
    for (const arg of step.args) {
      const buffer = arg.view?.buffer;
      if (buffer?.role !== 'constant' || constants.has(buffer)) continue;
      const packed = packTensor(buffer.tensor, buffer.packing);
      const key = `${packed.element} ${buffer.align} ${createHash('sha256').update(packed.bytes).digest('hex')}`;
      const known = byContent.get(key) ?? packed;
      byContent.set(key, known);
      constants.set(buffer, known);
    }
  return { ...program, constants };
}
