/** What a pass is, and the driver that runs a list of them: verify after every one, time it, count its rules. */
import { isDeepStrictEqual } from 'node:util';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { InternalError } from './build.js';
import type { Graph } from './graph.js';
import { graphProblems } from './verify.js';

/** What a pass may do to the numbers; tested node by node. */
export type Numerics = 'exact' | 'one-step-per-rewritten-node' | 'reassociates-float' | 'new-model';

/** Properties of a whole graph that `verify.ts` can check. */
export type Invariant = 'quant-islands' | 'explicit-requantize' | 'nhwc' | 'no-const-compute';

/** An event of a pass worth telling: a channel removed, a scale shared. */
export interface PassNote {
  readonly pass: string;
  readonly text: string;
}

export interface PassContext {
  /** Counts a rule hit. */
  readonly hit: (rule: string) => void;
  /** Keeps a line for the manifest: what was removed or changed, and why that is exact. */
  readonly log: (text: string) => void;
  /** Reports a problem of the user's model that only this pass can see. */
  readonly report: (diagnostic: Diagnostic) => void;
  readonly rounding: 'onnx' | 'tflite';
}

export interface Pass<In = Graph, Out = In> {
  readonly name: string;
  /** One sentence for `qcc passes`. */
  readonly doc: string;
  readonly requires: readonly Invariant[];
  readonly establishes: readonly Invariant[];
  readonly drops: readonly Invariant[];
  readonly numerics: Numerics;
  run(input: In, cx: PassContext): Out;
}

export function definePass(pass: Pass): Pass {
  return pass;
}

export interface PassReport {
  readonly name: string;
  readonly milliseconds: number;
  readonly changed: boolean;
  readonly hits: ReadonlyMap<string, number>;
}

export interface PassRun {
  readonly graph: Graph;
  readonly reports: readonly PassReport[];
  readonly notes: readonly PassNote[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Raised when a pass breaks the graph; carries the graph before it, for the repro bundle. */
export class PassError extends InternalError {
  constructor(
    readonly pass: string,
    readonly before: Graph,
    cause: unknown,
  ) {
    super(`pass ${pass}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

export interface PassOptions {
  readonly rounding: 'onnx' | 'tflite';
  /** Sees the graph after each pass: dumps. */
  readonly after?: (index: number, pass: Pass, graph: Graph, changed: boolean) => void;
  readonly clock?: () => number;
}

/** Runs the passes in order, up to the first that reports errors of the model. Throws `PassError` naming the pass that broke the graph. */
export function runPasses(graph: Graph, passes: readonly Pass[], options: PassOptions): PassRun {
  let current = graph;
  const held = new Set<Invariant>();
  const reports: PassReport[] = [];
  const notes: PassNote[] = [];
  const diagnostics: Diagnostic[] = [];
  const clock = options.clock ?? (() => 0);
  for (const [index, pass] of passes.entries()) {
    const hits = new Map<string, number>();
    const cx: PassContext = {
      hit: (name) => hits.set(name, (hits.get(name) ?? 0) + 1),
      log: (text) => notes.push({ pass: pass.name, text }),
      report: (diagnostic) => {
        // A rule that finds a fault finds it again in every sweep.
        if (!diagnostics.some((d) => isDeepStrictEqual(d, diagnostic))) diagnostics.push(diagnostic);
      },
      rounding: options.rounding,
    };
    for (const needed of pass.requires)
      if (!held.has(needed)) throw new PassError(pass.name, current, `needs invariant ${needed}`);
    const start = clock();
    let next: Graph;
    try {
      next = pass.run(current, cx);
    } catch (cause) {
      throw new PassError(pass.name, current, cause);
    }
    // A model at fault need not satisfy what the pass promises: its problems are the answer.
    if (diagnostics.some((d) => d.severity === 'error')) break;
    for (const dropped of pass.drops) held.delete(dropped);
    for (const established of pass.establishes) held.add(established);
    const problems = graphProblems(next, held);
    if (problems.length > 0) throw new PassError(pass.name, current, problems.join('; '));
    const changed = next !== current;
    reports.push({ name: pass.name, milliseconds: clock() - start, changed, hits });
    current = next;
    options.after?.(index, pass, current, changed);
  }
  return { graph: current, reports, notes, diagnostics };
}
