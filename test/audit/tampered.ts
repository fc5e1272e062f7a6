/** Build folders in memory, and what an audit says after somebody changed them: clumsily, or with new digests and a new seal. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { loadAssets } from '../../src/assets.js';
import { type AuditReport, audit } from '../../src/audit/audit.js';
import { readManifest } from '../../src/audit/manifest.js';
import { onnxFacts } from '../../src/audit/onnx-layers.js';
import { tfliteFacts } from '../../src/audit/tflite-layers.js';
import { type CompileOptions, compile } from '../../src/compiler.js';
import { decodeModel } from '../../src/onnx/decode.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { decodeTflite, isTflite } from '../../src/tflite/decode.js';

export interface Folder {
  readonly model: Uint8Array;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

const assets = loadAssets();
const targets = loadTargets();

export function folderOf(
  model: Uint8Array,
  fileName: string,
  target = 'scalar',
  allowIncbin = true,
  more: Pick<CompileOptions, 'optimize' | 'memory' | 'ioInArena' | 'rounding' | 'threads'> = {},
): Folder {
  const options = { emit: { singleFile: false, allowIncbin }, ...more };
  const { emitted } = compile({ model, fileName }, findTarget(targets, target), assets, options);
  const bytes = (content: string | Uint8Array) => (typeof content === 'string' ? Buffer.from(content) : content);
  return { model, files: new Map([...emitted.files].map(([path, content]) => [path, bytes(content)])) };
}

export function textOf({ files }: Folder, path: string): string {
  return new TextDecoder().decode(files.get(path));
}

export function changed(folder: Folder, path: string, edit: (text: string) => string): Folder {
  const before = textOf(folder, path);
  const after = edit(before);
  assert.ok(after !== before, `the edit of ${path} changes nothing`);
  return { ...folder, files: new Map([...folder.files, [path, Buffer.from(after)]]) };
}

/** Adds `by` to the `index`-th number of the list or string that a symbol is defined as. */
export function nudged(text: string, symbol: string, index: number, by: number): string {
  const at = text.indexOf(` ${symbol}[`, text.indexOf('_Alignas'));
  const start = text.indexOf('=', at);
  const end = text.indexOf(';', start);
  let seen = 0;
  const edit = (found: string, value: string): string => {
    if (seen++ !== index) return found;
    return found.startsWith('\\')
      ? `\\${((Number.parseInt(value, 8) + by) & 255).toString(8)}`
      : String(Number(value) + by);
  };
  const body = text.slice(start, end).replace(/\\([0-7]+)|(-?\b\d+)(?=,)/g, (f, a, b) => edit(f, a ?? b));
  return text.slice(0, start) + body + text.slice(end);
}

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');

/** With digests and a seal that fit what is there now: only the meaning can give the change away. */
export function resealed(folder: Folder): Folder {
  const text = textOf(folder, 'manifest.json')
    .replace(/,\n "seal": .*\n\}\n$/, '')
    .replace(/^ {2}"([^"]+)": "[0-9a-f]{64}"/gm, (line, path: string) => {
      const content = folder.files.get(path);
      return content === undefined ? line : `  "${path}": "${sha256(content)}"`;
    });
  const manifest = `${text},\n "seal": "${sha256(text)}"\n}\n`;
  return { ...folder, files: new Map([...folder.files, ['manifest.json', Buffer.from(manifest)]]) };
}

export function audited({ model, files }: Folder, original: Uint8Array = model): AuditReport {
  const manifest = readManifest(new TextDecoder().decode(files.get('manifest.json')));
  assert.ok(typeof manifest !== 'string', String(manifest));
  return audit({
    manifest,
    files,
    modelSha256: sha256(original),
    facts: isTflite(original) ? tfliteFacts(decodeTflite(original)) : onnxFacts(decodeModel(original).model),
    runtime: assets.runtime,
  });
}

/** Codes of the findings, each once. */
export function codesOf(report: AuditReport): string[] {
  return [...new Set(report.findings.map((f) => f.code))].sort();
}
