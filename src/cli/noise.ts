/**
 * Runs samples through a probe (`analysis/probe.ts`): how much noise quantization adds, layer by layer. Invariant: numbers
 * depend on the samples alone, not on processes; sums go over samples in their order.
 */
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Layer } from '../analysis/layers.js';
import { type ProbeInput, probeOf } from '../analysis/probe.js';
import { loadAssets } from '../assets.js';
import { compileGraph } from '../compiler.js';
import type { Graph } from '../ir/graph.js';
import { f32Data, type Tensor } from '../ir/type.js';
import { top1 } from './compare.js';
import { type Driver, driverEmission, driverOf, driverRuns } from './drive.js';
import type { Sample } from './samples.js';
import { chooseTarget } from './session.js';

/** Signal-to-noise ratios in decibels; undefined where nothing was measured. */
export interface LayerNoise {
  readonly cumulative: number | undefined;
  readonly alone: number | undefined;
}

export interface Noise {
  readonly samples: number;
  readonly layers: ReadonlyMap<Layer, LayerNoise>;
  /** Of each output of the model. */
  readonly outputs: readonly { readonly name: string; readonly sqnr: number | undefined }[];
  /** Share of samples whose first output has its largest value where the float model has it; undefined for other outputs. */
  readonly top1Agree: number | undefined;
}

/** Stands for "no noise at all" in what is written. */
export const NO_NOISE = 200;

export async function measureNoise(
  input: ProbeInput,
  samples: readonly Sample[],
  cc: string | undefined,
): Promise<Noise> {
  const { graph, places } = probeOf(input);
  const answers = await runGraph(graph, samples, cc);
  const hasEnergies = places.size > 0;
  const sums = new Float64Array(hasEnergies ? f32Data(answers[0][0]).length : 0);
  const outputs = input.float.outputs.map(({ name }) => ({ name, signal: 0, noise: 0 }));
  const agreed: boolean[] = [];
  for (const answer of answers) {
    if (hasEnergies) for (const [i, x] of f32Data(answer[0]).entries()) sums[i] += x;
    for (const [i, sum] of outputs.entries()) {
      const at = (hasEnergies ? 1 : 0) + 2 * i;
      addOutput(sum, answer[at], answer[at + 1]);
      if (i === 0) agreed.push(top1(answer[at]) === top1(answer[at + 1]));
    }
  }
  const layers = new Map<Layer, LayerNoise>();
  for (const [layer, { signal, cumulative, alone }] of places)
    layers.set(layer, {
      cumulative: decibels(sums[signal], sums[cumulative]),
      alone: alone === undefined ? undefined : decibels(sums[signal], sums[alone]),
    });
  const isVector = answers.length > 0 && top1(answers[0][hasEnergies ? 1 : 0]) !== undefined;
  return {
    samples: answers.length,
    layers,
    outputs: outputs.map(({ name, signal, noise }) => ({ name, sqnr: decibels(signal, noise) })),
    top1Agree: isVector ? agreed.filter((a) => a).length / agreed.length : undefined,
  };
}

function addOutput(sum: { signal: number; noise: number }, float: Tensor, quantized: Tensor): void {
  for (let i = 0; i < float.data.length; i++) {
    const [want, got] = [Number(float.data[i]), Number(quantized.data[i])];
    sum.signal += want * want;
    sum.noise += (got - want) ** 2;
  }
}

/** Undefined without a signal. */
export function decibels(signal: number, noise: number): number | undefined {
  if (!(signal > 0) || !Number.isFinite(signal) || !Number.isFinite(noise)) return undefined;
  return noise === 0 ? NO_NOISE : Math.min(NO_NOISE, 10 * Math.log10(signal / noise));
}

/** Outputs of a graph for each sample, compiled for this machine, in as many processes as it has cores. */
async function runGraph(
  graph: Graph,
  samples: readonly Sample[],
  cc: string | undefined,
): Promise<readonly (readonly Tensor[])[]> {
  const driver = await graphDriver(graph, cc);
  try {
    return await runApart(driver, samples);
  } finally {
    driver.remove();
  }
}

export async function graphDriver(graph: Graph, cc: string | undefined): Promise<Driver> {
  const assets = loadAssets();
  const target = await chooseTarget(undefined);
  const compiled = compileGraph(graph, target, assets, { emit: driverEmission(false) });
  const source = { model: new Uint8Array(), fileName: graph.name };
  return driverOf({ source, target, assets, compiled }, false, cc);
}

/** The answers in the order of the samples. */
export async function runApart(driver: Driver, samples: readonly Sample[]): Promise<readonly (readonly Tensor[])[]> {
  const types = driver.session.compiled.program.outputs.map((o) => o.type);
  const { target } = driver.session;
  const size = Math.max(1, Math.ceil(samples.length / availableParallelism()));
  const parts = Array.from({ length: Math.ceil(samples.length / size) }, (_, i) =>
    samples.slice(i * size, (i + 1) * size),
  );
  const runs = parts.map((part, i) => {
    const folder = join(driver.folder, `part-${i}`);
    mkdirSync(folder, { recursive: true });
    return driverRuns({ executable: driver.executable, folder, target }, types, part);
  });
  return (await Promise.all(runs)).flat();
}
