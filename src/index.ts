/**
 * qcc as a library: model bytes in, C files and facts out. Everything the command line can do with a model goes through
 * `compile`; reading model files and starting C compilers is left to the caller, who has `writeFolder` for the result.
 *
 *     import { compile, writeFolder } from 'qcc';
 *     const compiled = compile({ model: readFileSync('kws.onnx'), fileName: 'kws.onnx' }, { target: 'x86-avx2' });
 *     writeFolder('out', compiled.emitted.files);
 */
import { type Assets, loadAssets } from './assets.js';
import { type Compiled, type CompileOptions, compile as compileFor, type ModelSource } from './compiler.js';
import { findTarget, hostDefault, loadTargets, type TargetSet } from './target/load.js';

export type { Compiled, CompileOptions, ModelSource } from './compiler.js';
export { explainCode } from './diagnostics/codes.js';
export { type Diagnostic, type Place, QccError, type Severity } from './diagnostics/diagnostic.js';
export { type RenderOptions, renderText as renderDiagnostics } from './diagnostics/render.js';
export type { EmitOptions, Emitted } from './emit/emit.js';
export { type WrittenTree, writeTree as writeFolder } from './files.js';
export type { Graph } from './ir/graph.js';
export type { Affine, Element, Shape, Tensor, TensorData, TensorType } from './ir/type.js';
export { externalReader } from './onnx/external.js';
export { type PlacedProgram, type Step, stepsOf } from './program/program.js';

export interface LibraryOptions extends CompileOptions {
  /** A target, board or core as `targetNames` and `qcc targets` list them; absent: the best one this machine runs. */
  readonly target?: string;
}

let assets: Assets | undefined;
let targets: TargetSet | undefined;

/**
 * Compiles a model. The answer holds the files of a build folder (`emitted.files`: path below it -> content), the
 * program with its steps, kernels, proofs and arena, the graph as imported and as optimised, and the diagnostics that
 * did not stop it (`diagnostics`, for `renderDiagnostics`). Same input, same answer: no time, no path, no environment,
 * but for a `target` left out.
 *
 * Throws `QccError` with every problem of the model at once; exit code 2 in it means that an option is at fault.
 */
export function compile(source: ModelSource, options: LibraryOptions = {}): Compiled {
  const { target, ...rest } = options;
  assets ??= loadAssets();
  targets ??= loadTargets();
  return compileFor(source, target === undefined ? hostDefault(targets) : findTarget(targets, target), assets, rest);
}

/** Names that `compile` takes as `target`, sorted; each also has aliases. */
export function targetNames(): readonly string[] {
  targets ??= loadTargets();
  return [...targets.targets.keys()];
}
