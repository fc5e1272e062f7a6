/**
 * select-kernels: Graph -> Program. Every op's `lower.ts` asks for the cheapest kernel whose preconditions are proved
 * on the actual weights; views (reshape, reinterpret) take no step.
 *
 * BEFORE  %1 = conv2d-requant(%0, @w, @b, @m) : u8[1,28,28,16]
 * AFTER   step conv2d_q8 6x16 x86-avx2  x=v0 w=packed bias mult y=v1
 */
import { type Diagnostic, error, QccError } from '../src/diagnostics/diagnostic.js';
import type { AnyNode, Graph, Origin } from '../src/ir/graph.js';
import { topologicalOrder } from '../src/ir/walk.js';
import { lowerNode } from '../src/ops/lower-table.js';
import { NoKernel } from '../src/ops/lowering.js';
import { type Known, type ProgramBuilder, programBuilder } from '../src/program/build.js';
import { edgeStep } from '../src/program/edge-step.js';
import type { Kernel, Program } from '../src/program/program.js';
import { type KernelTimes, type MeasuredCosts, shapeClass } from '../src/target/costs.js';
import { withinWeightBudget } from '../src/target/weight-budget.js';

export const name = 'select-kernels';
export const doc = 'Chooses a proved kernel for every op: Graph to Program.';

/**
 * `kernels` are those of the target's ISA chain, best ISA first; `weightGrowth` bounds all weights together; `costs` are
 * measured times, where there are some; `ioInArena` puts inputs and outputs into the arena; `avoided` kernels are not taken.
 * Throws `QccError` where no kernel fits.
 */
export function selectKernels(
  graph: Graph,
  target: string,
  kernels: readonly Kernel[],
  weightGrowth: number,
  costs: MeasuredCosts = new Map(),
  ioInArena = false,
  avoided: ReadonlyMap<Origin, Kernel> = new Map(),
): Program {
  const lower = (known: Known) => lowered(graph, programBuilder(graph, kernels, weightGrowth, known, ioInArena));
  let builder = lower({ avoided });
  const times = measuredTimes(builder, costs);
  if (times.size > 0) builder = lower({ times, avoided });
  const allowed = withinWeightBudget(builder.weighted, weightGrowth);
  if (allowed.size > 0) builder = lower({ allowed, times, avoided });
  for (const copy of builder.copies) builder.emit(edgeStep('out', copy.to, copy.from, kernels));
  return {
    name: graph.name,
    target,
    inputs: builder.inputs,
    outputs: builder.outputs,
    body: builder.steps,
    values: builder.values,
    windows: [],
    parts: undefined,
  };
}

/** What was measured of the steps that each node's choices led to. Only then is the shape class known. */
function measuredTimes(builder: ProgramBuilder, costs: MeasuredCosts) {
  const found = new Map<AnyNode, readonly (KernelTimes | undefined)[]>();
  if (costs.size === 0) return found;
  const classes = new Map(builder.steps.map((step) => [step.rivals, shapeClass(step)]));
  for (const [node, choices] of builder.choices) {
    const times = choices.map((rivals) => costs.get(classes.get(rivals) ?? ''));
    if (times.some((t) => t !== undefined)) found.set(node, times);
  }
  return found;
}

/** Throws `QccError` with the problems of all nodes. */
function lowered(graph: Graph, builder: ProgramBuilder): ProgramBuilder {
  const problems: Diagnostic[] = [];
  // What reads the result of a node at fault cannot be judged.
  const failed = new Set<AnyNode>();
  for (const node of topologicalOrder(graph)) {
    if (node.operands.some((v) => v.kind === 'result' && failed.has(v.node))) failed.add(node);
    if (failed.has(node) || builder.needsNoStep(node)) continue;
    try {
      lowerNode(node, builder);
    } catch (failure) {
      failed.add(node);
      if (failure instanceof QccError) problems.push(...failure.diagnostics);
      else if (failure instanceof NoKernel)
        problems.push(
          error(
            'Q0410',
            failure.message,
            { node: node.origin.names[0] ?? node.kind },
            'cast to float32 before this operator, or quantize it to 8 bits',
          ),
        );
      else throw failure;
    }
  }
  if (problems.length > 0) throw new QccError(problems);
  return builder;
}
