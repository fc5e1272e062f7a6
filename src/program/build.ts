/** Builds a Program step by step while ops are lowered. Invariant: every buffer is written before a step reads it. */
import { error, QccError } from '../diagnostics/diagnostic.js';
import { InternalError } from '../ir/build.js';
import type { AnyNode, Graph, Origin, Result, Value } from '../ir/graph.js';
import { storedSize } from '../ir/stored.js';
import { byteSize, type Tensor, type TensorType } from '../ir/type.js';
import { opDef } from '../ops/index.js';
import type { LowerContext } from '../ops/lowering.js';
import { type Candidate, cheapest, provedKernels } from '../target/choose.js';
import { type KernelTimes, withTimes } from '../target/costs.js';
import { evaluateScratch } from '../target/kernels.js';
import { overWeight, type WeightedLayer } from '../target/weight-budget.js';
import { edgeStep } from './edge-step.js';
import type { Packing } from './packing.js';
import {
  type ArenaBuffer,
  type Buffer,
  type BufferValue,
  type ConstantBuffer,
  type IoBuffer,
  type Kernel,
  type Refusal,
  type Rival,
  type Step,
  stepBuffer,
  type View,
  wholeView,
} from './program.js';
import { sharedBytes } from './shared-bytes.js';

const ALIGN = 64;

export interface ProgramBuilder extends LowerContext {
  /** The node only shows bytes that are there already. Asked once for every node, in order. */
  needsNoStep(node: AnyNode): boolean;
  readonly steps: readonly Step[];
  /** Nodes whose kernels store weights in different forms, with the kernels that could run them. */
  readonly weighted: ReadonlyMap<AnyNode, WeightedLayer>;
  /** For each node, the rivals of each of its choices, as its steps hold them. */
  readonly choices: ReadonlyMap<AnyNode, readonly (readonly Rival[])[]>;
  readonly inputs: readonly IoBuffer[];
  readonly outputs: readonly IoBuffer[];
  /** Node results that have a buffer of their own. */
  readonly values: readonly BufferValue[];
  /** Graph outputs that are no node's own result: a parameter, a constant, or a second name for one value. */
  readonly copies: readonly { readonly from: View; readonly to: IoBuffer; readonly name: string }[];
}

/** The value whose bytes `value` shares: views followed to their source. */
export function storageRoot(value: Value): Value {
  let at = value;
  while (at.kind === 'result' && opDef(at.node.kind).isView === true) at = at.node.operands[0];
  return at;
}

/** What earlier lowerings of the same graph have found out. */
export interface Known {
  /** What the budget for weights leaves of a node's candidates. */
  readonly allowed?: ReadonlyMap<AnyNode, readonly Candidate[]>;
  /** By a node's origin: a kernel that takes too much scratch where it runs. */
  readonly avoided?: ReadonlyMap<Origin, Kernel>;
  /** Measured times for each choice of a node. */
  readonly times?: ReadonlyMap<AnyNode, readonly (KernelTimes | undefined)[]>;
}

/**
 * @param weightGrowth of all weights together.
 * @param ioInArena inputs and outputs are buffers of the arena, not the caller's own.
 */
export function programBuilder(
  graph: Graph,
  kernels: readonly Kernel[],
  weightGrowth: number,
  known: Known = {},
  ioInArena = false,
): ProgramBuilder {
  const choices = new Map<AnyNode, (readonly Rival[])[]>();
  const weighted = new Map<AnyNode, WeightedLayer>();
  const buffers = new Map<Value, Buffer>();
  const constants = new Map<Tensor, Map<string, ConstantBuffer>>();
  const steps: Step[] = [];
  let serial = 0;
  const io = (role: 'input' | 'output', name: string, type: TensorType, serial: number): IoBuffer => {
    const bytes = storedSize(type);
    const home = { role: 'value', name: `${role}${serial}`, bytes, align: ALIGN, caller: role } as const;
    return { role, name, type, bytes, ...(ioInArena ? { home } : {}) };
  };
  const inputs = graph.inputs.map((p, i) => io('input', p.name, p.type, i));
  for (const [i, p] of graph.inputs.entries()) {
    if (p.type.element !== 'f16') {
      buffers.set(p, stepBuffer(inputs[i]));
      continue;
    }
    const buffer: ArenaBuffer = { role: 'value', name: `v${serial++}`, bytes: byteSize(p.type), align: ALIGN };
    buffers.set(p, buffer);
    if (buffer.bytes > 0) steps.push(edgeStep('in', inputs[i], wholeView(buffer), kernels));
  }
  const outputs = graph.outputs.map((o, i) => io('output', o.name, o.value.type, i));
  const copyPlan: { value: Value; to: IoBuffer }[] = [];
  for (const [i, output] of graph.outputs.entries()) {
    const root = storageRoot(output.value);
    const isDirect = root.kind === 'result' && output.value.type.element !== 'f16';
    if (isDirect && !buffers.has(root)) buffers.set(root, stepBuffer(outputs[i]));
    else copyPlan.push({ value: root, to: outputs[i] });
  }

  const inside = sharedBytes(graph, storageRoot, new Set(buffers.keys()));

  const constant = (name: string, tensor: Tensor, packing: Packing = { kind: 'plain' }): View => {
    const key = JSON.stringify(packing);
    const known = constants.get(tensor) ?? new Map<string, ConstantBuffer>();
    constants.set(tensor, known);
    let buffer = known.get(key);
    if (buffer === undefined) {
      buffer = { role: 'constant', name, tensor, packing, align: ALIGN };
      known.set(key, buffer);
    }
    return wholeView(buffer);
  };
  /** The buffer of a root that has one of its own; made when it is first written. */
  const ownBuffer = (root: Value): Buffer => {
    const known = buffers.get(root);
    if (known !== undefined) return known;
    const buffer: ArenaBuffer = { role: 'value', name: `v${serial++}`, bytes: byteSize(root.type), align: ALIGN };
    buffers.set(root, buffer);
    return buffer;
  };
  const place = (root: Value): View => {
    const found = inside.get(root);
    if (found === undefined) return wholeView(ownBuffer(root));
    const { buffer, offset } = place(found.of);
    return { buffer, offset: offset + found.offset, bytes: byteSize(root.type) };
  };
  const computed = new Set<Value>(graph.inputs);
  const view = (value: Value): View => {
    const root = storageRoot(value);
    if (root.kind === 'const') return constant(root.name, root.tensor);
    if (!computed.has(root)) throw new InternalError('a value is used before a step computes it');
    return place(root);
  };
  const output = (result: Result): View => {
    computed.add(result);
    return place(result);
  };
  return {
    steps,
    weighted,
    choices,
    inputs,
    outputs,
    get values() {
      return [...buffers].flatMap(([value, buffer]) =>
        value.kind === 'result' && buffer.role !== 'constant' ? [{ buffer, value }] : [],
      );
    },
    needsNoStep(node) {
      const [result] = node.results;
      const isView = opDef(node.kind).isView === true;
      const isInside = node.kind === 'slice' && inside.get(result)?.of === storageRoot(node.operands[0]);
      if (isInside) computed.add(result);
      return isView || isInside;
    },
    view,
    output,
    constant,
    get copies() {
      return copyPlan.map(({ value, to }) => ({ from: view(value), to, name: to.name }));
    },
    temporary: (bytes) => wholeView({ role: 'value', name: `v${serial++}`, bytes, align: ALIGN }),
    scratch(bytes) {
      if (bytes === 0) return undefined;
      return wholeView({ role: 'scratch', name: `s${serial++}`, bytes, align: ALIGN });
    },
    scratchBytes: (kernel, params) => evaluateScratch(kernel.scratch, params),
    emit: (step) => {
      const written = step.args.filter((arg) => arg.access === 'write');
      // Nothing is to be done for a tensor without elements.
      if (written.length > 0 && written.every((arg) => arg.view?.bytes === 0)) return;
      steps.push(step);
    },
    choose(request, node: AnyNode) {
      const proved = provedKernels(kernels, request);
      const { refused } = proved;
      const made = choices.get(node) ?? [];
      choices.set(node, made);
      const candidates = withTimes(proved.candidates, known.times?.get(node)?.[made.length]);
      made.push(candidates);
      if (request.weights !== undefined && candidates.length > 0)
        weighted.set(node, { live: request.weights.live, stored: request.weights.stored, candidates });
      // A budget of weights bounds the choice that has some, not a node's other ones.
      const allowed = request.weights === undefined ? undefined : known.allowed?.get(node);
      const avoided = (allowed ?? candidates).length > 1 ? known.avoided?.get(node.origin) : undefined;
      const light = new Set((allowed ?? candidates).flatMap((c) => (c.kernel === avoided ? [] : [c.kernel])));
      const heavy = candidates
        .filter((c) => !light.has(c.kernel))
        .map((c) => (c.kernel === avoided ? overRoom(c) : overWeight(c, weightGrowth)));
      const choice = cheapest(
        candidates.filter((c) => light.has(c.kernel)),
        [...refused, ...heavy],
        candidates,
      );
      if (choice.kernel !== undefined) return choice;
      throw new QccError([noKernel(node, request.family, choice.refused)]);
    },
  };
}

function overRoom({ kernel }: Candidate): Refusal {
  return { kernel: kernel.symbol, why: 'takes more scratch, and run by rows this step decides how large the arena is' };
}

function noKernel(node: AnyNode, family: string, refused: readonly { kernel: string; why: string }[]) {
  const reasons = refused.map((r) => `${r.kernel}: ${r.why}`).join('; ');
  return error(
    'Q0410',
    `no kernel of family ${family} can run ${node.kind}${reasons === '' ? '' : ` (${reasons})`}`,
    { node: node.origin.names[0] ?? node.kind },
    'report this model: the scalar ISA is meant to cover every op',
  );
}
