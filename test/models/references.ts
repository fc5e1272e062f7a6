/** exact-references.json: outputs of ONNX Runtime's exact mode, made by make-exact-references.py. */
import { readFileSync } from 'node:fs';

export interface Reference {
  /** Below ../shared/models, as the inputs are. */
  readonly path: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly { readonly name: string; readonly base64?: string; readonly sha256?: string }[];
}

function text(value: unknown, member: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const found: unknown = Object.entries(value).find(([name]) => name === member)?.[1];
  return typeof found === 'string' ? found : undefined;
}

function list(value: unknown, member: string): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  const found: unknown = Object.entries(value).find(([name]) => name === member)?.[1];
  return Array.isArray(found) ? found : [];
}

export function exactReferences(): readonly Reference[] {
  const stored: unknown = JSON.parse(readFileSync(new URL('exact-references.json', import.meta.url), 'utf8'));
  if (typeof stored !== 'object' || stored === null) throw new TypeError('no references');
  return Object.entries(stored).map(([path, value]) => ({
    path,
    inputs: list(value, 'inputs').map(String),
    outputs: list(value, 'outputs').map((output) => {
      const [base64, sha256] = [text(output, 'base64'), text(output, 'sha256')];
      return {
        name: text(output, 'name') ?? '',
        ...(base64 === undefined ? {} : { base64 }),
        ...(sha256 === undefined ? {} : { sha256 }),
      };
    }),
  }));
}
