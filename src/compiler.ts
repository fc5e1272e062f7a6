/**
 * The whole compiler on one screen. Pure: bytes and texts in, texts and diagnostics out; files, processes and terminals
 * live at the rim (`cli/`, `toolchain/`).
 */
import { createHash } from 'node:crypto';
import { packWeights } from '../passes/pack-weights.js';
import { planMemory } from '../passes/plan-memory.js';
import type { Edges } from '../passes/retype-edges.js';
import { schedule } from '../passes/schedule.js';
import { selectKernels } from '../passes/select-kernels.js';
import { splitSteps } from '../passes/split-steps.js';
import { streamRows } from '../passes/stream-rows.js';
import type { Assets } from './assets.js';
import { type Diagnostic, error, note, QccError } from './diagnostics/diagnostic.js';
import { type EmitOptions, type Emitted, emitModel, type GivenOptions } from './emit/emit.js';
import type { Graph, Origin } from './ir/graph.js';
import { isGraphText, ParseError, parseGraph } from './ir/parse.js';
import { type Pass, type PassNote, type PassReport, runPasses } from './ir/pass.js';
import { byteSize } from './ir/type.js';
import { topologicalOrder } from './ir/walk.js';
import { decodeModel } from './onnx/decode.js';
import type { ExternalData } from './onnx/external.js';
import { importModel } from './onnx/import.js';
import type { OnnxModel } from './onnx/model.js';
import {
  assignStorage,
  fuseSums,
  graphPasses,
  orderChannels,
  retypeEdges,
  type StoredEdge,
  tabulateChannels,
} from './pipeline.js';
import { alignUp } from './program/placement.js';
import type { Kernel, PackedProgram, PlacedProgram, Program } from './program/program.js';
import type { RegionSize } from './program/regions.js';
import type { Ranges } from './quant/ranges.js';
import { CALIBRATED_ON } from './quant/statistics.js';
import {
  defaultQuantization,
  type Quantization,
  type Quantized,
  type QuantizeOptions,
  quantizeModel,
  quantizeWithoutData,
  type WithoutData,
} from './quantizer.js';
import type { MeasuredCosts } from './target/costs.js';
import { type Optimize, type Policy, policyOf } from './target/policy.js';
import { roomyKernels } from './target/roomy.js';
import type { Target } from './target/target.js';
import { decodeTflite, isTflite } from './tflite/decode.js';
import { importTflite } from './tflite/import.js';

export interface ModelSource {
  /** The bytes of the .onnx, .tflite or .qir file. */
  readonly model: Uint8Array;
  /** File name without folders, for banners and messages. */
  readonly fileName: string;
  readonly externalData?: ExternalData;
  /** What calibration saw in this float model: it is quantized first. */
  readonly ranges?: Ranges;
  /** Which samples the ranges are of, as `calibrationMark` spells it. */
  readonly calibratedOn?: string;
}

/** `--memory`. */
export interface MemoryOptions {
  /** In order of preference: what is used most per byte goes into the first. */
  readonly regions: readonly RegionSize[];
  /** Where the weights lie: a region, or a section's name of the user's linker script; undefined: with other constants. */
  readonly weights: string | undefined;
}

export interface CompileOptions {
  /** C name of the model; made from the file name if absent. */
  readonly name?: string;
  readonly dims?: ReadonlyMap<string, number>;
  readonly rounding?: 'onnx' | 'tflite';
  /** What to be good at; absent: what suits the target. Answers are the same. */
  readonly optimize?: Optimize;
  /** Memories to use in place of one arena; absent: one arena. */
  readonly memory?: MemoryOptions;
  /** Inputs and outputs lie in the arena, where they share bytes with what is not needed at the same time. */
  readonly ioInArena?: boolean;
  /** Parts that may run the model at the same time, at most; absent: 1. Answers are the same. */
  readonly threads?: number;
  readonly emit?: EmitOptions;
  /** What the program takes and gives; absent: what the model does. */
  readonly edges?: Edges;
  /** Measured times of kernels on the layers of this model; absent: the shipped rates decide. */
  readonly costs?: MeasuredCosts;
  /** A float model is quantized first, in a way that needs no ranges. */
  readonly withoutData?: WithoutData | undefined;
  /** How a model with ranges is quantized. */
  readonly quantization?: Quantization;
  /** Sees the graph as imported (index -1) and after each pass. */
  readonly onPass?: (index: number, name: string, graph: Graph, changed: boolean) => void;
  /** Milliseconds, to time the passes; absent: times read 0. */
  readonly clock?: () => number;
}

export interface Lowered {
  /** What the model itself takes and gives: as imported, before `edges`. */
  readonly model: Graph;
  /** As imported, before any pass: the meaning of the model. */
  readonly source: Graph;
  /** After the last pass. */
  readonly graph: Graph;
  readonly reports: readonly PassReport[];
  readonly notes: readonly PassNote[];
  readonly diagnostics: readonly Diagnostic[];
  /** Which samples a quantized model says it was calibrated on, see `CALIBRATED_ON`. */
  readonly calibratedOn?: string;
}

export interface Compiled extends Lowered {
  readonly program: PlacedProgram;
  /** Values that the program keeps otherwise than the model says. */
  readonly storage: readonly StoredEdge[];
  readonly emitted: Emitted;
  readonly policy: Policy;
  readonly modelSha256: string;
}

/** Model bytes -> optimised graph. Throws `QccError` with every problem of the model. */
export function lowerModel(source: ModelSource, options: CompileOptions = {}): Lowered {
  const imported = withEdges(importSource(source, options), options);
  options.onPass?.(-1, 'import', imported.graph, true);
  const run = runPasses(imported.graph, graphPasses, {
    rounding: options.rounding ?? 'onnx',
    after: (index: number, pass: Pass, graph: Graph, changed: boolean) =>
      options.onPass?.(index, pass.name, graph, changed),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  });
  const diagnostics = [...imported.diagnostics, ...run.diagnostics, ...floatNote(run.graph)];
  if (diagnostics.some((d) => d.severity === 'error')) throw new QccError(diagnostics);
  const known = imported.calibratedOn === undefined ? {} : { calibratedOn: imported.calibratedOn };
  return {
    model: imported.model,
    source: imported.graph,
    graph: run.graph,
    reports: run.reports,
    notes: run.notes,
    diagnostics,
    ...known,
  };
}

/** `--io`: part of the program's meaning, so it is settled before anything is optimised. */
function withEdges(
  imported: Imported,
  { edges, rounding = 'onnx' }: CompileOptions,
): Imported & { readonly model: Graph } {
  const model = imported.graph;
  if (edges === undefined || imported.diagnostics.some((d) => d.severity === 'error')) return { ...imported, model };
  const run = runPasses(imported.graph, [retypeEdges(edges)], { rounding });
  const diagnostics = [...imported.diagnostics, ...run.diagnostics];
  if (diagnostics.some((d) => d.severity === 'error')) throw new QccError(diagnostics);
  return { ...imported, model, graph: run.graph, diagnostics };
}

interface Imported {
  readonly graph: Graph;
  readonly diagnostics: readonly Diagnostic[];
  readonly calibratedOn?: string | undefined;
}

/** Throws QccError Q0718 for a model of a format that is not quantized here. */
export function checkQuantizable({ model }: ModelSource): void {
  if (!isTflite(model)) return;
  const help = 'quantize before converting';
  throw new QccError([error('Q0718', 'only float ONNX models are quantized here', undefined, help)]);
}

/** Model bytes of any format, recognised by content -> the graph they mean. */
export function importSource(source: ModelSource, options: CompileOptions): Imported {
  const name = options.name ?? source.fileName.replace(/\.[^.]*$/, '');
  if (isGraphText(source.model)) return { graph: { ...readGraphText(source.model), name }, diagnostics: [] };
  if (isTflite(source.model)) {
    if (source.ranges !== undefined || options.withoutData !== undefined) checkQuantizable(source);
    const imported = importTflite(decodeTflite(source.model), { name, arithmetic: options.rounding ?? 'tflite' });
    if (imported.diagnostics.some((d) => d.severity === 'error')) throw new QccError(imported.diagnostics);
    return imported;
  }
  const decoded = decodeModel(source.model, source.externalData);
  const quantized = quantizedModel(decoded.model, source, options);
  const model = quantized?.model ?? decoded.model;
  const imported = importModel(model, {
    // The quantizer has pinned them.
    dims: quantized === undefined ? (options.dims ?? new Map()) : new Map(),
    rounding: options.rounding ?? 'onnx',
    name,
    keepNames: options.emit?.host === 'calibrate',
  });
  const diagnostics = [...decoded.notes, ...(quantized?.diagnostics ?? []), ...imported.diagnostics];
  return { graph: imported.graph, diagnostics, calibratedOn: model.metadata.get(CALIBRATED_ON) };
}

/** Throws `QccError` for text that is no graph. */
function readGraphText(text: Uint8Array): Graph {
  try {
    return parseGraph(Buffer.from(text).toString('utf8'));
  } catch (failure) {
    if (failure instanceof ParseError) throw new QccError([error('Q0606', failure.message)]);
    throw failure;
  }
}

/** Undefined where nobody asks for it. */
function quantizedModel(model: OnnxModel, source: ModelSource, options: CompileOptions): Quantized | undefined {
  const { ranges } = source;
  if (ranges !== undefined) return quantizeModel(model, quantizeOptions(source, ranges, options));
  const { withoutData, dims = new Map<string, number>() } = options;
  return withoutData && quantizeWithoutData(model, withoutData, { dims, version: '' });
}

function quantizeOptions({ calibratedOn }: ModelSource, ranges: Ranges, options: CompileOptions): QuantizeOptions {
  const quantization = options.quantization ?? defaultQuantization;
  const known = calibratedOn === undefined ? {} : { calibratedOn };
  return { ranges, ...known, quantization, dims: options.dims ?? new Map(), version: '' };
}

/** Says so when a model has no integers to gain from. */
function floatNote(graph: Graph): Diagnostic[] {
  const kinds = new Set(topologicalOrder(graph).flatMap((node) => node.results.map((r) => r.type.kind)));
  if (kinds.has('quant') || !kinds.has('float')) return [];
  return [
    note(
      'Q0320',
      'nothing in this model is quantized: the program computes in float32',
      '--calibrate DATA (int8 throughout), --mode dynamic (linear layers, no data) or --mode weights (small, no data); ' +
        '`qcc quantize MODEL --advise` says which suits it',
    ),
  ];
}

/** Optimised graph -> kernels, packed weights, order, places. */
export function placeGraph(
  graph: Graph,
  target: Target,
  assets: Assets,
  policy: Policy = policyOf(undefined, target),
  options: Pick<CompileOptions, 'memory' | 'costs' | 'threads' | 'ioInArena'> = {},
): PlacedProgram {
  const { memory = { regions: [], weights: undefined }, costs, threads = 1, ioInArena } = options;
  const kernels = kernelsOf(target, assets);
  const scheduled = (avoided?: ReadonlyMap<Origin, Kernel>) =>
    schedule(selectKernels(graph, target.name, kernels, policy.weightGrowth, costs, ioInArena, avoided));
  const placed = (program: Program) => {
    const packed = packWeights(program);
    return planMemory(packed, roomForTensors(packed, memory));
  };
  const { streams } = policy;
  const first = scheduled();
  if (threads > 1) return planMemory(packWeights(splitSteps(first, threads) ?? first));
  if (streams === 'nothing') return placed(first);
  const streamed = streamRows(first, kernels, streams === 'chains');
  const avoided = roomyKernels(streamed);
  const fast = placed(streamed);
  if (avoided.size === 0) return fast;
  const small = placed(streamRows(scheduled(avoided), kernels, streams === 'chains'));
  return small.arenaBytes < fast.arenaBytes ? small : fast;
}

/** The regions, less what the weights take of the one they are to lie in. */
function roomForTensors(program: PackedProgram, { regions, weights }: MemoryOptions): readonly RegionSize[] {
  const taken = new Set(program.constants.values());
  const bytes = [...taken].reduce((sum, c) => sum + alignUp(c.bytes.length, 64), 0);
  const home = regions.find((r) => r.name === weights);
  if (home !== undefined && home.bytes < bytes)
    throw new QccError(
      [
        error(
          'Q0623',
          `weights take ${bytes} bytes, region ${home.name} has ${home.bytes}`,
          undefined,
          'leave weights= out: they stay in flash',
        ),
      ],
      3,
    );
  return regions.map((r) => (r.name === weights ? { ...r, bytes: r.bytes - bytes } : r));
}

function givenOptions({ dims, rounding, optimize, memory, ioInArena, edges }: CompileOptions): GivenOptions {
  return {
    ...(dims === undefined || dims.size === 0 ? {} : { dims: Object.fromEntries(dims) }),
    ...(rounding === undefined ? {} : { rounding }),
    ...(optimize === undefined ? {} : { optimize }),
    ...(memory === undefined
      ? {}
      : {
          memory: {
            regions: memory.regions.map(({ name, bytes }) => ({ name, bytes })),
            ...(memory.weights === undefined ? {} : { weights: memory.weights }),
          },
        }),
    ...(ioInArena === true ? { io_in_arena: true } : {}),
    ...(edges === undefined ? {} : { edges }),
  };
}

/** Model bytes -> the files of a build folder. Throws `QccError` with every problem of the model. */
export function compile(source: ModelSource, target: Target, assets: Assets, options: CompileOptions = {}): Compiled {
  return compileLowered(source, lowerModel(source, options), target, assets, options);
}

/** A graph of the compiler's own making -> the files of a build folder: programs that measure a model. */
export function compileGraph(graph: Graph, target: Target, assets: Assets, options: CompileOptions = {}): Compiled {
  const run = runPasses(graph, graphPasses, { rounding: options.rounding ?? 'onnx' });
  const { reports, notes, diagnostics } = run;
  const lowered = { model: graph, source: graph, graph: run.graph, reports, notes, diagnostics };
  return compileLowered({ model: new Uint8Array(), fileName: graph.name }, lowered, target, assets, options);
}

/** The second half of `compile`. `policy`: what `options.optimize` means, unless another is to be tried. */
export function compileLowered(
  source: ModelSource,
  lowered: Lowered,
  target: Target,
  assets: Assets,
  options: CompileOptions = {},
  policy: Policy = policyOf(options.optimize, target),
): Compiled {
  const { threads = 1 } = options;
  const forIt = forTarget(lowered.graph, target, assets, policy, options);
  const { graph, left, storage } = forIt;
  const notes = [...lowered.notes, ...forIt.notes];
  const program = placeGraph(graph, target, assets, { ...policy, weightGrowth: left }, options);
  const modelSha256 = createHash('sha256').update(source.model).digest('hex');
  const emitted = emitModel({
    graph,
    program,
    target,
    policy,
    weightsSection: options.memory?.weights,
    runtime: assets.runtime,
    templates: assets.templates,
    notes,
    version: assets.version,
    modelSha256,
    modelName: source.fileName,
    ...(lowered.calibratedOn === undefined ? {} : { calibratedOn: lowered.calibratedOn }),
    options: options.emit ?? { singleFile: false, allowIncbin: true },
    given: givenOptions(options),
  });
  const diagnostics = [...lowered.diagnostics, ...oneThreadNote(program, threads)];
  return { ...lowered, graph, storage, notes, diagnostics, program, emitted, modelSha256, policy };
}

/**
 * The passes that know the target. Tables grow the model as kernels' forms of its weights do, and come first: what they leave
 * is for those.
 */
function forTarget(
  graph: Graph,
  target: Target,
  assets: Assets,
  { weightGrowth }: Policy,
  { onPass, rounding = 'onnx' }: CompileOptions,
) {
  const before = constantBytes(graph);
  const after = (index: number, pass: Pass, next: Graph, changed: boolean) =>
    onPass?.(graphPasses.length + index, pass.name, next, changed);
  const storage: StoredEdge[] = [];
  const passes = [
    fuseSums(kernelsOf(target, assets)),
    orderChannels(assets.kernels.get(target.isas[0].name) ?? []),
    tabulateChannels(before * (weightGrowth - 1)),
    assignStorage(kernelsOf(target, assets), (edge) => storage.push(edge)),
  ];
  const run = runPasses(graph, passes, { rounding, after });
  const taken = constantBytes(run.graph) - before;
  const left = before === 0 ? weightGrowth : weightGrowth - Math.max(0, taken) / before;
  return { graph: run.graph, left, storage, notes: run.notes };
}

/** Of the target's instruction sets, the best first. */
function kernelsOf(target: Target, assets: Assets): readonly Kernel[] {
  return target.isas.flatMap((isa) => assets.kernels.get(isa.name) ?? []);
}

function constantBytes(graph: Graph): number {
  const constants = new Set(topologicalOrder(graph).flatMap((node) => node.operands.filter((v) => v.kind === 'const')));
  return [...constants].reduce((sum, { type }) => sum + byteSize(type), 0);
}

/** Says so when no step is worth a second thread. */
function oneThreadNote(program: PlacedProgram, threads: number): readonly Diagnostic[] {
  if (threads === 1 || program.parts !== undefined) return [];
  const help = 'run several inputs at the same time instead, each with an arena of its own';
  return [note('Q0650', `this model is too small for ${threads} threads: it is made for one`, help)];
}
