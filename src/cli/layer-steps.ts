/**
 * What the steps of a program cost, put together by layers of the model. Invariant: every step counts once: in the layer
 * that its first known origin belongs to, or in `rest`.
 */
import { callsOf, type PlacedProgram, type Proof, type Refusal, type Step } from '../program/program.js';
import { bytesOfStep } from './facts.js';

export interface StepSum {
  readonly steps: number;
  readonly macs: number;
  /** By the cost model: what the kernels multiply and what they move. The same on every machine, unlike a time. */
  readonly cycles: number;
  readonly constants: number;
  readonly traffic: number;
  readonly floatConstants: number;
  readonly floatTraffic: number;
  /** Undefined where nothing was timed. */
  readonly us: number | undefined;
  readonly kernels: readonly string[];
  readonly proofs: readonly Proof[];
  readonly refused: readonly Refusal[];
}

export interface LayerSteps {
  readonly sums: ReadonlyMap<number, StepSum>;
  /** Steps of no layer: what converts inputs and outputs. */
  readonly rest: StepSum;
  /** Layers without a step of their own, and the layer whose step computes them. */
  readonly fused: ReadonlyMap<number, number>;
}

/** Between caches and registers, loads and stores together. */
const BYTES_A_CYCLE = 16;

const nothing: StepSum = {
  ...{ steps: 0, macs: 0, cycles: 0, constants: 0, traffic: 0, floatConstants: 0, floatTraffic: 0, us: undefined },
  ...{ kernels: [], proofs: [], refused: [] },
};

/** @param layers index by name of a model node. @param us time of each step, in order. */
export function layerSteps(
  program: PlacedProgram,
  layers: ReadonlyMap<string, number>,
  us: readonly number[] | undefined,
): LayerSteps {
  const sums = new Map<number, StepSum>();
  const mentioned = new Map<number, number>();
  let rest = nothing;
  for (const [i, { step, times }] of callsOf(program.body).entries()) {
    const known = step.origin.names.flatMap((name) => layers.get(name) ?? []);
    const [first] = known;
    if (first === undefined) {
      rest = withStep(rest, program, step, times, us?.[i]);
      continue;
    }
    sums.set(first, withStep(sums.get(first) ?? nothing, program, step, times, us?.[i]));
    for (const other of known) if (!mentioned.has(other)) mentioned.set(other, first);
  }
  return { sums, rest, fused: new Map([...mentioned].filter(([layer]) => !sums.has(layer))) };
}

function withStep(sum: StepSum, program: PlacedProgram, step: Step, times: number, us: number | undefined): StepSum {
  const bytes = bytesOfStep(program, step, times);
  return {
    steps: sum.steps + 1,
    macs: sum.macs + step.macs * times,
    cycles: sum.cycles + (step.macs * times * 10) / step.kernel.rate + bytes.traffic / BYTES_A_CYCLE,
    constants: sum.constants + bytes.constants,
    traffic: sum.traffic + bytes.traffic,
    floatConstants: sum.floatConstants + bytes.floatConstants,
    floatTraffic: sum.floatTraffic + bytes.floatTraffic,
    us: us === undefined ? sum.us : (sum.us ?? 0) + us,
    kernels: [...new Set([...sum.kernels, step.kernel.symbol])],
    proofs: [...sum.proofs, ...step.proofs],
    refused: [...sum.refused, ...step.refused],
  };
}

export interface StepLayer {
  readonly name: string;
  readonly ops: readonly string[];
  readonly isQuantized: boolean;
}

/** Layers of a model that nobody quantized here: one for each name that steps begin with. */
export function layersOfSteps(program: PlacedProgram): readonly StepLayer[] {
  const layers = new Map<string, Step[]>();
  for (const { step } of callsOf(program.body)) {
    const name = step.origin.names[0] ?? step.op;
    layers.set(name, [...(layers.get(name) ?? []), step]);
  }
  return [...layers].map(([name, steps]) => ({
    name,
    ops: [...new Set(steps.map((step) => step.op))],
    isQuantized: steps.every((step) => !/\bf32\[.*->.*\bf32\[/.test(step.shapes)),
  }));
}
