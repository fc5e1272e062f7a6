/** A diagnostic and the smallest thing that causes it. `expected/<code>.txt` holds what the user then reads. */
import { type Assets, loadAssets } from '../../src/assets.js';
import { type CompileOptions, compile } from '../../src/compiler.js';
import { type Diagnostic, QccError } from '../../src/diagnostics/diagnostic.js';
import type { ExternalData } from '../../src/onnx/external.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { type ModelSpec, model } from '../onnx/model-builder.js';

export interface Case {
  readonly what: string;
  /** The name of the model file in the message; none for usage and toolchain errors. */
  readonly file?: string;
  readonly diagnostics: () => Promise<readonly Diagnostic[]>;
}

/** Cases by the code they are about; others may come with it. */
export type Cases = Readonly<Record<string, readonly Case[]>>;

export interface ModelCase extends CompileOptions {
  readonly externalData?: ExternalData;
}

let assets: Assets | undefined;

/** A model, as data or as bytes, compiled for the portable target. */
export function ofModel(
  what: string,
  spec: ModelSpec | Uint8Array,
  options: ModelCase = {},
  fileName = 'm.onnx',
): Case {
  return {
    what,
    file: fileName,
    diagnostics: () => {
      const { externalData, ...rest } = options;
      assets ??= loadAssets();
      const bytes = spec instanceof Uint8Array ? spec : model(spec);
      const source = { model: bytes, fileName, ...(externalData === undefined ? {} : { externalData }) };
      const target = findTarget(loadTargets(), 'scalar');
      const loaded = assets;
      return caught(() => compile(source, target, loaded, rest).diagnostics);
    },
  };
}

/** Diagnostics that are answered, not thrown. */
export function ofList(what: string, list: () => readonly Diagnostic[]): Case {
  return { what, file: 'm.onnx', diagnostics: async () => list() };
}

/** Anything else that throws a `QccError`. */
export function ofCall(what: string, call: () => unknown): Case {
  return {
    what,
    diagnostics: () =>
      caught(async () => {
        await call();
        return [];
      }),
  };
}

export async function caught(
  work: () => readonly Diagnostic[] | Promise<readonly Diagnostic[]>,
): Promise<readonly Diagnostic[]> {
  try {
    return await work();
  } catch (failure) {
    if (failure instanceof QccError) return failure.diagnostics;
    throw failure;
  }
}
