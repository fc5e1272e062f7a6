/** manifest.json of a build folder. Its members are a contract (DESIGN 7): fields are added, never renamed. */
import { type Arg, type Buffer, bufferBytes, stepsOf } from '../program/program.js';
import { digestsOf, layerCertificates, sealed } from './certificate.js';
import type { EmittedConstants } from './constants.js';
import type { EmitInput } from './emit.js';
import { modelIdentifier } from './view.js';

export const MANIFEST_FORMAT = 1;

export function manifest(
  input: EmitInput,
  files: ReadonlyMap<string, string | Uint8Array>,
  constants: EmittedConstants,
): string {
  const { program } = input;
  const buffers = new Set<Buffer>();
  const steps = stepsOf(program.body);
  for (const step of steps) for (const arg of step.args) if (arg.view !== undefined) buffers.add(arg.view.buffer);
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
    target: input.target.name,
    files: [...files.keys(), 'manifest.json'].sort(),
    arena_bytes: program.arenaBytes,
    arena_align: program.arenaAlign,
    arena_lower_bound: program.arenaLowerBound,
    weights_bytes: constants.totalBytes,
    buffers: [...buffers].map((b) => ({
      name: nameOf(b),
      role: b.role,
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
      packing: s.kernel.packing,
      read_slack: s.kernel.slack,
      in_place: s.inPlace ?? null,
      macs: s.macs,
      args: s.args.map(argument),
    })),
    removed_channels: input.notes.filter((n) => n.pass === 'eliminate-dead-channels').map((n) => n.text),
    proofs: steps.flatMap((s, index) => s.proofs.map((p) => ({ step: index, claim: p.claim, evidence: p.evidence }))),
    certificate: layerCertificates(steps),
    digests: digestsOf(files),
  };
  return sealed(value);
}
