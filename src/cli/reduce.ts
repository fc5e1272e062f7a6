/**
 * `qcc reduce`: of a model that makes qcc fail, the smallest part that fails the same way, as textual IR. A failure is, in
 * this order: qcc refuses or crashes; an exact pass changes what the interpreter answers; the compiled program differs
 * from the interpreter. Or what a command of the user's own says.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Assets } from '../assets.js';
import { compile, importSource, type ModelSource } from '../compiler.js';
import { error, QccError } from '../diagnostics/diagnostic.js';
import { writeWhole } from '../files.js';
import { evaluateGraph } from '../ir/evaluate.js';
import type { Graph } from '../ir/graph.js';
import { PassError } from '../ir/pass.js';
import { printGraph } from '../ir/print.js';
import { seededSamples } from '../ir/seeded.js';
import { shrinkGraph } from '../ir/shrink.js';
import type { Tensor } from '../ir/type.js';
import { topologicalOrder } from '../ir/walk.js';
import { graphPasses } from '../pipeline.js';
import type { Target } from '../target/target.js';
import { runShell, temporaryFolder } from '../toolchain/process.js';
import { difference } from './compare.js';
import { buildDriver } from './drive.js';
import { progress } from './samples.js';
import { chooseTarget, compileOptions, type ModelOptions, type Output, readModel, terminal } from './session.js';

export interface ReduceOptions extends ModelOptions {
  readonly model: string;
  readonly output: string | undefined;
  readonly check: string | undefined;
  readonly cc: string | undefined;
  readonly json: boolean;
}

/** One way to fail: what it says of a graph, undefined where the graph does not fail so. Equal texts are one failure. */
type Stage = (graph: Graph) => Promise<string | undefined>;

const SAMPLES = 2;

export async function reduce(options: ReduceOptions): Promise<number> {
  const [source, target] = await Promise.all([readModel(options.model), chooseTarget(options.target)]);
  const { loadAssets } = await import('../assets.js');
  const imported = importSource(source, compileOptions(options));
  if (imported.diagnostics.some((d) => d.severity === 'error'))
    throw new QccError(imported.diagnostics, 1, options.model);
  const { folder, remove } = temporaryFolder('qcc-reduce-');
  try {
    const bench: Bench = { options, target, assets: loadAssets(), file: join(folder, 'm.qir') };
    const found = await firstFailure(imported.graph, stagesOf(bench));
    if (found === undefined)
      throw new QccError([
        error(
          'Q0624',
          `nothing fails for ${target.name}`,
          undefined,
          'name the --target it fails for, or give a --check of your own',
        ),
      ]);
    progress(`fails: ${found.failure}`);
    const small = await shrinkGraph(
      imported.graph,
      async (graph) => (await found.stage(graph)) === found.failure,
      (nodes) => progress(`${nodes} nodes`),
    );
    const path = options.output ?? `${source.fileName.replace(/\.[^.]*$/, '')}-reduced.qir`;
    writeWhole(path, printGraph(small));
    const [nodes, before] = [small, imported.graph].map((g) => topologicalOrder(g).length);
    terminal.out(
      options.json
        ? JSON.stringify({
            model: options.model,
            target: target.name,
            failure: found.failure,
            nodes,
            nodes_before: before,
            file: path,
          })
        : `${path}: ${nodes} of ${before} nodes\nfails: ${found.failure}`,
    );
    return 0;
  } finally {
    remove();
  }
}

interface Bench {
  readonly options: ReduceOptions;
  readonly target: Target;
  readonly assets: Assets;
  /** Where a graph is written for those who read files. */
  readonly file: string;
}

function stagesOf(bench: Bench): readonly Stage[] {
  const { check } = bench.options;
  if (check !== undefined) return [(graph) => checked(graph, check, bench)];
  return [(graph) => refused(graph, bench), (graph) => misread(graph, bench), (graph) => miscompiled(graph, bench)];
}

async function firstFailure(graph: Graph, stages: readonly Stage[]) {
  for (const stage of stages) {
    const failure = await stage(graph);
    if (failure !== undefined) return { stage, failure };
  }
  return undefined;
}

function sourceOf(graph: Graph): ModelSource {
  return { model: Buffer.from(printGraph(graph)), fileName: 'm.qir' };
}

/** What qcc says where it does not compile the graph. */
async function refused(graph: Graph, { options, target, assets }: Bench): Promise<string | undefined> {
  try {
    compile(sourceOf(graph), target, assets, compileOptions(options));
    return undefined;
  } catch (failure) {
    return failureText(failure);
  }
}

/** Neither numbers nor names of the graph: they change while it shrinks. */
function failureText(failure: unknown): string {
  if (failure instanceof QccError)
    return `refused with ${[...new Set(failure.diagnostics.filter((d) => d.severity === 'error').map((d) => d.code))].sort().join(', ')}`;
  if (failure instanceof PassError) return `pass ${failure.pass} breaks the graph`;
  if (!(failure instanceof Error)) return 'an exception';
  const where = /^\s+at (?:async )?([\w.<>]+)/m.exec(failure.stack ?? '')?.[1];
  return `${failure.name}${where === undefined ? '' : ` in ${where}`}`;
}

/** The pass after which the interpreter answers something else, though it says it is exact. */
async function misread(graph: Graph, { options, target, assets }: Bench): Promise<string | undefined> {
  const samples = seededSamples(graph, SAMPLES).map((s) => new Map(graph.inputs.map((p, i) => [p.name, s[i]])));
  let before = samples.map((inputs) => evaluateGraph(graph, inputs));
  let failure: string | undefined;
  compile(sourceOf(graph), target, assets, {
    ...compileOptions(options),
    onPass(_, name, after, changed) {
      if (!changed || failure !== undefined) return;
      const answers = samples.map((inputs) => evaluateGraph(after, inputs));
      const isExact = graphPasses.find((p) => p.name === name)?.numerics === 'exact';
      if (isExact && answers.some((answer, s) => !sameAnswer(answer, before[s])))
        failure = `pass ${name} changes the answer`;
      before = answers;
    },
  });
  return failure;
}

type Answers = ReadonlyMap<string, Tensor>;

function sameAnswer(got: Answers, want: Answers): boolean {
  return [...want].every(([name, tensor]) => {
    const own = got.get(name);
    return own !== undefined && difference(own.data, tensor.data, { signedZero: true }).equal === own.data.length;
  });
}

const silent: Output = { out: () => {}, say: () => {}, color: false };

/** True where the program answers something else than the interpreter. */
async function miscompiled(graph: Graph, { options, file }: Bench): Promise<string | undefined> {
  writeFileSync(file, printGraph(graph));
  const driver = await buildDriver({ ...options, model: file, asModel: true }, false, silent);
  try {
    const { graph: lowered } = driver.session.compiled;
    const samples = seededSamples(lowered, SAMPLES);
    const answers = await driver.run(samples);
    const differs = answers.some(({ outputs }, s) => {
      const want = evaluateGraph(lowered, new Map(lowered.inputs.map((p, i) => [p.name, samples[s][i]])));
      return !sameAnswer(new Map(lowered.outputs.map((o, i) => [o.name, outputs[i]])), want);
    });
    return differs ? 'the program differs from the interpreter' : undefined;
  } finally {
    driver.remove();
  }
}

/** The user's command, with the file in place of {}: exit code 0 says that it is the failure looked for. */
async function checked(graph: Graph, command: string, { file }: Bench): Promise<string | undefined> {
  writeFileSync(file, printGraph(graph));
  const { exitCode } = await runShell(command, file);
  return exitCode === 0 ? `--check '${command}' holds` : undefined;
}
