/** The `host/` part of a build folder: what makes a program of the library. */
import { bufferBytes, type IoBuffer, type PlacedProgram } from '../program/program.js';
import { makeConfig } from '../target/makefile.js';
import type { Target } from '../target/target.js';
import type { RuntimeFiles } from './bundle.js';
import { cString } from './c-text.js';
import type { Renderer } from './render.js';
import type { ModelView, TensorView } from './view.js';

/** C files of the executable alone, below the build folder. */
export const hostSources: readonly string[] = ['host/main.c', 'host/bench.c', 'host/npy.c', 'host/tensor.c'];
const verbatim = ['main.c', 'bench.c', 'bench.h', 'npy.c', 'npy.h', 'tensor.c', 'tensor.h', 'Makefile'] as const;

export interface HostInput {
  readonly view: ModelView;
  readonly program: PlacedProgram;
  readonly target: Target;
  readonly runtime: RuntimeFiles;
  readonly render: Renderer;
  readonly librarySources: readonly string[];
  readonly weightsBytes: number;
}

export function hostFiles(input: HostInput): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const name of verbatim) {
    const text = input.runtime.get(`host/${name}`);
    if (text === undefined) throw new Error(`runtime-c/host/${name} is missing`);
    files.set(`host/${name}`, text);
  }
  const { view, program, target } = input;
  files.set(
    'host/model_io.h',
    input.render.render('host/model_io.h.hbs', {
      ...view,
      modelString: cString(view.model),
      targetString: cString(target.name),
      cpuString: cString(target.isas.flatMap((isa) => isa.cpuCheck?.builtin ?? []).join(' ')),
      weightsBytes: input.weightsBytes,
      inputCount: view.inputs.length,
      outputCount: view.outputs.length,
      hostInputs: view.inputs.map((t, i) => hostTensor(t, program.inputs[i], i, 'inputs')),
      hostOutputs: view.outputs.map((t, i) => hostTensor(t, program.outputs[i], i, 'outputs')),
    }),
  );
  files.set(
    'host/config.mk',
    makeConfig(target, {
      name: view.model,
      library: input.librarySources,
      usingIsa: input.librarySources.filter((s) => !s.endsWith('_weights.c')),
      host: hostSources,
    }),
  );
  return files;
}

function hostTensor(view: TensorView, buffer: IoBuffer, index: number, kind: string) {
  const { type } = buffer;
  const [low, high] = type.kind === 'quant' ? type.range : [0, 0];
  return {
    ...view,
    pointer: `${kind}[${index}]`,
    dimsName: `qcc_host_${kind}_dims_${index}`,
    byteCount: bufferBytes(buffer),
    quantized: view.isQuantized ? 1 : 0,
    hasDims: type.shape.length > 0,
    low,
    high,
  };
}
