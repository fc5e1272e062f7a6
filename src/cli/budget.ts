/**
 * `--budget flash=..,ram=..`: exit code 3 where a model does not fit, with what is largest and what would help. Flash is
 * measured where the target's compiler is there, else estimated and called so.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CompileOptions } from '../compiler.js';
import { type Diagnostic, error, QccError } from '../diagnostics/diagnostic.js';
import { peakOfArena } from '../program/peak.js';
import { type ConstantBuffer, type PlacedProgram, type Step, stepsOf } from '../program/program.js';
import { stackBytesOn } from '../target/flags.js';
import { temporaryFolder } from '../toolchain/process.js';
import { loadedBytes } from '../toolchain/sections.js';
import type { Frame } from '../toolchain/stack.js';
import { humanBytes } from './facts.js';
import { type CompiledFile, type ModelOptions, type Session, usage } from './session.js';
import { parseSizes } from './size-text.js';

export interface Budget {
  readonly flash: number | undefined;
  readonly ram: number | undefined;
}

export function parseBudget(text: string): Budget {
  const sizes = parseSizes('--budget', text, 'flash=128K,ram=32K');
  for (const name of sizes.keys())
    if (name !== 'flash' && name !== 'ram') throw usage(`--budget ${text}: "${name}" is neither flash nor ram`);
  return { flash: sizes.get('flash'), ram: sizes.get('ram') };
}

/** What one model takes of a device. */
export interface Footprint {
  /** Code and constants. */
  readonly flash: number;
  readonly isFlashMeasured: boolean;
  readonly code: number;
  readonly weights: number;
  readonly ram: number;
  readonly arena: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly stack: number;
  readonly isStackMeasured: boolean;
  /** Of functions, largest first; empty where no compiler has looked. */
  readonly frames: readonly Frame[];
}

/** Code of one kernel instance, and of the run itself: medians over our own models, for machines without a compiler. */
const INSTANCE_CODE = 1100;
const RUN_CODE = 600;

export async function footprint(session: Session, cc: string | undefined): Promise<Footprint> {
  const { program, emitted } = session.compiled;
  const measured = await compiledSizes(session, cc);
  const weights = emitted.weightsBytes;
  const instances = new Set(stepsOf(program.body).map((s) => `${s.kernel.symbol} ${JSON.stringify(s.params)}`)).size;
  const flash = measured?.flash ?? weights + RUN_CODE + instances * INSTANCE_CODE;
  // What lies in the arena is counted there.
  const sum = (list: PlacedProgram['inputs']) =>
    list.reduce((total, b) => total + (b.home === undefined ? b.bytes : 0), 0);
  const [inputs, outputs] = [sum(program.inputs), sum(program.outputs)];
  const stack = measured?.stack?.bytes ?? stackBytesOn(session.target);
  return {
    flash,
    isFlashMeasured: measured?.flash !== undefined,
    code: Math.max(0, flash - weights),
    weights,
    ram: program.arenaBytes + inputs + outputs + stack,
    arena: program.arenaBytes,
    inputs,
    outputs,
    stack,
    isStackMeasured: measured?.stack !== undefined,
    frames: measured?.stack?.frames ?? [],
  };
}

/** From the compiled library; undefined where no compiler of the target is installed. */
async function compiledSizes(session: Session, cc: string | undefined) {
  const { writeBuild } = await import('./build-folder.js');
  const { folder, remove } = temporaryFolder('qcc-budget-');
  try {
    const built = await writeBuild(session, join(folder, 'build'), ['lib'], cc, [], true);
    const library = built.products.get('lib');
    return {
      flash: library === undefined ? undefined : loadedBytes(readFileSync(library)),
      stack: built.stack,
    };
  } catch (failure) {
    if (failure instanceof QccError && failure.diagnostics.some((d) => d.code === 'Q0501')) return undefined;
    throw failure;
  } finally {
    remove();
  }
}

/** Throws `QccError` with exit code 3 and both problems at once where the model does not fit. */
export async function checkBudget(
  session: CompiledFile,
  budget: Budget,
  options: ModelOptions & { readonly cc: string | undefined; readonly model: string },
): Promise<Footprint> {
  const taken = await footprint(session, options.cc);
  const faults: Diagnostic[] = [];
  if (budget.ram !== undefined && taken.ram > budget.ram) {
    const { ram, arena, inputs, outputs, stack } = taken;
    const parts = `arena ${arena}, inputs ${inputs}, outputs ${outputs}, stack ${stack}${taken.isStackMeasured ? '' : ' (bound)'}`;
    faults.push({
      ...error(
        'Q0620',
        `needs ${ram} bytes of RAM, ${ram - budget.ram} more than the budget of ${budget.ram}: ${parts}`,
        undefined,
        await waysOut(session, options, [{ optimize: 'ram' }], (f) => f.ram, budget.ram),
      ),
      quote: largestOfRam(session.compiled.program, taken),
    });
  }
  if (budget.flash !== undefined && taken.flash > budget.flash) {
    const { flash, weights, code } = taken;
    const how = taken.isFlashMeasured ? '' : ' (estimated: no compiler of the target is installed)';
    faults.push({
      ...error(
        'Q0621',
        `needs ${flash} bytes of flash${how}, ${flash - budget.flash} more than the budget of ${budget.flash}: weights ${weights}, code ${code}`,
        undefined,
        await waysOut(session, options, [{ optimize: 'size' }], (f) => f.flash, budget.flash),
      ),
      quote: largestWeights(session.compiled.program),
    });
  }
  if (faults.length > 0) throw new QccError(faults, 3, options.model);
  return taken;
}

/** The options that need less, and whether that is enough. */
async function waysOut(
  session: CompiledFile,
  options: ModelOptions & { readonly cc: string | undefined; readonly model: string },
  tries: readonly CompileOptions[],
  of: (f: Footprint) => number,
  limit: number,
): Promise<string> {
  const { compile } = await import('../compiler.js');
  const now = of(await footprint(session, options.cc));
  const found: string[] = [];
  for (const change of tries) {
    const { source, target, assets } = session;
    const { onPass: _, ...made } = session.options;
    const compiled = compile(source, target, assets, { ...made, ...change });
    const bytes = of(await footprint({ ...session, compiled }, options.cc));
    if (bytes < now)
      found.push(`--optimize ${change.optimize} needs ${bytes} bytes${bytes <= limit ? ', within the budget' : ''}`);
  }
  return found.length > 0
    ? found.join('; ')
    : 'a smaller model, or a larger device: qcc has no smaller form of this one';
}

/** Which part of the RAM is largest, and what is largest in it. */
function largestOfRam(program: PlacedProgram, taken: Footprint): readonly string[] {
  const parts = [
    { name: 'the arena', bytes: taken.arena, inside: largestOfArena(program) },
    ...[...program.inputs, ...program.outputs].map((b) => ({
      name: `${b.role} "${b.name}"`,
      bytes: b.home === undefined ? b.bytes : 0,
      inside: [],
    })),
    {
      name: 'the stack',
      bytes: taken.stack,
      inside: taken.frames.slice(0, 4).map((f) => `${String(f.bytes).padStart(9)} bytes  a call of ${f.function}`),
    },
  ].sort((a, b) => b.bytes - a.bytes);
  const [largest] = parts;
  return [`largest is ${largest.name}: ${largest.bytes} of ${taken.ram} bytes`, ...largest.inside];
}

function largestOfArena(program: PlacedProgram): readonly string[] {
  const peak = peakOfArena(program);
  if (peak === undefined) return [];
  const steps = stepsOf(program.body);
  const io = [...program.inputs, ...program.outputs];
  const { op, origin } = steps[peak.step];
  return [
    `the arena is fullest in step ${peak.step}, ${op} from ${names(origin.names)}:`,
    ...peak.live.slice(0, 6).map((buffer) => {
      const writer = steps.findIndex((s) => s.args.some((a) => a.access === 'write' && a.view?.buffer === buffer));
      const what =
        buffer.role === 'scratch'
          ? 'scratch'
          : buffer.caller !== undefined
            ? `${buffer.caller} "${io.find((b) => b.home === buffer)?.name}"`
            : `result of step ${writer}, ${steps[writer]?.op} from ${names(steps[writer]?.origin.names ?? [])}`;
      return `${String(buffer.bytes).padStart(9)} bytes  ${what}`;
    }),
  ];
}

function largestWeights(program: PlacedProgram): readonly string[] {
  const seen = new Set<ConstantBuffer>();
  const rows = stepsOf(program.body).map((step: Step, index) => {
    let bytes = 0;
    for (const { view } of step.args) {
      if (view?.buffer.role !== 'constant' || seen.has(view.buffer)) continue;
      seen.add(view.buffer);
      bytes += program.constants.get(view.buffer)?.bytes.length ?? 0;
    }
    return { bytes, text: `step ${index}, ${step.op} from ${names(step.origin.names)}` };
  });
  const largest = rows.filter((r) => r.bytes > 0).sort((a, b) => b.bytes - a.bytes);
  return ['largest weights:', ...largest.slice(0, 5).map((r) => `${String(r.bytes).padStart(9)} bytes  ${r.text}`)];
}

/** Exporters join the names of all they fused: the last one is the node itself. */
function names(list: readonly string[]): string {
  const short = list.map((n) => (n.length > 60 ? `...${n.slice(-57)}` : n));
  return short.map((n) => `"${n}"`).join(', ');
}

/** For the table of `qcc build`. */
export function footprintRows(f: Footprint, budget: Budget): readonly (readonly [string, string])[] {
  const of = (limit: number | undefined) => (limit === undefined ? '' : ` of ${humanBytes(limit)}`);
  return [
    [
      'flash',
      `${humanBytes(f.flash)}${of(budget.flash)}${f.isFlashMeasured ? '' : ', estimated'}: weights ${humanBytes(f.weights)}, code ${humanBytes(f.code)}`,
    ],
    [
      'ram',
      `${humanBytes(f.ram)}${of(budget.ram)}: arena ${humanBytes(f.arena)}, inputs and outputs ${humanBytes(f.inputs + f.outputs)}, stack ${humanBytes(f.stack)}`,
    ],
  ];
}
