/** The step that copies bytes: for a model output that no kernel can write in place. */
import type { IoBuffer, Kernel, Step, View } from './program.js';
import { stepBuffer, wholeView } from './program.js';

export function copyStep(from: View, to: IoBuffer, kernels: readonly Kernel[]): Step {
  const kernel = kernels.find((k) => k.family === 'copy');
  if (kernel === undefined) throw new Error('no kernel of family copy');
  return {
    kind: 'step',
    op: 'copy',
    kernel,
    params: { bytes: to.bytes },
    data: undefined,
    args: [
      { name: 'x', view: from, access: 'read' },
      { name: 'y', view: wholeView(stepBuffer(to)), access: 'write' },
    ],
    origin: { names: [to.name] },
    shapes: `${to.bytes} bytes`,
    quant: '',
    hasFloats: false,
    macs: 0,
    refused: [],
    rivals: [],
    isTuned: false,
    proofs: [],
    channels: undefined,
    inPlace: undefined,
    band: undefined,
  };
}
