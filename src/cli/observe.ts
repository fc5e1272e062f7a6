/**
 * Runs a float model on samples and gathers what its tensors hold: the `host/calibrate.c` of a build made for that, in as
 * many processes as there are cores. Invariant: what comes out does not depend on how the samples were dealt out.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { error, QccError } from '../diagnostics/diagnostic.js';
import { type WatchedTensor, watchedTensors } from '../emit/watch.js';
import { bytesOf } from '../ir/stored.js';
import { CHANNEL_SIDE_BINS, type Histogram, SIDE_BINS } from '../quant/ranges.js';
import type { ChannelSums, Sums, TensorSums } from '../quant/statistics.js';
import { currentHost } from '../target/host.js';
import { temporaryFolder } from '../toolchain/process.js';
import { runProgram } from '../toolchain/run.js';
import { executableOf, writeBuild } from './build-folder.js';
import type { DriveOptions } from './drive.js';
import type { Sample } from './samples.js';
import { compileFile, type Output, type Session, terminal } from './session.js';

export interface Observer {
  readonly session: Session;
  readonly watched: readonly WatchedTensor[];
  /** Throws QccError Q0808 for the first value that is not finite; `nameOf` says what the user calls a sample. */
  run(samples: readonly Sample[], nameOf: (index: number) => string): Promise<Sums>;
  remove(): void;
}

/** Words of a sum, of 64 bits each; see `host/calibrate.c`. */
const SUM_WORDS = 6;

export async function buildObserver(options: DriveOptions, output: Output = terminal): Promise<Observer> {
  const emit = { singleFile: false, allowIncbin: true, host: 'calibrate', observe: true } as const;
  const session = await compileFile(options.model, options, { emit, asModel: true }, output);
  const { folder, remove } = temporaryFolder('qcc-calibrate-');
  try {
    const executable = executableOf(await writeBuild(session, join(folder, 'build'), ['exe'], options.cc));
    const watched = watchedTensors(session.compiled.program, session.compiled.graph);
    let serial = 0;
    return {
      session,
      watched,
      remove,
      async run(samples, nameOf) {
        const files = ['in', 'out'].map((kind) => join(folder, `${kind}-${serial}`));
        serial++;
        try {
          writeFileSync(files[0], Buffer.concat(samples.flatMap((sample) => sample.map(bytesOf))));
          const answer = await runOnce(executable, files, session);
          if (answer.tensor !== undefined)
            throw new QccError([notFinite(watched[answer.tensor], nameOf(answer.samples), answer.value)]);
          if (answer.samples !== samples.length) throw new Error('the program did not run every sample');
          return readSums(readFileSync(files[1]), watched);
        } finally {
          for (const file of files) rmSync(file, { force: true });
        }
      },
    };
  } catch (failure) {
    remove();
    throw failure;
  }
}

function notFinite(tensor: WatchedTensor, sample: string, value: string) {
  const name = tensor.names.map((n) => `"${n.name}"`).join(', ');
  const isInput = tensor.place.kind === 'input';
  return error(
    'Q0808',
    `${sample}: ${isInput ? 'input' : 'tensor'} ${name} holds ${value === 'nan' ? 'NaN' : 'infinity'}`,
    undefined,
    isInput
      ? 'mend or remove the sample: a range cannot be made of it'
      : 'the model overflows on this sample: look at its preprocessing (--preprocess), or remove the sample',
  );
}

interface Answer {
  readonly samples: number;
  readonly tensor: number | undefined;
  readonly value: string;
}

async function runOnce(executable: string, files: readonly string[], session: Session): Promise<Answer> {
  const environment = { env: process.env, host: currentHost() };
  const result = await runProgram(executable, files, session.target, environment);
  if (result.exitCode !== 0) throw new QccError([error('Q0507', `calibrating failed: ${result.stderr.trim()}`)], 4);
  const answer: unknown = JSON.parse(result.stdout);
  if (typeof answer !== 'object' || answer === null || !('samples' in answer) || typeof answer.samples !== 'number')
    throw new Error('the program printed no answer');
  const tensor = 'tensor' in answer && typeof answer.tensor === 'number' ? answer.tensor : undefined;
  return { samples: answer.samples, tensor, value: 'value' in answer ? String(answer.value) : '' };
}

/** Reads the file `host/calibrate.c` writes. Every name of a tensor gets its sums. */
export function readSums(bytes: Buffer, watched: readonly WatchedTensor[]): Sums {
  let at = 0;
  const take = (count: number): number => {
    const start = at;
    at += count;
    if (at > bytes.length) throw new Error('the sums end early');
    return start;
  };
  const whole = () => Number(bytes.readBigInt64LE(take(8)));
  const floats = (count: number) => {
    const start = take(4 * count);
    return new Float32Array(count).map((_, i) => bytes.readFloatLE(start + 4 * i) + 0);
  };
  const counted = (side: number): { readonly histogram: Histogram; readonly zeros: number } => {
    const [exponent, first, bins, zeros] = [whole(), whole(), whole(), whole()];
    if (first < -side || first + bins > side) throw new Error('a histogram without its bins');
    const counts = new Float64Array(bins);
    const start = take(8 * bins);
    for (let i = 0; i < bins; i++) counts[i] = wholeAt(bytes, start + 8 * i);
    return { histogram: { exponent, first: bins === 0 ? 0 : first, counts }, zeros };
  };
  const sums = new Map<string, TensorSums>();
  for (const tensor of watched) {
    const { histogram, zeros } = counted(SIDE_BINS);
    const [min, max] = [floats(tensor.channels), floats(tensor.channels)];
    const sum = Array.from({ length: tensor.channels }, () => bigSum(bytes, take(8 * SUM_WORDS)));
    const parts = Array.from({ length: tensor.channels > 1 ? tensor.channels : 0 }, () => counted(CHANNEL_SIDE_BINS));
    const each = { zeros: Float64Array.from(parts, (p) => p.zeros), histograms: parts.map((p) => p.histogram) };
    const bounds = { min: min.reduce((a, b) => Math.min(a, b)), max: max.reduce((a, b) => Math.max(a, b)) };
    const base = { count: histogram.counts.reduce((a, b) => a + b, 0), zeros, ...bounds, histogram };
    for (const { name, axis } of tensor.names) {
      const channels: ChannelSums | undefined = axis === undefined ? undefined : { axis, min, max, sum, ...each };
      sums.set(name, { ...base, channels });
    }
  }
  if (at !== bytes.length) throw new Error('the sums do not end where they should');
  return new Map([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A count of 64 bits, below 2^53. */
function wholeAt(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
}

function bigSum(bytes: Buffer, at: number): bigint {
  let sum = bytes.readBigInt64LE(at + 8 * (SUM_WORDS - 1));
  for (let word = SUM_WORDS - 2; word >= 0; word--) sum = (sum << 64n) | bytes.readBigUInt64LE(at + 8 * word);
  return sum;
}
