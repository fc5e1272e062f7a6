/** ONNX Runtime as a rival of `qcc bench`: as many threads as qcc's program, everything it offers switched on. */
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Diagnostic, note, QccError } from '../diagnostics/diagnostic.js';
import type { Graph } from '../ir/graph.js';
import { floatType, type Tensor } from '../ir/type.js';
import { topologicalOrder } from '../ir/walk.js';
import { isOnnx } from './onnx-file.js';
import { idleModel, type NamedTensor, needOnnxRuntime, type OnnxRuntime, type OrtMode } from './onnxruntime.js';
import type { Sample } from './samples.js';
import { type Rival, timesOf } from './timing.js';

export type Variant = 'int8' | 'int8-exact' | 'fp32';

export interface Peer extends Rival {
  readonly variant: Variant;
  readonly file: string;
  readonly mode: OrtMode;
}

export interface Peers {
  readonly version: string;
  readonly peers: readonly Peer[];
  /** A call that computes nothing: Node's part of every other time. */
  readonly idle: Rival;
  /** Why a variant is not there. */
  readonly notes: readonly Diagnostic[];
  release(): Promise<void>;
}

/** Throws `QccError` Q0608 where ONNX Runtime is not installed. */
export async function ortPeers(
  path: string,
  bytes: Uint8Array,
  graph: Graph,
  sample: Sample,
  threads: number,
): Promise<Peers> {
  const runtime = await needOnnxRuntime();
  const isRead = isOnnx(bytes);
  const float = isQuantized(graph) ? floatSibling(path) : isRead ? path : undefined;
  const wanted: (readonly [Variant, string, OrtMode])[] = [
    ...(isRead && isQuantized(graph)
      ? ([
          ['int8', path, 'default'],
          ['int8-exact', path, 'exact'],
        ] as const)
      : []),
    ...(float === undefined ? [] : ([['fp32', float, 'default']] as const)),
  ];
  const inputs = graph.inputs.map(({ name }, i) => ({ name, tensor: sample[i] }));
  const peers: Peer[] = [];
  const notes: Diagnostic[] = isRead
    ? []
    : [note('Q0608', `${basename(path)} is not timed there: ONNX Runtime reads ONNX files alone`)];
  const opened: { release(): Promise<void> }[] = [];
  for (const [variant, file, mode] of wanted)
    try {
      const { rival, release } = await openRival(runtime, file, mode, inputs, threads);
      peers.push({ variant, file, mode, ...rival });
      opened.push({ release });
    } catch (failure) {
      if (!(failure instanceof QccError)) throw failure;
      notes.push(note('Q0608', `${variant} is not timed: ${failure.diagnostics[0].message}`));
    }
  const one: Tensor = { type: floatType([1]), data: new Float32Array(1) };
  const idle = await openRival(runtime, idleModel(), 'default', [{ name: 'x', tensor: one }], threads);
  return {
    version: runtime.version,
    peers,
    idle: idle.rival,
    notes,
    async release() {
      for (const model of [...opened, idle]) await model.release();
    },
  };
}

async function openRival(
  runtime: OnnxRuntime,
  model: string | Uint8Array,
  mode: OrtMode,
  inputs: readonly NamedTensor[],
  threads: number,
): Promise<{ rival: Rival; release(): Promise<void> }> {
  const opened = await runtime.open(model, mode, threads);
  const run = opened.repeatable(inputs);
  try {
    await run();
  } catch (cause) {
    // A float sibling may have other inputs; whatever else it is, it cannot be timed.
    throw new QccError([note('Q0608', cause instanceof Error ? cause.message : String(cause))]);
  }
  const measure = async (runs: number) => {
    await run();
    const us: number[] = [];
    for (let i = 0; i < runs; i++) {
      const before = performance.now();
      await run();
      us.push((performance.now() - before) * 1e3);
    }
    return timesOf(us);
  };
  return { rival: { measure }, release: () => opened.release() };
}

/** Whether anything in the model as imported is quantized. */
export function isQuantized(graph: Graph): boolean {
  return topologicalOrder(graph).some((node) =>
    node.results.some(({ type }) => type.kind === 'quant' && (type.element === 's8' || type.element === 'u8')),
  );
}

/**
 * The float model beside a quantized one: of the files of its folder named `<stem>[._-](fp32|float32|float).onnx` whose stem
 * the model's name starts with, the one with the longest stem. `kws_int8_qdq.onnx` -> `kws_fp32.onnx`.
 */
export function floatSibling(path: string): string | undefined {
  const own = basename(path);
  let best: { readonly stem: string; readonly name: string } | undefined;
  for (const name of readdirSync(dirname(path)).sort()) {
    const stem = /^(.+)[._-](?:fp32|float32|float)\.onnx$/i.exec(name)?.[1];
    if (stem === undefined || name === own || !own.startsWith(stem) || !/[._-]/.test(own.charAt(stem.length))) continue;
    if (best === undefined || stem.length > best.stem.length) best = { stem, name };
  }
  return best === undefined ? undefined : join(dirname(path), best.name);
}
