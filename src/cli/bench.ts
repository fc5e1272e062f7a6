/**
 * `qcc bench`: times a model and each of its steps, against ONNX Runtime if asked; for an emulated target it counts
 * instructions instead. Exit code 3 for a regression against a baseline.
 */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { type Diagnostic, error, note, QccError } from '../diagnostics/diagnostic.js';
import { tensorNpy } from '../npy.js';
import { bufferBytes, callsOf, stepsOf } from '../program/program.js';
import { currentHost, runsNatively } from '../target/host.js';
import { ObjectStore } from '../toolchain/objects.js';
import { onOneCpu } from '../toolchain/pin.js';
import { temporaryFolder } from '../toolchain/process.js';
import { runProgram } from '../toolchain/run.js';
import { loadedBytes } from '../toolchain/sections.js';
import { checkComparable, parseBaseline, parseShare, readBaseline, regression } from './baseline.js';
import { executableOf, writeBuild } from './build-folder.js';
import type { DriveOptions } from './drive.js';
import { toModel } from './edge-values.js';
import { factsOf, humanBytes, humanCount, threadsText } from './facts.js';
import { ortPeers } from './peers.js';
import { countSteps, profileSteps, type StepCost } from './profile.js';
import { showLines } from './result-lines.js';
import { progress, type Sample, seededSamples } from './samples.js';
import { compileFile, type Session, show, terminal, usage } from './session.js';
import { ortStartup, programStartup, type Startup } from './startup.js';
import { interleaved, parseTimes, type Rival, type Times } from './timing.js';

export interface BenchOptions extends DriveOptions {
  readonly against: 'onnxruntime' | undefined;
  readonly baseline: string | undefined;
  readonly maxRegression: string | undefined;
  readonly seconds: number;
  readonly tune?: boolean;
  readonly json: boolean;
}

const DEFAULT_REGRESSION = '5%';

export async function bench(given: BenchOptions): Promise<number> {
  let options = given;
  if (options.maxRegression !== undefined && options.baseline === undefined)
    throw usage('--max-regression needs --baseline FILE.json');
  if (!(options.seconds > 0)) throw usage(`--seconds ${options.seconds}: it is a number above 0`);
  const allowed = parseShare('--max-regression', options.maxRegression ?? DEFAULT_REGRESSION);
  const before = options.baseline === undefined ? undefined : readBaseline(options.baseline);
  const { model, cc } = options;
  const tuned =
    options.tune === true
      ? (await import('./tune.js')).tuning({ model, cc, fallback: undefined }, terminal)
      : undefined;
  const session = await compileFile(options.model, options, { tuner: tuned?.tuner, floats: 'told' });
  const costs = tuned?.result()?.costs;
  if (costs !== undefined) options = { ...options, costs };
  const isNative = runsNatively(session.target, currentHost());
  if (!isNative && options.against !== undefined)
    throw usage(
      `--against ${options.against}: target "${session.target.name}" is emulated here, and times of an emulator mean nothing`,
      'leave --against out: instructions are counted instead',
    );
  if (!isNative && (options.threads ?? 1) > 1)
    throw usage(
      `--threads: target "${session.target.name}" is emulated here, and instructions are those of one thread`,
      'leave --threads out',
    );
  const unit = isNative ? 'min_us' : 'instructions';
  if (before !== undefined)
    checkComparable(
      { model: session.compiled.program.name, target: session.target.name, threads: threadsOf(session), unit },
      before,
    );
  const { folder, remove } = temporaryFolder('qcc-bench-');
  options = { ...options, objects: new ObjectStore(join(folder, 'objects')) };
  try {
    progress(`compiling for ${session.target.name}`);
    const [sample] = seededSamples(session.compiled.graph, 1);
    const sizes = await buildSizes(session, folder, options);
    const measured = isNative
      ? await timed(session, sizes.executable, folder, sample, options)
      : await counted(session, sample, options);
    const answer = {
      model: session.compiled.program.name,
      target: session.target.name,
      threads: threadsOf(session),
      ...measured.json,
    };
    const result = { ...answer, ...sizes.json, steps: stepsJson(session, measured) };
    await show(measured.notes, undefined, terminal);
    if (options.json) terminal.out(JSON.stringify(result));
    else showLines(report(session, measured, sizes.json, options.threads ?? 1));
    const now = parseBaseline(result);
    const fault = before === undefined || now === undefined ? undefined : regression(now, before, allowed);
    if (fault !== undefined) throw new QccError([fault], 3);
    return 0;
  } finally {
    remove();
  }
}

interface Sizes {
  readonly executable: string;
  readonly json: {
    readonly binary_bytes: number;
    /** Null where the target's object files are not ELF. */
    readonly flash_bytes: number | null;
    readonly weights_bytes: number;
    readonly arena_bytes: number;
    readonly arena_lower_bound: number;
    readonly scratch_bytes: number;
    /** Of the deepest run; null where the compiler does not say. */
    readonly stack_bytes: number | null;
  };
}

async function buildSizes(session: Session, folder: string, { cc, objects }: DriveOptions): Promise<Sizes> {
  const built = await writeBuild(session, join(folder, 'build'), ['exe', 'lib'], cc, [], true, objects);
  const executable = executableOf(built);
  const library = built.products.get('lib');
  const { program, emitted } = session.compiled;
  const scratch = stepsOf(program.body).flatMap((s) =>
    s.args.flatMap((a) => (a.access === 'scratch' && a.view !== undefined ? [bufferBytes(a.view.buffer)] : [])),
  );
  return {
    executable,
    json: {
      binary_bytes: statSync(executable).size,
      flash_bytes: library === undefined ? null : (loadedBytes(readFileSync(library)) ?? null),
      weights_bytes: emitted.weightsBytes,
      arena_bytes: program.arenaBytes,
      arena_lower_bound: program.arenaLowerBound,
      scratch_bytes: Math.max(0, ...scratch),
      stack_bytes: built.stack?.bytes ?? null,
    },
  };
}

interface PeerTimes extends Times {
  readonly name: 'onnxruntime';
  readonly variant: string;
  readonly version: string;
  /** Of the medians, and of the smallest times: those are what a loaded machine leaves of a comparison. */
  readonly ratio: number;
  readonly min_ratio: number;
  readonly startup_us?: number;
  readonly rss_bytes?: number;
}

interface Measured {
  readonly json: {
    readonly qcc: (Times & Partial<Startup>) | { readonly instructions: number } | Record<string, never>;
    readonly peers: readonly PeerTimes[];
    readonly call_overhead_us?: number;
    /** Why a rival is not there. */
    readonly not_timed?: readonly string[];
    /** The CPU that everything was timed on. */
    readonly cpu?: number;
    /** Processes that wanted a CPU, on average over the last 5 minutes. */
    readonly load?: number;
    /** What each scheme could do, in 10^9 multiply-accumulates a second. */
    readonly peaks?: Readonly<Record<string, number>>;
  };
  readonly steps: readonly (StepCost | { readonly instructions: number })[];
  readonly notes: readonly Diagnostic[];
}

async function timed(
  session: Session,
  executable: string,
  folder: string,
  sample: Sample,
  options: BenchOptions,
): Promise<Measured> {
  const inputs = inputFiles(session, folder, sample);
  // Before qcc's own work is in it: the compiler has just run, so of the last 5 minutes.
  const [, load] = loadavg();
  const asked = toModel(session.compiled, sample);
  const own = ownRival(session, executable, inputs);
  const peers =
    options.against === undefined
      ? undefined
      : await ortPeers(options.model, session.source.model, session.compiled.model, asked, options.threads ?? 1);
  const rivals = peers === undefined ? [own] : [own, peers.idle, ...peers.peers];
  const [cpu, [qcc, idle, ...others], start, peerStart] = await onOneCpu(options.threads ?? 1, async (on) => {
    const times = await interleaved(rivals, options.seconds, (round, of) => progress(`round ${round} of ${of}`));
    progress('timing the start');
    const first = peers?.peers.at(0);
    const mode = first?.mode === 'exact' ? 'exact' : 'default';
    return [
      on,
      times,
      await programStartup(session, [executable, ...inputs], folder, options.cc),
      first && (await ortStartup(first.file, mode, session.compiled.model, asked, folder)),
    ] as const;
  });
  progress('timing the steps');
  const { steps, peaks } = await profileSteps(options, sample, qcc.min_us);
  await peers?.release();
  // ONNX Runtime is not charged for the way from JavaScript and back: what an empty call takes is subtracted.
  const net = (us: number, call: number) => Math.max(0, round(us - call));
  const peerTimes = (peers?.peers ?? []).map(({ variant }, i): PeerTimes => {
    const [t, version] = [others[i], peers?.version ?? ''];
    const median_us = net(t.median_us, idle.median_us);
    // On a busy machine the median of an empty call may be further above its smallest time than that of a run.
    const min_us = Math.min(net(t.min_us, idle.min_us), median_us);
    const over = (us: number, own: number) => Number((us / own).toPrecision(4));
    return {
      ...{ name: 'onnxruntime', variant, version },
      ...{ min_us, median_us, ratio: over(median_us, qcc.median_us), min_ratio: over(min_us, qcc.min_us) },
      p99_us: net(t.p99_us, idle.median_us),
      ...(i === 0 ? peerStart : {}),
    };
  });
  const overhead = peers === undefined ? {} : { call_overhead_us: round(idle.median_us) };
  const where = cpu === undefined ? {} : { cpu };
  const notes = peers?.notes ?? [];
  const missing = notes.length === 0 ? {} : { not_timed: notes.map(({ message }) => message) };
  const about = { ...overhead, ...missing, ...where, load: round(load), peaks: Object.fromEntries(peaks) };
  const own_us = { min_us: round(qcc.min_us), median_us: round(qcc.median_us), p99_us: round(qcc.p99_us) };
  return { json: { qcc: { ...own_us, ...start }, peers: peerTimes, ...about }, steps, notes };
}

/** Arguments of the built program that make it read the sample. */
function inputFiles(session: Session, folder: string, sample: Sample): readonly string[] {
  return session.compiled.program.inputs.flatMap(({ name }, i) => {
    const file = join(folder, `input${i}.npy`);
    writeFileSync(file, tensorNpy(sample[i]));
    return ['--input', `${name}=${file}`];
  });
}

function ownRival(session: Session, executable: string, inputs: readonly string[]): Rival {
  const environment = { env: process.env, host: currentHost() };
  return {
    async measure(runs) {
      const args = [...inputs, '--bench', String(runs)];
      const { exitCode, stdout, stderr } = await runProgram(executable, args, session.target, environment);
      if (exitCode !== 0) throw new QccError([error('Q0507', `the program failed: ${stderr.trim()}`)], 4);
      return parseTimes(JSON.parse(stdout));
    },
  };
}

async function counted(session: Session, sample: Sample, options: BenchOptions): Promise<Measured> {
  const counts = await countSteps(options, sample);
  if (counts.ok) {
    const steps = counts.steps.map((instructions) => ({ instructions }));
    return { json: { qcc: { instructions: counts.total }, peers: [] }, steps, notes: [] };
  }
  const absent = note('Q0613', `no instructions of target "${session.target.name}": ${counts.why}`);
  return { json: { qcc: {}, peers: [] }, steps: [], notes: [absent] };
}

function stepsJson(session: Session, measured: Measured) {
  return callsOf(session.compiled.program.body).map(({ step, times }, index) => {
    const macs = Math.round(step.macs * times);
    const loop = times === 1 ? {} : { times };
    const about = { index, origin: step.origin.names, op: step.op, kernel: step.kernel.symbol, macs, ...loop };
    const cost = measured.steps[index];
    if (cost === undefined) return about;
    if ('instructions' in cost) return { ...about, instructions: cost.instructions };
    const share = cost.peakShare === undefined ? null : Number(cost.peakShare.toFixed(4));
    const gmacs = cost.gmacs === undefined ? null : Number(cost.gmacs.toFixed(3));
    const scheme = cost.scheme === undefined ? {} : { scheme: cost.scheme };
    return { ...about, min_us: round(cost.minUs), gmacs, peak_share: share, ...scheme };
  });
}

function round(us: number): number {
  return Number(us.toFixed(3));
}

/** Threads of a run: fewer than asked for where the model is too small. */
function threadsOf({ compiled }: Session): number {
  return compiled.program.parts?.most ?? 1;
}

/** What the shares of the steps are shares of. */
function peakLines({ json, steps }: Measured): readonly string[] {
  const used = new Set(steps.flatMap((s) => ('scheme' in s && s.scheme !== undefined ? [s.scheme] : [])));
  const peaks = Object.entries(json.peaks ?? {}).filter(([scheme]) => used.has(scheme));
  const on = json.cpu === undefined ? '' : `, CPU ${json.cpu}`;
  return peaks.length === 0
    ? []
    : [
        `peak         measured beside the steps${on}: ${peaks.map(([s, g]) => `${s} ${g.toFixed(1)} GMAC/s`).join(', ')}`,
      ];
}

/** Where others are at work too. */
function loadLines({ json: { load = 0 } }: Measured): readonly string[] {
  const count = cpus().length;
  if (load <= count) return [];
  const text = `${load.toFixed(1)} processes for ${count} CPU${count === 1 ? '' : 's'}`;
  return [`load         ${text}: medians hold other programs' time; compare the smallest times, or measure again`];
}

/** With two digits at least: `0.25`, `2.6`, `2603.1`. */
function microseconds(us: number): string {
  return us.toFixed(us < 1 ? 2 : 1);
}

function report(session: Session, measured: Measured, sizes: Sizes['json'], threads: number): readonly string[] {
  const { program } = session.compiled;
  const { qcc, peers } = measured.json;
  const { macs } = factsOf(session.compiled);
  const lines = [
    `model        ${program.name} for ${session.target.name}, ${threadsText(threadsOf(session))}, ${humanCount(macs)} MAC`,
  ];
  if ('min_us' in qcc) {
    const speed = `${(macs / qcc.min_us / 1e3).toFixed(1)} GMAC/s`;
    lines.push(
      `qcc          median ${microseconds(qcc.median_us)} us, min ${microseconds(qcc.min_us)}, p99 ${microseconds(qcc.p99_us)}; ${speed}`,
    );
  }
  if ('startup_us' in qcc && qcc.startup_us !== undefined)
    lines.push(
      `start        ${(qcc.startup_us / 1e3).toFixed(2)} ms from the start of the process to its end with one answer; ${humanBytes(qcc.rss_bytes ?? 0)} resident at most`,
    );
  if ('instructions' in qcc) lines.push(`qcc          ${qcc.instructions} instructions, the same on every machine`);
  for (const peer of peers)
    lines.push(
      `${'onnxruntime'.padEnd(13)}median ${microseconds(peer.median_us)} us: ${peer.ratio.toFixed(2)}x qcc's (smallest times ${peer.min_ratio.toFixed(2)}x), ${peer.variant} (${peer.version}, ${threadsText(threads)}, empty call subtracted)`,
    );
  const [first] = peers;
  if (first?.startup_us !== undefined)
    lines.push(
      `             onnxruntime, ${first.variant}: ${(first.startup_us / 1e3).toFixed(0)} ms from loading the library to the first answer; adds ${humanBytes(first.rss_bytes ?? 0)}`,
    );
  lines.push(
    `binary       ${humanBytes(sizes.binary_bytes)}, of it the model ${sizes.flash_bytes === null ? '?' : humanBytes(sizes.flash_bytes)} (weights ${humanBytes(sizes.weights_bytes)})`,
    `arena        ${humanBytes(sizes.arena_bytes)}, scratch in it at most ${humanBytes(sizes.scratch_bytes)}`,
    ...peakLines(measured),
    ...loadLines(measured),
    '',
  );
  const steps = stepsJson(session, measured);
  const width = Math.max(16, ...steps.map(({ op }) => op.length));
  const rows = steps.map((s) => {
    const cost =
      'min_us' in s
        ? `${microseconds(s.min_us).padStart(9)} us ${s.gmacs === null ? '' : `${s.gmacs.toFixed(1)} GMAC/s`}${s.peak_share === null ? '' : `, ${(100 * s.peak_share).toFixed(0)} % of peak`}`
        : 'instructions' in s
          ? `${String(s.instructions).padStart(12)} instructions`
          : '';
    return `${String(s.index).padStart(4)} ${s.op.padEnd(width)} ${cost.padEnd(44)} ${s.kernel}`;
  });
  return [...lines, ...rows];
}
