/** `qcc build`: model file -> build folder. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CompileOptions } from '../compiler.js';
import { error, QccError } from '../diagnostics/diagnostic.js';
import type { PackageKind } from '../emit/package.js';
import { printGraph } from '../ir/print.js';
import { stepsOf } from '../program/program.js';
import type { ReportMixed } from '../report/report.js';
import { isBareMetal } from '../target/firmware.js';
import { stackBytesOn } from '../target/flags.js';
import type { Target } from '../target/target.js';
import type { Output as Product } from '../toolchain/compile.js';
import type { RunStack } from '../toolchain/stack.js';
import { type Budget, checkBudget, type Footprint, footprintRows, parseBudget } from './budget.js';
import { writeBuild } from './build-folder.js';
import { edgesOn } from './edges.js';
import { factsOf, humanBytes, humanCount } from './facts.js';
import type { Mixed } from './mixed-precision.js';
import { checkPackageTarget, packageInfo } from './package-options.js';
import {
  checkSampling,
  type ModeOptions,
  type QuantizationOptions,
  quantizationFor,
  withoutDataOf,
} from './quantization.js';
import type { Sampling } from './ranges.js';
import { showRows } from './result-lines.js';
import {
  chooseTarget,
  compileFile,
  compileOptions,
  type ModelOptions,
  outputFolder,
  readModel,
  type Session,
  show,
  terminal,
  usage,
} from './session.js';
import { gainText, type Tuned } from './tune.js';

export interface BuildOptions
  extends ModelOptions,
    Sampling,
    Partial<ModeOptions>,
    Omit<QuantizationOptions, 'effort' | 'for' | 'exact'> {
  readonly calibrate: string | undefined;
  /** Effort of the quantizer. */
  readonly Q?: number;
  readonly maxDrop?: string | undefined;
  readonly model: string;
  readonly output: string | undefined;
  readonly emit: string | undefined;
  readonly singleFile: boolean;
  readonly bindings: 'ts' | undefined;
  readonly cc: string | undefined;
  readonly dumpIr: string | undefined;
  readonly package?: PackageKind | undefined;
  readonly packageVersion?: string | undefined;
  readonly packageVendor?: string | undefined;
  readonly packageUrl?: string | undefined;
  readonly depfile?: string | undefined;
  readonly budget?: string | undefined;
  readonly trace?: boolean;
  readonly profile?: boolean;
  readonly tune?: boolean;
  readonly report?: readonly string[];
  readonly json: boolean;
}

const products: readonly Product[] = ['exe', 'lib', 'shared'];

export interface Emission {
  readonly products: readonly Product[];
  readonly selftest: boolean;
}

/** `--emit c,exe,lib,shared,selftest`; c is always written. */
export function parseEmit(text: string): Emission {
  const words = new Set(text.split(',').map((word) => word.trim()));
  const kinds: readonly string[] = ['c', ...products, 'selftest'];
  for (const word of words)
    if (!kinds.includes(word)) throw usage(`--emit ${text}: "${word}" is not one of ${kinds.join(', ')}`);
  return { products: products.filter((product) => words.has(product)), selftest: words.has('selftest') };
}

/** Refuses what the target cannot have. */
export function checkProducts(target: Target, wanted: readonly Product[]): void {
  if (!isBareMetal(target) || !wanted.includes('shared')) return;
  const message = `target "${target.name}" has no operating system that could load a shared library`;
  throw new QccError([error('Q0520', message, undefined, '--emit lib makes a static one')], 2);
}

export async function build(options: BuildOptions): Promise<number> {
  const target = await chooseTarget(options.target);
  const wanted = parseEmit(options.emit ?? (isBareMetal(target) || options.package !== undefined ? 'c' : 'exe'));
  if (
    options.package !== undefined &&
    (wanted.products.length > 0 || options.singleFile || options.bindings !== undefined)
  )
    throw usage(
      `--package ${options.package} makes sources for a build system, and nothing else`,
      '--emit c or c,selftest; without --single-file and --bindings',
    );
  checkPackageTarget(options.package, target);
  const { packageVersion, packageVendor, packageUrl } = options;
  const about = packageInfo({ package: options.package, packageVersion, packageVendor, packageUrl });
  checkProducts(target, wanted.products);
  if (wanted.selftest && options.singleFile)
    throw usage('--single-file has no room for a self-test, which is a file of its own', 'leave out one of the two');
  if (options.bindings !== undefined && !wanted.products.includes('shared'))
    throw usage(`--bindings ${options.bindings} needs the shared library it loads: --emit shared`);
  if (options.bindings !== undefined && options.memory !== undefined)
    throw usage(`--bindings ${options.bindings} gives the model one arena: leave --memory out`);
  if (options.bindings !== undefined && options.ioInArena === true)
    throw usage(`--bindings ${options.bindings} passes typed arrays of its caller: leave --io-in-arena out`);
  checkHooks(options, wanted);
  const bindings = options.bindings === undefined ? undefined : await import('../emit/bindings.js');
  await checkDump(options.dumpIr);
  const reports = options.report ?? [];
  if (reports.length > 0) (await import('./report.js')).checkReportFiles(reports);
  const budget = options.budget === undefined ? undefined : parseBudget(options.budget);
  const edges = edgesOn(target, options.io, options.preprocess);
  const withoutData = withoutDataOf({ ...options, mode: options.mode ?? 'auto' }, options.calibrate);
  if (options.preprocess !== undefined && options.calibrate === undefined && options.io !== 'u8pixels')
    throw usage('--preprocess is for samples of --calibrate, or for --io u8pixels');
  checkSampling(options, options.calibrate);
  if ((options.Q === 2 || options.Q === 3) && options.calibrate === undefined)
    throw usage(`-Q${options.Q} is for --calibrate: it looks at samples`);
  if (options.Q === 2 || options.maxDrop !== undefined) (await import('./mixed.js')).checkMixed(effortOf(options));
  const start = performance.now();
  const dumps: { name: string; text: string }[] = [];
  const found = options.calibrate === undefined ? undefined : await calibration(options, options.calibrate, target);
  const { mixed, made: _, ...calibrated } = found ?? {};
  const { model, cc } = options;
  const fallback = (name: string) => outputFolder(options.output, name.toLowerCase());
  const tuned =
    options.tune === true ? (await import('./tune.js')).tuning({ model, cc, fallback }, terminal) : undefined;
  const meaning = { ...calibrated, ...(edges === undefined ? {} : { edges }) };
  const session = await compileFile(options.model, options, {
    ...meaning,
    tuner: tuned?.tuner,
    withoutData,
    floats: 'refused',
    emit: {
      singleFile: options.singleFile,
      allowIncbin: true,
      selftest: wanted.selftest,
      trace: options.trace === true,
      profile: options.profile === true,
      ...(options.package === undefined ? {} : { package: options.package, packageInfo: about }),
      ...(bindings === undefined ? {} : { bindings: bindings.typescriptBindings }),
    },
    clock: () => performance.now(),
    ...(options.dumpIr === undefined ? {} : { onPass: dumper(options.dumpIr, dumps) }),
  });
  const taken = budget === undefined ? undefined : await checkBudget(session, budget, options);
  const folder = outputFolder(options.output, session.compiled.program.name.toLowerCase());
  const built = await writeBuild(session, folder, wanted.products, options.cc, [], true);
  const stack = taken?.frames.length ? { bytes: taken.stack, frames: taken.frames } : built.stack;
  tuned?.result()?.keep();
  if (dumps.length > 0) writeDumps(folder, dumps);
  if (options.depfile !== undefined)
    (await import('./depfile.js')).writeDepfile(options.depfile, folder, options.model, session, options.calibrate);
  const extra = {
    gate: budget === undefined || taken === undefined ? undefined : { budget, taken },
    tuned: tuned?.result(),
    stack,
    mixed: mixed && (await toldOf(mixed)),
  };
  const milliseconds = performance.now() - start;
  const { costs } = extra.tuned ?? {};
  if (reports.length > 0)
    await reportFor(options, reports, session, found, costs === undefined ? meaning : { ...meaning, costs });
  const files = [...built.products.values(), ...reports];
  report(session, folder, options.json, milliseconds, files, extra);
  return 0;
}

/** `--trace` and `--profile` leave a function to be defined: in the program it is in host/. */
function checkHooks(
  { trace, profile, calibrate, tune, threads = 1 }: BuildOptions,
  { products: wanted }: Emission,
): void {
  if (trace === true && profile === true)
    throw usage('--trace changes what --profile would measure', 'build twice, into two folders');
  if ((trace === true || profile === true) && wanted.includes('shared'))
    throw usage(
      `--${trace === true ? 'trace' : 'profile'} leaves a function for the program to define; a shared library has none`,
      '--emit exe or lib',
    );
  if ((trace === true || profile === true) && threads > 1)
    throw usage('--trace and --profile look at one thread, which runs the steps in order', 'leave out --threads');
  if (trace === true && tune === true)
    throw usage('--trace compares with the steps that any machine chooses, not with tuned ones', 'leave out --tune');
  if (trace === true && calibrate !== undefined)
    throw usage(
      '--trace compares with the model file, and --calibrate makes another model of it',
      'qcc quantize MODEL --calibrate SRC -o INT8.onnx first, then build that with --trace',
    );
}

async function reportFor(
  options: BuildOptions,
  files: readonly string[],
  { source, assets }: Session,
  found: Awaited<ReturnType<typeof calibration>> | undefined,
  meaning: CompileOptions,
): Promise<void> {
  const { reportOn, writeReport } = await import('./report.js');
  const { decodeModel } = await import('../onnx/decode.js');
  const { quantizeModel } = await import('../quantizer.js');
  const { dims = new Map<string, number>() } = compileOptions(options);
  // The same as the compiler made on the way: quantizing is a function of the model and its ranges.
  const made =
    found === undefined
      ? undefined
      : quantizeModel(decodeModel(source.model, source.externalData).model, { ...found, dims, version: '' });
  const quiet = { ...terminal, say: () => {} };
  const { mixedJson } = await import('./mixed.js');
  const report = await reportOn({
    command: 'build',
    model: options.model,
    options,
    cc: options.cc,
    calibrate: options.calibrate,
    made,
    mode: 'static',
    effort: options.Q ?? 1,
    ...(found?.mixed === undefined ? {} : { mixed: mixedJson(found.mixed) }),
    compile: (extra) => compileFile(options.model, options, { ...meaning, ...extra }, quiet),
  });
  writeReport(files, report, assets.templates);
}

/** `--calibrate SRC|FILE.qstats`: the float model is quantized on the way, as `qcc quantize` does it. */
async function calibration(options: BuildOptions, from: string, target: Target) {
  const { calibrated } = await import('./calibrated.js');
  const { mixedNotes } = await import('./mixed.js');
  const source = await readModel(options.model);
  const { integerOnly, portable } = options;
  const chosen = { effort: options.Q ?? 1, integerOnly, portable, exact: 'auto', for: undefined } as const;
  const planned = quantizationFor(chosen, target);
  const quantization = { ...planned, integerOutputs: planned.integerOnly || options.io === 'int8' };
  const { dims = new Map<string, number>() } = compileOptions(options);
  const found = await calibrated(effortOf(options), from, source, quantization, target, { dims, version: '' });
  if (found.mixed !== undefined) await show(mixedNotes(found.mixed), options.model, terminal);
  return found;
}

async function toldOf(mixed: Mixed): Promise<{ readonly json: ReportMixed; readonly text: string }> {
  const { mixedJson, mixedText } = await import('./mixed.js');
  const json = mixedJson(mixed);
  return { json, text: mixedText(json) };
}

/** The options as the quantizer's commands share them. */
function effortOf(options: BuildOptions) {
  const { Q: effort = 1, mode = 'auto', maxDrop } = options;
  return { ...options, effort, mode, maxDrop, for: undefined };
}

/** `--dump-ir all|changed|PASS`. */
async function checkDump(which: string | undefined): Promise<void> {
  if (which === undefined) return;
  const { graphPasses } = await import('../pipeline.js');
  const known = ['all', 'changed', 'import', ...new Set(graphPasses.map((p) => p.name))];
  if (!known.includes(which)) throw usage(`--dump-ir ${which}: no such pass`, `known: ${known.join(', ')}`);
}

function dumper(which: string, dumps: { name: string; text: string }[]) {
  return (index: number, name: string, graph: Parameters<typeof printGraph>[0], changed: boolean): void => {
    if (which !== 'all' && !(which === 'changed' && changed) && which !== name) return;
    const constants = which === name ? 'full' : 'elided';
    dumps.push({ name: `${String(index + 1).padStart(2, '0')}-${name}.qir`, text: printGraph(graph, { constants }) });
  };
}

function writeDumps(folder: string, dumps: readonly { name: string; text: string }[]): void {
  const dir = join(folder, 'ir');
  mkdirSync(dir, { recursive: true });
  for (const dump of dumps) writeFileSync(join(dir, dump.name), dump.text);
}

interface Extra {
  readonly gate: { readonly budget: Budget; readonly taken: Footprint } | undefined;
  readonly tuned: Tuned | undefined;
  readonly stack: RunStack | undefined;
  /** Of -Q2. */
  readonly mixed: { readonly json: ReportMixed; readonly text: string } | undefined;
}

function report(
  session: Session,
  folder: string,
  json: boolean,
  milliseconds: number,
  files: readonly string[],
  { gate, tuned, stack, mixed }: Extra,
): void {
  const { compiled, target } = session;
  const facts = factsOf(compiled);
  const steps = stepsOf(compiled.program.body);
  if (json) {
    terminal.out(
      JSON.stringify({
        model: compiled.program.name,
        target: target.name,
        folder,
        files,
        steps: steps.length,
        macs: facts.macs,
        weights_bytes: facts.weightsBytes,
        float_weights_bytes: facts.floatWeightsBytes,
        traffic_bytes: facts.trafficBytes,
        float_traffic_bytes: facts.floatTrafficBytes,
        arena_bytes: compiled.program.arenaBytes,
        arena_lower_bound: compiled.program.arenaLowerBound,
        ...(gate === undefined ? {} : { flash_bytes: gate.taken.flash, ram_bytes: gate.taken.ram }),
        ...(gate !== undefined || stack !== undefined ? { stack_bytes: stack?.bytes ?? gate?.taken.stack } : {}),
        ...(stack === undefined ? {} : { stack: stack.frames }),
        ...(mixed === undefined ? {} : { mixed: mixed.json }),
        ...(tuned === undefined
          ? {}
          : {
              tuned: {
                cache: tuned.file ?? null,
                changed_steps: tuned.gain.changed,
                estimated_ns: tuned.gain.estimatedNs,
                tuned_ns: tuned.gain.tunedNs,
              },
            }),
        build_ms: Math.round(milliseconds),
      }),
    );
    return;
  }
  const { arenaBytes, arenaLowerBound } = compiled.program;
  const rows = [
    [
      'model',
      `${compiled.program.name}, ${steps.length} ${steps.length === 1 ? 'step' : 'steps'}, ${humanCount(facts.macs)} MAC`,
    ],
    ['target', target.name],
    [
      'weights',
      `${humanBytes(facts.weightsBytes)}${smaller(facts.weightsBytes, facts.floatWeightsBytes, 'smaller than float')}`,
    ],
    [
      'traffic',
      `${humanBytes(facts.trafficBytes)} per run${smaller(facts.trafficBytes, facts.floatTrafficBytes, 'less than float')}`,
    ],
    [
      'arena',
      `${humanBytes(arenaBytes)}${arenaBytes === arenaLowerBound ? ', proved optimal for this order' : `, lower bound ${humanBytes(arenaLowerBound)}`}`,
    ],
    ...compiled.program.regions.map((r) => [r.name, `${humanBytes(r.bytes)} of ${humanBytes(r.size)}`]),
    ...(gate === undefined ? [] : footprintRows(gate.taken, gate.budget)),
    ...(stack === undefined ? [] : [['stack', stackText(stack, stackBytesOn(target))]]),
    ...(mixed === undefined ? [] : [['mixed', mixed.text]]),
    ...(tuned === undefined
      ? []
      : [['tuned', gainText(tuned.gain)], ...(tuned.file === undefined ? [] : [['times', tuned.file]])]),
    ['folder', folder],
    ...files.map((file) => ['wrote', file]),
    ['time', `${(milliseconds / 1000).toFixed(1)} s`],
  ];
  showRows(rows);
}

/** The run first, then the two largest of the functions that are not inlined. */
function stackText({ bytes, frames }: RunStack, bound: number): string {
  const isBeyond =
    bytes > bound ? `, more than the ${bound} that the header promises: compiled without optimization?` : '';
  const largest = frames.slice(0, 3).map((f) => `${f.function} ${f.bytes}`);
  return `${humanBytes(bytes)} at most in a run${isBeyond}: ${largest.join(', ')}`;
}

function smaller(bytes: number, float: number, words: string): string {
  return bytes > 0 && float > bytes * 1.05 ? `, ${(float / bytes).toFixed(1)}x ${words}` : '';
}
