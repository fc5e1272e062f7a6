/** PlacedProgram -> the files of a build folder. Pure: texts in, texts out. */
import type { Graph } from '../ir/graph.js';
import type { PassNote } from '../ir/pass.js';
import type { PlacedProgram } from '../program/program.js';
import { stepsOf } from '../program/program.js';
import { isaCFlags } from '../target/flags.js';
import type { Policy } from '../target/policy.js';
import type { Target } from '../target/target.js';
import type { BindingsMaker } from './bindings.js';
import { bundle, contractHeader, contractStructs, joined, type RuntimeFiles } from './bundle.js';
import { commentText } from './c-text.js';
import { type EmittedConstants, emitConstants } from './constants.js';
import { cpuTestOf } from './cpu-test.js';
import { hostFiles } from './host.js';
import { manifest } from './manifest.js';
import { type PackageInfo, plainPackage } from './package/facts.js';
import { type PackageKind, packageFiles } from './package.js';
import { type Renderer, renderer, type Templates } from './render.js';
import { selftestSource } from './selftest.js';
import { traceId } from './trace.js';
import { unitFile } from './units.js';
import { type ModelFacts, type ModelView, modelIdentifier, modelView } from './view.js';
import { watchedTensors } from './watch.js';

export interface EmitOptions {
  readonly singleFile: boolean;
  /** False for packages and object formats without .incbin: large weights stay C text. */
  readonly allowIncbin: boolean;
  /** What `host/` makes: a program for people, or one for qcc that runs many inputs in one process, or calibrates on them. */
  readonly host?: 'main' | 'driver' | 'calibrate';
  /** The library calls an observer around its steps: times and values of single steps. Not for products. */
  readonly observe?: boolean;
  /** Also `<model>_selftest.c`, a part of the library. Not in a single file: it holds the model's code a second time. */
  readonly selftest?: boolean;
  /** The run calls `<model>_trace` after each write of a step. */
  readonly trace?: boolean;
  /** The run counts `<model>_ticks` of each step. */
  readonly profile?: boolean;
  /** A package for a build system instead of a build folder with a program. */
  readonly package?: PackageKind;
  /** Absent: version 1.0.0, made by qcc, no address. */
  readonly packageInfo?: PackageInfo;
  /** Makes wrappers of the shared library in other languages. */
  readonly bindings?: BindingsMaker;
}

export interface EmitInput {
  /** What the program computes: the graph after the last pass. */
  readonly graph: Graph;
  readonly program: PlacedProgram;
  readonly target: Target;
  readonly policy: Policy;
  /** Name of the section, less its dot, that the weights lie in; undefined: with other constants. */
  readonly weightsSection?: string | undefined;
  readonly runtime: RuntimeFiles;
  readonly templates: Templates;
  readonly notes: readonly PassNote[];
  readonly version: string;
  readonly modelSha256: string;
  readonly modelName: string;
  /** Which samples the model says it was calibrated on, see `quant/statistics.ts`. */
  readonly calibratedOn?: string;
  readonly options: EmitOptions;
  /** What the user asked for that decides what the steps are: with the model file it makes the same program again. */
  readonly given: GivenOptions;
}

/** Members are absent where nothing was asked for. */
export interface GivenOptions {
  readonly dims?: Readonly<Record<string, number>>;
  readonly rounding?: string;
  readonly optimize?: string;
  readonly memory?: {
    readonly regions: readonly { readonly name: string; readonly bytes: number }[];
    readonly weights?: string;
  };
  readonly io_in_arena?: true;
  readonly edges?: object;
}

export interface Emitted {
  /** Path below the build folder -> content. */
  readonly files: ReadonlyMap<string, string | Uint8Array>;
  /** C files of the library, which a build compiles. */
  readonly librarySources: readonly string[];
  /** C files that make a program of it. */
  readonly hostSources: readonly string[];
  readonly weightsBytes: number;
}

export function emitModel(input: EmitInput): Emitted {
  const { program, target, options } = input;
  const model = modelIdentifier(program.name);
  const files = new Map<string, string | Uint8Array>();
  const binFile = `${model}_weights.bin`;
  const useBin =
    options.allowIncbin &&
    input.weightsSection === undefined &&
    options.package === undefined &&
    !options.singleFile &&
    target.objectFormat === 'elf';
  const constants = emitConstants(program, { prefix: model, binFile: useBin ? binFile : undefined });
  const kernels = [...new Set(stepsOf(program.body).map((s) => s.kernel))];
  const headers = [
    ...['base.h', 'fenv.h', 'status.h'],
    ...(target.isMcu ? [] : ['buffers.h']),
    ...(program.parts === undefined ? [] : ['parts.h']),
  ];
  const parts = bundle(
    input.runtime,
    kernels,
    headers.map((name) => `include/qcc/${name}`),
  );
  const isa = target.isas[0];
  const facts: ModelFacts = {
    version: input.version,
    modelSha256: input.modelSha256,
    modelName: input.modelName,
    target: {
      name: target.name,
      isa: isa.name,
      guard: isa.guard === '1' ? undefined : isa.guard,
      cpuTest: cpuTestOf(isa.cpuCheck),
      flags: [...target.cFlags, ...isaCFlags(target)],
      isMcu: target.isMcu,
    },
  };
  const view = modelView(program, constants, parts, contractStructs(input.runtime), facts, {
    observed: options.observe === true,
    hasSelftest: options.selftest === true,
    shapesWorthSharing: input.policy.sharesInstances
      ? ({ isa: name }) => target.isas.find((i) => i.name === name)?.shapesWorthSharing ?? 1
      : undefined,
    isTraced: options.trace === true,
    isProfiled: options.profile === true,
    traceId: traceId(program, input.modelSha256),
    isPackage: options.package !== undefined,
    mayShareOut: !options.singleFile && options.package === undefined && !input.policy.sharesInstances && !target.isMcu,
  });
  const render = renderer(input.templates);
  const header = render.render('model.h.hbs', view);
  const source = render.render('model.c.hbs', view);
  const weights = render.render('weights.c.hbs', weightsView(view.banner, constants, binFile, input.weightsSection));
  const librarySources: string[] = [];
  if (options.singleFile) {
    files.set(
      `${model}.h`,
      header.replace('#include "qcc/status.h"\n', `${input.runtime.get('include/qcc/status.h') ?? ''}`),
    );
    files.set(`${model}.c`, singleFile(model, source, weights, joined(parts)));
    librarySources.push(`${model}.c`);
  } else {
    for (const [path, text] of parts.files) files.set(path, text);
    files.set(`${model}.h`, header);
    files.set(`${model}.c`, source);
    files.set(`${model}_weights.c`, weights);
    if (constants.binary !== undefined) files.set(binFile, constants.binary);
    librarySources.push(`${model}.c`, `${model}_weights.c`);
    for (const [path, text] of unitFiles(input.runtime, view, render)) {
      files.set(path, text);
      if (path.endsWith('.c')) librarySources.push(path);
    }
    if (options.selftest === true) {
      files.set(`${model}_selftest.c`, selftestSource(input.graph, program, view, render));
      librarySources.push(`${model}_selftest.c`);
    }
  }
  if (view.hasPool) {
    files.set(`${model}_threads.h`, render.render('threads.h.hbs', view));
    files.set(`${model}_threads.c`, render.render('threads.c.hbs', view));
    librarySources.push(`${model}_threads.c`);
  }
  if (options.package !== undefined) {
    const facts = { name: model, view, target, sources: librarySources, library: files, level: input.policy.level };
    const about = options.packageInfo ?? plainPackage;
    const description = `Neural network ${commentText(input.modelName).replaceAll(/["\\]/g, '_')}, compiled by qcc for ${target.name}.`;
    const packed = new Map(packageFiles(options.package, { ...facts, description, about }));
    packed.set('manifest.json', manifest(input, packed, constants, view));
    return { files: packed, librarySources, hostSources: [], weightsBytes: constants.totalBytes };
  }
  const hosted = hostFiles({
    view,
    program,
    target,
    runtime: input.runtime,
    render,
    librarySources,
    weightsBytes: constants.totalBytes,
    binFile: constants.binary === undefined ? undefined : binFile,
    kind: options.host ?? 'main',
    level: input.policy.level,
    watched: options.host === 'calibrate' ? watchedTensors(program, input.graph) : [],
  });
  for (const [path, text] of hosted.files) files.set(path, text);
  for (const [path, text] of options.bindings?.(program, view) ?? []) files.set(path, text);
  files.set('manifest.json', manifest(input, files, constants, view));
  return { files, librarySources, hostSources: hosted.sources, weightsBytes: constants.totalBytes };
}

/** What is beside the file of the run where instances are shared out: a header that declares them, and their files. */
function unitFiles(runtime: RuntimeFiles, view: ModelView, render: Renderer): readonly (readonly [string, string])[] {
  if (!view.hasUnits) return [];
  const { model } = view;
  const prototypes = view.units.flat();
  const contracts = [...new Set(prototypes.map((i) => contractHeader(runtime, i.kernel.family)))].sort();
  const header = render.render('kernels.h.hbs', { ...view, includes: contracts, prototypes });
  return [
    [`${model}_kernels.h`, header],
    ...view.units.map((instances, i): readonly [string, string] => {
      const { roots } = bundle(runtime, [...new Set(instances.map((instance) => instance.kernel))], []);
      return [unitFile(model, i + 1), render.render('kernels.c.hbs', { ...view, includes: roots, instances })];
    }),
  ];
}

function weightsView(
  banner: readonly string[],
  constants: EmittedConstants,
  binFile: string,
  section: string | undefined,
) {
  const placed = section === undefined ? '' : `__attribute__((section(".${section}"))) `;
  return {
    banner,
    hasIncbin: constants.binary !== undefined,
    binFile,
    littleEndianOnly: constants.binary !== undefined || constants.definitions.some((d) => d.startsWith('union')),
    declarations: constants.binary === undefined ? constants.declarations.filter((d) => !d.startsWith('union')) : [],
    definitions: constants.definitions.map((d) => d.replace(/^_Alignas/m, `${placed}_Alignas`)),
  };
}

/** Runtime, weights and model in one translation unit; weights become static through their declarations. */
function singleFile(model: string, source: string, weights: string, runtime: string): string {
  const own = `#include "${model}.h"\n`;
  const at = source.indexOf(own) + own.length;
  const body = source
    .slice(at)
    .replace(/^#include "qcc\/[^"]+"\n/gm, '')
    .replace(/^(extern const [^\n]*;|union [^\n]*\{\n(?: {2}[^\n]*\n)*\};)\n/gm, '');
  const data = weights.replace(/^\/\*[^\n]*\*\/\n/gm, '').replace(/^extern const /gm, 'extern const ');
  return `${source.slice(0, at)}\n${runtime}\n${data}\n${body}`;
}
