/** manifest.json of a build folder. Its members are a contract (DESIGN 7): fields are added, never renamed. */
import { overlaps } from '../program/overlap.js';
import {
  type Arg,
  type Buffer,
  bufferBytes,
  type IoBuffer,
  type Item,
  type Parts,
  type PlacedProgram,
  type Repeat,
  type Step,
  stepBuffer,
  stepsOf,
} from '../program/program.js';
import { cFlagsAt, isaCFlags, stackBytesOn } from '../target/flags.js';
import { digestsOf, layerCertificates, sealed } from './certificate.js';
import type { EmittedConstants } from './constants.js';
import type { EmitInput } from './emit.js';
import { packageCFlags } from './package/facts.js';
import { traceId } from './trace.js';
import { type ModelView, modelIdentifier, type TensorView } from './view.js';

export const MANIFEST_FORMAT = 1;

export function manifest(
  input: EmitInput,
  files: ReadonlyMap<string, string | Uint8Array>,
  constants: EmittedConstants,
  view: ModelView,
): string {
  const { program } = input;
  const buffers = new Set<Buffer>();
  const steps = stepsOf(program.body);
  const layers = layersOf(steps);
  for (const { home } of program.inputs) if (home !== undefined) buffers.add(home);
  for (const step of steps) for (const arg of step.args) if (arg.view !== undefined) buffers.add(arg.view.buffer);
  if (program.parts !== undefined) buffers.add(program.parts.barrier);
  const nameOf = (buffer: Buffer): string => {
    if (buffer.role !== 'constant') return buffer.name;
    return constants.of.get(buffer)?.symbol ?? buffer.name;
  };
  const argument = (arg: Arg) => ({
    name: arg.name,
    access: arg.access,
    buffer: arg.view === undefined ? null : nameOf(arg.view.buffer),
    offset: arg.view?.offset ?? 0,
    bytes: arg.view?.bytes ?? 0,
  });
  const value = {
    qcc: input.version,
    name: modelIdentifier(program.name),
    format: MANIFEST_FORMAT,
    model: input.modelName,
    model_sha256: input.modelSha256,
    options: input.given,
    ...(input.options.trace === true ? { trace: traceId(program, input.modelSha256) } : {}),
    ...(input.options.profile === true ? { profile: true } : {}),
    target: input.target.name,
    ...(input.calibratedOn === undefined ? {} : { qcc_calibration_samples: input.calibratedOn }),
    c_flags: input.options.package === undefined ? cFlagsAt(input.policy.level) : packageCFlags(input.policy),
    isa_c_flags: isaCFlags(input.target),
    files: [...files.keys(), 'manifest.json'].sort(),
    arena_bytes: program.arenaBytes,
    arena_align: program.arenaAlign,
    arena_lower_bound: program.arenaLowerBound,
    stack_bytes: stackBytesOn(input.target),
    ...(program.regions.length === 0
      ? {}
      : {
          regions: program.regions.map((r) => ({
            name: r.name,
            size: r.size,
            start: r.start,
            bytes: r.bytes,
            lower_bound: r.lowerBound,
          })),
        }),
    ...(view.hasIoInside ? { io_in_arena: ioInArena(program, view) } : {}),
    weights_bytes: constants.totalBytes,
    buffers: [...buffers].map((b) => ({
      name: nameOf(b),
      role: ('caller' in b ? b.caller : undefined) ?? b.role,
      bytes: bufferBytes(b),
      ...(b.role === 'value' || b.role === 'scratch' ? { offset: program.offsets.get(b) ?? 0 } : {}),
    })),
    steps: steps.map((s, index) => ({
      index,
      op: s.op,
      origin: s.origin.names,
      shapes: s.shapes,
      quant: s.quant,
      kernel: s.kernel.symbol,
      ...(s.isTuned ? { tuned: true } : {}),
      packing: s.kernel.packing,
      read_slack: s.kernel.slack,
      in_place: s.inPlace ?? null,
      macs: s.macs,
      ...(s.band === undefined ? {} : { rows: s.band.rows, of_rows: s.band.of }),
      args: s.args.map(argument),
      ...partsOf(program.parts, s),
    })),
    ...(program.parts === undefined
      ? {}
      : { parts: { most: program.parts.most, barrier: program.parts.barrier.name } }),
    repeats: repeatsOf(program.body).map(({ first, steps, item }) => ({
      first,
      steps,
      count: item.count,
      advances: item.advances.map((a) => ({ buffer: nameOf(a.buffer), bytes: a.bytes })),
    })),
    overlaps: overlaps(program).map((o) => ({ lower: o.lower.name, upper: o.upper.name, distance: o.distance })),
    removed_channels: input.notes.filter((n) => n.pass === 'eliminate-dead-channels').map((n) => n.text),
    channel_orders: input.notes.filter((n) => n.pass === 'order-channels').map((n) => n.text),
    proofs: [...layers].flatMap(([s, step]) => s.proofs.map((p) => ({ step, claim: p.claim, evidence: p.evidence }))),
    certificate: layerCertificates(layers),
    digests: digestsOf(files),
  };
  return sealed(value);
}

/** Which buffers are the model's inputs and outputs, and what the header calls them. */
function ioInArena({ inputs, outputs }: PlacedProgram, view: ModelView) {
  const entry = (io: IoBuffer, { macro }: TensorView) => ({
    name: io.name,
    role: io.role,
    buffer: stepBuffer(io).name,
    macro: `${macro}_OFFSET`,
  });
  return [...inputs.map((io, i) => entry(io, view.inputs[i])), ...outputs.map((io, i) => entry(io, view.outputs[i]))];
}

/** How parts share out a step; members that a program for one part lacks. */
function partsOf(parts: Parts | undefined, step: Step) {
  if (parts === undefined) return {};
  const split = parts.splits.get(step);
  const group = parts.groups.get(step);
  if (split === undefined) return { group };
  const { rows, unit, window, args } = split;
  const moves = Object.entries(args).map(([name, a]) => ({ name, row_bytes: a.rowBytes, touches: a.touches }));
  return { group, split: { rows, unit, ...(window === undefined ? {} : { window }), args: moves } };
}

/** Loops of the program: `steps` steps from index `first` on run `count` times. */
function repeatsOf(items: readonly Item[]) {
  const found: { readonly first: number; readonly steps: number; readonly item: Repeat }[] = [];
  const visit = (list: readonly Item[], start: number): number => {
    let at = start;
    for (const item of list) {
      const first = at;
      at = item.kind === 'step' ? at + 1 : visit(item.body, at);
      if (item.kind === 'repeat') found.push({ first, steps: at - first, item });
    }
    return at;
  };
  visit(items, 0);
  return found;
}

/** The first step of each layer, with its index: bands of one layer share their proofs. */
function layersOf(steps: readonly Step[]): ReadonlyMap<Step, number> {
  const seen = new Set<unknown>();
  const layers = new Map<Step, number>();
  for (const [index, step] of steps.entries()) {
    if (step.band !== undefined && seen.has(step.proofs)) continue;
    seen.add(step.proofs);
    layers.set(step, index);
  }
  return layers;
}
