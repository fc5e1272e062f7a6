/** The `host/` part of a build folder: what makes a program of the library. */
import { bufferBytes, callsOf, type IoBuffer, type PlacedProgram, stepsOf } from '../program/program.js';
import { cmakeLists } from '../target/cmake.js';
import { firmwareFiles, firmwareSources, isBareMetal } from '../target/firmware.js';
import { makeConfig } from '../target/makefile.js';
import type { Policy } from '../target/policy.js';
import type { Target } from '../target/target.js';
import type { RuntimeFiles } from './bundle.js';
import { cString } from './c-text.js';
import { cpuFeatureNames } from './cpu-test.js';
import { observedValues } from './observe.js';
import type { Renderer } from './render.js';
import { usesIsa } from './sources.js';
import type { ModelView, TensorView } from './view.js';
import type { WatchedTensor } from './watch.js';

/** What `host/` makes of the library: files copied from runtime-c/host, of which the .c files are compiled. */
const kinds = {
  main: ['main.c', 'bench.c', 'bench.h', 'npy.c', 'npy.h', 'tensor.c', 'tensor.h', 'threads.h', 'Makefile'],
  driver: ['driver.c', 'observe.h', 'tensor.h', 'threads.h', 'Makefile'],
  calibrate: ['calibrate.c', 'histogram.h', 'observe.h', 'tensor.h', 'Makefile'],
} as const;

export interface HostInput {
  readonly view: ModelView;
  readonly program: PlacedProgram;
  readonly target: Target;
  readonly runtime: RuntimeFiles;
  readonly render: Renderer;
  readonly librarySources: readonly string[];
  readonly weightsBytes: number;
  /** Weights that the assembler includes, if there are any. */
  readonly binFile: string | undefined;
  readonly kind: keyof typeof kinds;
  readonly level: Policy['level'];
  /** What a calibrating build watches. */
  readonly watched: readonly WatchedTensor[];
}

export interface HostFiles {
  /** Path below the build folder -> text. */
  readonly files: ReadonlyMap<string, string>;
  /** C files of the executable alone. */
  readonly sources: readonly string[];
}

export function hostFiles(input: HostInput): HostFiles {
  const files = new Map<string, string>();
  const copied = kinds[input.kind];
  const hostSources = copied.filter((name) => name.endsWith('.c')).map((name) => `host/${name}`);
  for (const name of copied) {
    const text = input.runtime.get(`host/${name}`);
    if (text === undefined) throw new Error(`runtime-c/host/${name} is missing`);
    files.set(`host/${name}`, text);
  }
  const { view, program, target } = input;
  const peaks = view.observed ? peakLoops(target, input.runtime) : [];
  for (const { file, text } of peaks) files.set(`host/${file}`, text);
  files.set(
    'host/model_io.h',
    input.render.render('host/model_io.h.hbs', {
      ...view,
      modelString: cString(view.model),
      targetString: cString(target.name),
      cpuString: cString([...new Set(target.isas.flatMap((isa) => cpuFeatureNames(isa.cpuCheck)))].join(' ')),
      weightsBytes: input.weightsBytes,
      inputCount: view.inputs.length,
      outputCount: view.outputs.length,
      hostInputs: view.inputs.map((t, i) => hostTensor(t, program.inputs[i], i, 'inputs')),
      hostOutputs: view.outputs.map((t, i) => hostTensor(t, program.outputs[i], i, 'outputs')),
      peakFiles: peaks.map(({ file }) => file),
      hasPeaks: peaks.length > 0,
      peaks: peaks.flatMap(({ schemes }) => schemes.map((name) => ({ name, nameString: cString(name) }))),
      isFirmware: isBareMetal(target),
      ...observation(program),
      isCalibrating: input.kind === 'calibrate',
      watchedCount: input.watched.length,
      watched: input.watched.map(({ after, place, outer, channels, inner }) => ({
        ...{ after, outer, channels, inner, offset: place.offset },
        place: place.kind === 'arena' ? 0 : place.kind === 'output' ? place.index + 1 : -1 - place.index,
      })),
    }),
  );
  for (const [name, isAsked] of [
    ['trace', view.isTraced],
    ['profile', view.isProfiled],
  ] as const) {
    if (!isAsked) continue;
    files.set(`host/${name}.c`, input.render.render(`host/${name}.c.hbs`, { ...view, ...stepNames(program) }));
    hostSources.push(`host/${name}.c`);
  }
  if (view.isProfiled) files.set('host/profile.h', input.render.render('host/profile.h.hbs', view));
  for (const [path, text] of firmwareFiles(target, input.runtime)) files.set(path, text);
  hostSources.push(...firmwareSources(target));
  const sources = {
    name: view.model,
    library: input.librarySources,
    usingIsa: input.librarySources.filter((path) => usesIsa(path, input.librarySources)),
    host: hostSources,
    level: input.level,
  };
  files.set('host/config.mk', makeConfig(target, sources));
  if (input.kind === 'main') files.set('CMakeLists.txt', cmakeLists(target, sources, input.binFile));
  return { files, sources: hostSources };
}

/** What tables call the steps. */
function stepNames(program: PlacedProgram) {
  return {
    stepNames: callsOf(program.body).map(({ step: { op, origin }, times }) => ({
      op: cString(op),
      origin: cString(JSON.stringify(origin.names)),
      calls: times,
    })),
  };
}

/** The loops of all instruction sets of the target that define what 100 % is. */
function peakLoops(target: Target, runtime: RuntimeFiles) {
  return target.isas.flatMap((isa) => {
    const text = runtime.get(`isa/${isa.name}/peak.h`);
    if (text === undefined) return [];
    const schemes = [...text.matchAll(/qcc_peak_(\w+)\(int turns\)|^QCC_PEAK_LOOP\((\w+)/gm)].map((m) => m[1] ?? m[2]);
    return [{ file: `peak_${isa.name}.h`, text, schemes: [...new Set(schemes)] }];
  });
}

function observation(program: PlacedProgram) {
  const values = observedValues(program);
  return {
    stepCount: stepsOf(program.body).length,
    valueCount: values.length,
    values: values.map(({ step, output, offset, bytes }) => ({
      step,
      output: output === undefined ? -1 : program.outputs.indexOf(output),
      offset,
      bytes,
    })),
  };
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
