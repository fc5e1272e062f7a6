/** `qcc audit`: does a build folder still hold what its manifest claims of the model? Exit code 3 where it does not. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadAssets } from '../assets.js';
import { audit } from '../audit/audit.js';
import { type Manifest, readManifest } from '../audit/manifest.js';
import { onnxFacts } from '../audit/onnx-layers.js';
import { tfliteFacts } from '../audit/tflite-layers.js';
import { error, QccError } from '../diagnostics/diagnostic.js';
import { decodeModel } from '../onnx/decode.js';
import { decodeTflite, isTflite } from '../tflite/decode.js';
import { showLines } from './result-lines.js';
import { readModel, terminal } from './session.js';

export interface AuditOptions {
  readonly folder: string;
  readonly model: string | undefined;
  readonly json: boolean;
}

export async function auditCommand(options: AuditOptions): Promise<number> {
  const manifest = manifestIn(options.folder);
  const path = options.model ?? findModel(options.folder, manifest);
  const source = await readModel(path);
  const modelSha256 = createHash('sha256').update(source.model).digest('hex');
  const facts = isTflite(source.model)
    ? tfliteFacts(decodeTflite(source.model))
    : onnxFacts(decodeModel(source.model, source.externalData).model);
  const assets = loadAssets();
  const files = new Map<string, Uint8Array>();
  for (const file of manifest.files) {
    const place = join(options.folder, file);
    if (isInside(file) && existsSync(place)) files.set(file, readFileSync(place));
  }
  const runtime = manifest.qcc === assets.version ? assets.runtime : undefined;
  const report = audit({ manifest, files, modelSha256, facts, runtime });
  const isSound = report.findings.length === 0;
  if (options.json)
    terminal.out(
      JSON.stringify({
        folder: options.folder,
        model: path,
        sound: isSound,
        layers: report.layers,
        derived: report.derived,
        others: report.others,
        findings: report.findings.map((f) => ({ code: f.code, message: f.message })),
        open: report.open,
      }),
    );
  else if (isSound) {
    const rows = [
      `model    ${path}, as it was compiled`,
      `files    ${manifest.files.length}, as they were written`,
      `layers   ${report.layers} with weights: ${report.derived} derived from the model again, bounds of all`,
      `others   ${report.others} steps: kernels, pointers, memory and digests; their numbers are not derived again`,
      `memory   ${manifest.buffers.length} buffers in their places, none overlaps another that is needed`,
      ...opened(report.open),
    ];
    showLines(rows);
  }
  if (!isSound) throw new QccError(report.findings, 3, options.folder);
  return 0;
}

/** One line for each reason. */
function opened(open: readonly string[]): string[] {
  const byReason = new Map<string, string[]>();
  for (const what of open) {
    const [where, ...why] = what.split(': ');
    const reason = why.join(': ');
    byReason.set(reason, [...(byReason.get(reason) ?? []), where]);
  }
  return [...byReason].map(([why, steps]) =>
    steps.length === 1
      ? `open     ${steps[0]}: ${why}`
      : `open     ${steps.length} steps, the first ${steps[0]}: ${why}`,
  );
}

function manifestIn(folder: string): Manifest {
  const path = join(folder, 'manifest.json');
  const found = existsSync(path) ? readManifest(readFileSync(path, 'utf8')) : 'there is no manifest.json';
  if (typeof found !== 'string') return found;
  const help = 'build the model again with this version of qcc, then audit';
  throw new QccError([error('Q0640', `${folder} cannot be audited: ${found}`, undefined, help)]);
}

/** The file the manifest names, beside the folder or in the current one. */
function findModel(folder: string, manifest: Manifest): string {
  const places = [manifest.model, join(dirname(folder), manifest.model), join(folder, manifest.model)];
  const found = isInside(manifest.model) ? places.find((path) => existsSync(path)) : undefined;
  if (found !== undefined) return found;
  const help = 'name it: qcc audit BUILD_DIR --model FILE.onnx';
  throw new QccError([error('Q0641', `the model "${manifest.model}" of ${folder} is not here`, undefined, help)]);
}

/** The manifest is what is doubted: it may lead nowhere else. */
function isInside(path: string): boolean {
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..') && !/[\\:\0]/.test(path);
}
