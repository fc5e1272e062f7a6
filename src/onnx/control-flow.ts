/**
 * If, Loop and Scan. Invariant: the graph has no control flow: of an `If` on a constant the branch it takes is left, of one
 * at run time both and a `where`; loops are written out, one copy of the body for each turn.
 *
 *   BEFORE  y = Loop(3, true, x) { a -> Relu(a) }
 *   AFTER   y = Relu(Relu(Relu(x)))
 */
import type { Value } from '../ir/graph.js';
import { indexType, sameType, type Tensor, type TensorType } from '../ir/type.js';
import type { ImportContext, Importer } from './importer.js';
import { inputPart, type OnnxGraph } from './model.js';

export const controlFlowOperators = ['If', 'Loop', 'Scan'] as const;

/**
 * Imports a body with these values for its inputs; its outputs. Throws `BodyFailed` where the body has a problem, which is told
 * by then.
 */
export type RunBody = (body: OnnxGraph, inputs: readonly Value[]) => readonly Value[];

/** The problem lies in a node of a body and has been told there. */
export class BodyFailed extends Error {}

/** Of all bodies of a model, written out. More are slow to compile, and a program of that many steps is no use. */
const MOST_NODES = 20_000;

export class ControlFlow {
  private written = 0;
  private readonly importers: Readonly<Record<(typeof controlFlowOperators)[number], Importer>> = {
    If: (cx) => this.branch(cx),
    Loop: (cx) => this.loop(cx),
    Scan: (cx) => this.scan(cx),
  };

  constructor(private readonly runBody: RunBody) {}

  importerOf(operator: string): Importer | undefined {
    const name = controlFlowOperators.find((known) => known === operator);
    return name === undefined ? undefined : this.importers[name];
  }

  private run(cx: ImportContext, body: OnnxGraph, inputs: readonly Value[]): readonly Value[] {
    this.written += Math.max(1, body.nodes.length);
    if (this.written > MOST_NODES)
      cx.fail(
        'Q0427',
        `written out, the bodies of If, Loop and Scan have more than ${MOST_NODES} nodes`,
        undefined,
        'export with shorter loops, or run the loop in your own code and compile its body',
      );
    if (body.inputs.length !== inputs.length)
      cx.fail('Q0428', `the body "${body.name}" has ${body.inputs.length} inputs and is given ${inputs.length}`);
    return this.runBody(body, inputs);
  }

  private branch(cx: ImportContext): readonly Value[] {
    const condition = cx.input(0);
    const [yes, no] = [cx.attrs.requiredGraph('then_branch'), cx.attrs.requiredGraph('else_branch')];
    if (condition.kind === 'const') return this.run(cx, isTrue(condition.tensor) ? yes : no, []);
    const [a, b] = [yes, no].map((body) => this.run(cx, body, []));
    if (a.length !== b.length) cx.fail('Q0428', `one branch has ${a.length} outputs, the other ${b.length}`);
    return a.map((value, i) => chosen(cx, condition, value, b[i], i));
  }

  private loop(cx: ImportContext): readonly Value[] {
    const body = cx.attrs.requiredGraph('body');
    const trips = cx.optional(0) === undefined ? Number.POSITIVE_INFINITY : cx.constantScalar(0);
    let goesOn = cx.optional(1) === undefined || isTrue(cx.constant(1));
    let carried: readonly Value[] = Array.from({ length: Math.max(0, cx.inputCount - 2) }, (_, k) => cx.input(k + 2));
    const extra = body.outputs.length - 1 - carried.length;
    if (extra < 0)
      cx.fail(
        'Q0428',
        `the body "${body.name}" has ${body.outputs.length} outputs for ${carried.length} carried values`,
      );
    const stacks: Value[][] = Array.from({ length: extra }, () => []);
    const [counter, flag] = [indexType('s64', []), indexType('bool', [])];
    for (let i = 0; i < trips && goesOn; i++) {
      const [next, ...results] = this.run(cx, body, [cx.scalar(counter, i), cx.scalar(flag, 1), ...carried]);
      // Without a trip count, or with one of INT64_MAX, the condition alone ends it.
      if (next.kind !== 'const')
        cx.fail(
          'Q0213',
          `whether turn ${i + 2} follows is computed at run time`,
          `output 0 "${body.outputs[0].name}" of the body`,
          'only loops whose number of turns is known can be compiled: export with a fixed number of steps',
        );
      goesOn = isTrue(next.tensor);
      carried = results.slice(0, carried.length);
      for (const [k, stack] of stacks.entries()) stack.push(results[carried.length + k]);
    }
    return [...carried, ...stacks.map((stack) => this.stacked(cx, stack, 0))];
  }

  private scan(cx: ImportContext): readonly Value[] {
    if (cx.opset < 9)
      cx.fail('Q0213', `Scan of opset ${cx.opset} is not supported`, undefined, 'export with opset 9 or later');
    const body = cx.attrs.requiredGraph('body');
    const count = cx.attrs.requiredInt('num_scan_inputs');
    const states = cx.inputCount - count;
    const results = body.outputs.length - states;
    const zeros = (n: number) => new Array<number>(Math.max(0, n)).fill(0);
    const axes = cx.attrs.ints('scan_input_axes', zeros(count));
    const isBackwards = cx.attrs.ints('scan_input_directions', zeros(count));
    const outputAxes = cx.attrs.ints('scan_output_axes', zeros(results));
    const isPrepended = cx.attrs.ints('scan_output_directions', zeros(results));
    if (count < 1 || states < 0 || results < 0 || axes.length !== count || isBackwards.length !== count)
      cx.fail('Q0428', `${count} of ${cx.inputCount} inputs are scanned, by a body of ${body.outputs.length} outputs`);
    if (outputAxes.length !== results || isPrepended.length !== results)
      cx.fail('Q0428', `${outputAxes.length} axes and ${isPrepended.length} directions for ${results} results`);
    const scanned = cx.inputs().slice(states);
    const at = axes.map((axis, k) => cx.axis(axis, scanned[k].type.shape.length));
    const turns = scanned[0].type.shape[at[0]] ?? 0;
    const other = scanned.findIndex((x, k) => x.type.shape[at[k]] !== turns);
    if (other >= 0)
      cx.fail(
        'Q0210',
        `is scanned along ${scanned[other].type.shape[at[other]]} elements, the first along ${turns}`,
        inputPart(cx.node, states + other),
      );
    let carried: readonly Value[] = cx.inputs().slice(0, states);
    const stacks: Value[][] = Array.from({ length: results }, () => []);
    for (let i = 0; i < turns; i++) {
      const parts = scanned.map((x, k) => element(cx, x, at[k], isBackwards[k] === 1 ? turns - 1 - i : i));
      const made = this.run(cx, body, [...carried, ...parts]);
      carried = made.slice(0, states);
      for (const [k, stack] of stacks.entries())
        if (isPrepended[k] === 1) stack.unshift(made[states + k]);
        else stack.push(made[states + k]);
    }
    return [...carried, ...stacks.map((stack, k) => this.stacked(cx, stack, outputAxes[k]))];
  }

  /** What the turns made, side by side along a new axis. */
  private stacked(cx: ImportContext, values: readonly Value[], axis: number): Value {
    const [first] = values;
    if (first === undefined)
      cx.fail(
        'Q0428',
        'it collects results but makes no turn, so that their shape is not known',
        undefined,
        'remove the loop from the model',
      );
    const at = cx.axis(axis, first.type.shape.length + 1);
    const rows = values.map((v) => {
      const { shape } = v.type;
      return cx.make('reshape', { shape: [...shape.slice(0, at), 1, ...shape.slice(at)] }, [v], v.type);
    });
    return rows.length === 1 ? rows[0] : cx.make('concat', { axis: at }, rows, rows[0].type);
  }
}

/** Output `index` of an `If` at run time: both branches are computed. */
function chosen(cx: ImportContext, condition: Value, a: Value, b: Value, index: number): Value {
  const type = eitherType(a.type, b.type);
  if (type === undefined || condition.type.shape.some((size) => size !== 1))
    cx.fail(
      'Q0213',
      `the condition is computed at run time, and output ${index} is ${typeText(a.type)} or ${typeText(b.type)}`,
      undefined,
      'only branches that give the same type and shape can be compiled: export without control flow',
    );
  const flag = cx.make('reshape', { shape: [] }, [condition], condition.type);
  return cx.make('where', {}, [flag, a, b], type);
}

/** The type of both, but for the values that are known to occur; undefined where they differ. */
function eitherType(a: TensorType, b: TensorType): TensorType | undefined {
  if (a.kind !== 'quant' || b.kind !== 'quant') return sameType(a, b) ? a : undefined;
  const range = [Math.min(a.range[0], b.range[0]), Math.max(a.range[1], b.range[1])] as const;
  return sameType({ ...a, range }, { ...b, range }) ? { ...a, range } : undefined;
}

function isTrue({ data }: Tensor): boolean {
  return Number(data[0]) !== 0;
}

/** Entry `i` along `axis`, which is gone. */
function element(cx: ImportContext, x: Value, axis: number, i: number): Value {
  const { shape } = x.type;
  const attrs = {
    starts: shape.map((_, d) => (d === axis ? i : 0)),
    steps: shape.map(() => 1),
    sizes: shape.map((size, d) => (d === axis ? 1 : size)),
  };
  const row = cx.make('slice', attrs, [x], x.type);
  return cx.make('reshape', { shape: shape.filter((_, d) => d !== axis) }, [row], x.type);
}

function typeText({ element, shape }: TensorType): string {
  return `${element}[${shape}]`;
}
