/** The step that moves the rows a window keeps down to its beginning. */
import type { ArenaBuffer, Kernel, Step } from './program.js';

/** @param of the step whose result the window holds. */
export function slideStep(
  of: Step,
  buffer: ArenaBuffer,
  from: number,
  bytes: number,
  kernels: readonly Kernel[],
): Step {
  const kernel = kernels.find((k) => k.family === 'slide');
  if (kernel === undefined) throw new Error('no kernel of family slide');
  return {
    kind: 'step',
    op: 'slide',
    kernel,
    params: { bytes },
    data: undefined,
    args: [
      { name: 'x', view: { buffer, offset: from, bytes }, access: 'read' },
      { name: 'y', view: { buffer, offset: 0, bytes }, access: 'write' },
    ],
    origin: of.origin,
    shapes: `${bytes} bytes`,
    quant: '',
    hasFloats: false,
    macs: 0,
    refused: [],
    rivals: [],
    isTuned: false,
    proofs: [],
    inPlace: undefined,
    band: undefined,
    channels: undefined,
  };
}
