/**
 * `qcc audit`: a build folder against the model file. Invariant: this part of the compiler imports the decoder of model files
 * and nothing else of it, so that no mistake of a pass can hide in the check of its claims (`test/architecture`).
 */
import { createHash } from 'node:crypto';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { auditBuffers } from './buffers.js';
import { type CConstant, cConstants } from './c-constants.js';
import { type CProgram, cProgram } from './c-program.js';
import { auditConstantChannels } from './constant-channels.js';
import { auditDynamicLayer, isDynamicLayer } from './dynamic-layers.js';
import { Findings } from './findings.js';
import { auditLayer } from './layers.js';
import type { Manifest } from './manifest.js';
import type { ModelFacts } from './model-layer.js';
import { auditMovedBytes } from './moved-bytes.js';
import { auditQuantizer } from './quantizers.js';
import { orderedChannels, removedChannels } from './removed.js';
import { auditSum, fusedSum } from './sums.js';
import { auditWideLayer } from './wide-layers.js';

export interface AuditInput {
  readonly manifest: Manifest;
  /** Files of the folder that are there, by the paths of the manifest. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly modelSha256: string;
  readonly facts: ModelFacts;
  /** runtime-c of this qcc by path below it, if the folder was made by the same version. */
  readonly runtime: ReadonlyMap<string, string> | undefined;
}

export interface AuditReport {
  readonly findings: readonly Diagnostic[];
  /** What could not be derived again, and why. */
  readonly open: readonly string[];
  /** Layers with weights, and how many of them were derived from the model in full. */
  readonly layers: number;
  readonly derived: number;
  /** Steps of other kinds: of their numbers only digests are checked, of their memory everything. */
  readonly others: number;
}

export function audit(input: AuditInput): AuditReport {
  const { manifest } = input;
  const findings = new Findings();
  auditFiles(input, findings);
  if (input.modelSha256 !== manifest.modelSha256)
    findings.add('Q0641', `the folder was made of a model with the digest ${manifest.modelSha256}`);
  const root = rootOf(manifest);
  const text = (path: string): string => new TextDecoder().decode(input.files.get(root + path));
  // The run, then the instances that files of their own hold.
  const units = [...input.files.keys()].filter((path) => isUnit(path, root + manifest.name)).sort();
  const source = [text(`${manifest.name}.c`), ...units.map((path) => text(path.slice(root.length)))].join('\n');
  const constants = constantsOf(input, root, source);
  const program = cProgram(source, manifest.name, new Map(manifest.regions.map((r) => [r.name, r.start])));
  auditProgram(manifest, program, findings);
  const cut = removedChannels(manifest.removed);
  if (typeof cut === 'string') findings.add('Q0647', cut);
  else auditConstantChannels(cut, input.facts.layers, findings);
  const removed = typeof cut === 'string' ? cut : orderedChannels(manifest.orders, cut, input.facts.layers);
  if (typeof cut !== 'string' && typeof removed === 'string') findings.add('Q0647', removed);
  auditBuffers(manifest, program, constants, text(`${manifest.name}.h`), findings);
  auditMovedBytes(manifest, program.steps, findings);
  let [layers, derived, others] = [0, 0, 0];
  for (const step of manifest.steps) {
    const emitted = program.steps[step.index];
    if (emitted === undefined) continue;
    const isLayer = /^((dw)?conv2d_(q8|q16|s16)|dynamic_matmul)$/.test(emitted.family);
    const isQuantizer = emitted.family === 'quantize' || emitted.family === 'dequantize';
    if (isQuantizer) auditQuantizer(step, emitted, input.facts.quantizers, findings);
    else if (!isLayer) others++;
    const sum = emitted.family === 'add_fixed_q8' ? emitted : fusedSum(emitted);
    if (sum !== undefined) auditSum(step, sum, input.facts, findings);
    if (!isLayer) continue;
    layers++;
    if (typeof removed === 'string') continue;
    const { facts } = input;
    const cx = { manifest, constants, layers: facts.layers, products: facts.products, removed, findings };
    const auditOf = emitted.family.endsWith('_s16') ? auditWideLayer : auditLayer;
    if (isDynamicLayer(step)) auditDynamicLayer(cx, step, emitted);
    else if (auditOf(cx, step, emitted)) derived++;
  }
  return { findings: findings.all, open: findings.open, layers, derived, others };
}

function auditFiles({ manifest, files, runtime }: AuditInput, findings: Findings): void {
  const { seal } = manifest;
  const root = rootOf(manifest);
  if (seal === undefined || sha256(seal.text) !== seal.digest)
    findings.add('Q0642', 'manifest.json is not as it was sealed');
  for (const path of manifest.files) {
    if (path === 'manifest.json') continue;
    const content = files.get(path);
    if (content === undefined) findings.add('Q0642', `${path} is missing`);
    else if (manifest.digests.get(path) !== sha256(content)) findings.add('Q0642', `${path} has another digest`);
    const original = runtimeText(runtime, path.slice(root.length));
    if (content === undefined || original === undefined) continue;
    const plain = (t: string) => t.replace(/^[ \t]*#[ \t]*include[^\n]*$/gm, '');
    if (plain(new TextDecoder().decode(content)) !== plain(original))
      findings.add('Q0642', `${path} is not the runtime's own file`);
  }
  for (const path of manifest.digests.keys())
    if (!manifest.files.includes(path)) findings.add('Q0642', `${path} has a digest and is not listed`);
}

/** The file of runtime-c that a file of the folder is a copy of. */
function runtimeText(runtime: ReadonlyMap<string, string> | undefined, path: string): string | undefined {
  const inside = /^(?:qcc|host)\/(.*)$/.exec(path);
  if (inside === null || runtime === undefined) return undefined;
  return path.startsWith('host/') ? runtime.get(path) : (runtime.get(inside[1]) ?? runtime.get(`include/${path}`));
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Where the library is: the folder itself, or one below it in a package. */
function rootOf({ name, files }: Manifest): string {
  const header = files.find((path) => path === `${name}.h` || path.endsWith(`/${name}.h`));
  return header === undefined ? '' : header.slice(0, -`${name}.h`.length);
}

function isUnit(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && /^_kernels(?:_\d+)?\.c$/.test(path.slice(prefix.length));
}

function constantsOf({ manifest, files }: AuditInput, root: string, source: string): ReadonlyMap<string, CConstant> {
  const weights = files.get(`${root}${manifest.name}_weights.c`);
  const defined = weights === undefined ? '' : new TextDecoder().decode(weights);
  return cConstants(`${source}\n${defined}`, files.get(`${root}${manifest.name}_weights.bin`));
}

function auditProgram(manifest: Manifest, program: CProgram, findings: Findings): void {
  for (const line of program.strange) findings.add('Q0646', `the run has a line that is no step: ${line.slice(0, 80)}`);
  if (program.steps.length !== manifest.steps.length)
    findings.add('Q0646', `the C has ${program.steps.length} steps, the manifest ${manifest.steps.length}`);
  if (manifest.steps.some((s, i) => s.index !== i)) findings.add('Q0646', 'the steps are not numbered in order');
}
