/**
 * Steps between a model's inputs or outputs and the values they stand for: half floats are bits of 16 with the caller and
 * floats between steps; any other output that no kernel can write in place is copied.
 */
import { elements } from '../ir/type.js';
import type { IoBuffer, Kernel, Params, Step, View } from './program.js';
import { stepBuffer, wholeView } from './program.js';

/** QCC_ELEMENT_F16 (held as float) and QCC_ELEMENT_F16_BITS of `element.h`. */
const HELD = 2;
const BITS = 15;

/** `inner` is where the value of `io` lies for the steps. */
export function edgeStep(way: 'in' | 'out', io: IoBuffer, inner: View, kernels: readonly Kernel[]): Step {
  const outer = wholeView(stepBuffer(io));
  const [from, to] = way === 'in' ? [outer, inner] : [inner, outer];
  const { element, shape } = io.type;
  if (element !== 'f16') return step('copy', { bytes: io.bytes }, from, to, io, kernels, `${io.bytes} bytes`);
  const params = { from: way === 'in' ? BITS : HELD, to: way === 'in' ? HELD : BITS, count: elements(shape) };
  return step('cast', params, from, to, io, kernels, `f16[${shape.join(',')}] ${way === 'in' ? 'from' : 'to'} bits`);
}

function step(
  family: 'copy' | 'cast',
  params: Params,
  from: View,
  to: View,
  io: IoBuffer,
  kernels: readonly Kernel[],
  shapes: string,
): Step {
  const kernel = kernels.find((k) => k.family === family);
  if (kernel === undefined) throw new Error(`no kernel of family ${family}`);
  return {
    kind: 'step',
    op: family,
    kernel,
    params,
    data: undefined,
    args: [
      { name: 'x', view: from, access: 'read' },
      { name: 'y', view: to, access: 'write' },
    ],
    origin: { names: [io.name] },
    shapes,
    quant: '',
    hasFloats: family === 'cast',
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
