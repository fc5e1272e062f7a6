/** Numbers about a compiled model that several commands report. */
import type { Compiled } from '../compiler.js';
import { elements, type TensorType } from '../ir/type.js';
import { numpyNames } from '../npy.js';
import { bufferBytes, callsOf, type Step } from '../program/program.js';

export interface ModelFacts {
  readonly macs: number;
  readonly weightsBytes: number;
  /** The same weights in float32. */
  readonly floatWeightsBytes: number;
  /** Bytes that steps read and write per run: activations and weights. */
  readonly trafficBytes: number;
  readonly floatTrafficBytes: number;
}

/** Of one step in all its calls of a run, in bytes; `float`: what a float program would have and move in its place. */
export interface StepBytes {
  readonly constants: number;
  readonly traffic: number;
  readonly floatConstants: number;
  readonly floatTraffic: number;
}

export function bytesOfStep(program: Compiled['program'], step: Step, times: number): StepBytes {
  const share = shareOf(step, times);
  const sum = { constants: 0, traffic: 0, floatConstants: 0, floatTraffic: 0 };
  for (const arg of step.args) {
    const buffer = arg.view?.buffer;
    if (buffer === undefined || buffer.role === 'scratch') continue;
    if (buffer.role === 'constant') {
      const stored = program.constants.get(buffer)?.bytes.length ?? 0;
      const floats = arg.name === 'w' || arg.name === 'bias' ? elements(buffer.tensor.type.shape) * 4 : 0;
      sum.constants += stored;
      sum.floatConstants += floats;
      sum.traffic += stored * share;
      sum.floatTraffic += floats * share;
      continue;
    }
    const isBand = step.band !== undefined || step.op === 'slide';
    const bytes = (isBand ? (arg.view?.bytes ?? 0) : bufferBytes(buffer)) * times;
    sum.traffic += bytes;
    sum.floatTraffic += floatBytes(step.shapes, arg.name, bytes);
  }
  return sum;
}

/** A layer that runs some rows at a time counts as a whole: calls times their share of it. */
function shareOf({ band }: Step, times: number): number {
  return band === undefined ? 1 : (band.rows * times) / band.of;
}

export function factsOf(compiled: Compiled): ModelFacts {
  const { program } = compiled;
  let macs = 0;
  let traffic = 0;
  let floatTraffic = 0;
  let floatWeights = 0;
  for (const { step, times } of callsOf(program.body)) {
    macs += step.macs * times;
    const bytes = bytesOfStep(program, step, times);
    traffic += bytes.traffic;
    floatTraffic += bytes.floatTraffic;
    floatWeights += bytes.floatConstants * shareOf(step, times);
  }
  return {
    macs: Math.round(macs),
    weightsBytes: compiled.emitted.weightsBytes,
    floatWeightsBytes: Math.round(floatWeights),
    trafficBytes: Math.round(traffic),
    floatTrafficBytes: Math.round(floatTraffic),
  };
}

/** A float program moves four bytes for each byte of an 8-bit activation. */
function floatBytes(shapes: string, arg: string, bytes: number): number {
  const ends = shapes.split(' -> ');
  const element = (arg === 'y' ? ends[1] : ends[0])?.slice(0, 2) ?? '';
  return element === 's8' || element === 'u8' ? bytes * 4 : bytes;
}

export function humanBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(2)} MiB`;
}

export function humanCount(count: number): string {
  if (count < 1e4) return String(count);
  if (count < 1e6) return `${(count / 1e3).toFixed(1)} k`;
  if (count < 1e9) return `${(count / 1e6).toFixed(1)} M`;
  return `${(count / 1e9).toFixed(2)} G`;
}

export function threadsText(threads: number): string {
  return `${threads} thread${threads === 1 ? '' : 's'}`;
}

/** NumPy's name of a tensor's stored type. */
export function dtypeName(type: TensorType): string {
  return numpyNames[type.element];
}
