/**
 * Why two programs that both do what ONNX says answer differently: a float before a quantizer may differ in its last bit,
 * its rounding then by a step, and the layers behind multiply that. So each stretch between quantizers is compared by
 * itself: the interpreter begins it with the values that ONNX Runtime had there. Invariant: what is called rounding is one
 * step of rare elements or of one entry of a table, or what is allowed of floats; anything else is named as a fault.
 */
import { type CompileOptions, lowerModel } from '../compiler.js';
import { QccError } from '../diagnostics/diagnostic.js';
import { evaluateGraph } from '../ir/evaluate.js';
import type { Param, Value } from '../ir/graph.js';
import type { Tensor, TensorData } from '../ir/type.js';
import { type CutValue, cutAt, cutValues, type GivenValue, withOutputs } from '../onnx/cut.js';
import { decodeModel } from '../onnx/decode.js';
import { encodeModel } from '../onnx/encode.js';
import type { OnnxModel } from '../onnx/model.js';
import { type Difference, difference, differenceText, gridOf, largestOf, total } from './compare.js';
import {
  type NamedTensor,
  type OnnxRuntime,
  type OrtMode,
  type OrtModel,
  SELF_TEST_SUM,
  selfTest,
  type TypedData,
} from './onnxruntime.js';
import type { Session } from './session.js';

/** At a quantizer, or of an output; all samples together. */
export interface StretchReport extends Difference {
  readonly name: string;
  readonly origin: string;
  readonly isFloat: boolean;
  /** Largest absolute value of the reference. */
  readonly largest: number;
  readonly isRounding: boolean;
}

export interface CutComparison {
  readonly quantizers: readonly StretchReport[];
  readonly outputs: readonly StretchReport[];
  /** Every stretch differs by rounding alone. */
  readonly isRounding: boolean;
  /** How far ONNX Runtime's answers with and without fusing operators are apart; undefined where it could not tell. */
  readonly unfused: number | undefined;
}

type Apart = Omit<StretchReport, 'name' | 'origin'>;

/**
 * One element in this many, or one of a sample, may be rounded the other way. Of a table it is one entry, however many elements hold it: a
 * sigmoid of 2.50000047 steps, which ONNX Runtime approximates from below, is in 0.4 % of a YOLOv8 layer.
 */
const RARE = 256;
/** Cells quantize their state to 8 bits in every step of time, where no cut can be made: what one step amounts to. */
const STATE_STEP = 2 ** -8;

export class CutComparer {
  private readonly found = new Map<string, Apart[]>();

  private unfused: number | undefined;

  private constructor(
    private readonly model: OnnxModel,
    private readonly options: Pick<CompileOptions, 'dims' | 'rounding'>,
    private readonly tolerance: number,
    private readonly values: readonly CutValue[],
    private readonly probed: OrtModel,
    private readonly asWritten: OrtModel | undefined,
  ) {}

  /** Undefined where the model has no quantizers, or ONNX Runtime cannot show what they give. */
  static async open(
    { source }: Pick<Session, 'source'>,
    options: Pick<CompileOptions, 'dims' | 'rounding'>,
    tolerance: number,
    runtime: OnnxRuntime,
    mode: OrtMode,
  ): Promise<CutComparer | undefined> {
    const { model } = decodeModel(source.model, source.externalData);
    const values = cutValues(model);
    if (values.length === 0) return undefined;
    try {
      const isExact = (await selfTest(runtime, 'as-written')) === SELF_TEST_SUM;
      const asWritten = isExact ? await runtime.open(encodeModel(model), 'as-written') : undefined;
      const probed = await runtime.open(encodeModel(withOutputs(model, values)), mode);
      return new CutComparer(model, options, tolerance, values, probed, asWritten);
    } catch (failure) {
      // What cannot be written again, or not be loaded with more outputs, is judged by its outputs.
      if (failure instanceof QccError || failure instanceof RangeError) return undefined;
      throw failure;
    }
  }

  /** @param inputs as the model takes them. */
  async add(inputs: readonly NamedTensor[]): Promise<void> {
    const said = await this.probed.runTyped(inputs);
    for (const [name, data] of (await this.asWritten?.run(inputs)) ?? []) {
      const fused = said.get(name)?.data;
      if (fused !== undefined)
        this.unfused = Math.max(this.unfused ?? 0, difference(data, fused, { signedZero: false }).maxAbsDiff);
    }
    const given = this.values.flatMap((value): (GivenValue & TypedData)[] => {
      const typed = said.get(value.name);
      return typed === undefined ? [] : [{ ...value, ...typed }];
    });
    const cut = cutAt(this.model, given);
    const { graph } = lowerModel({ model: encodeModel(cut.model), fileName: 'cut' }, this.options);
    const begun = new Map<string, TensorData>(inputs.map(({ name, tensor }) => [name, tensor.data]));
    for (const [i, { data }] of given.entries()) begun.set(cut.inputs[i], data);
    const computed = evaluateGraph(graph, new Map(graph.inputs.flatMap((p) => tensorOf(p, begun.get(p.name)))));
    for (const { name, value } of graph.outputs) {
      const want = said.get(name)?.data;
      const got = computed.get(name)?.data;
      if (want === undefined || got?.length !== want.length) throw new Error(`no two values "${name}" of one size`);
      const grid = gridOf(value);
      const apart = { ...difference(got, want, { grid, signedZero: false }), largest: largestOf(want) };
      const isFloat = value.type.kind === 'float' && grid === undefined;
      const isRounding = isFloat
        ? apart.maxAbsDiff <= (quantizesState(value) ? STATE_STEP : this.tolerance) * apart.largest
        : apart.maxSteps <= 1 &&
          (apart.elements - apart.equal <= Math.max(1, apart.elements / RARE) ||
            (isTable(value) && differingValues(got, want).size === 1));
      const list = this.found.get(name);
      if (list === undefined) this.found.set(name, [{ ...apart, isFloat, isRounding }]);
      else list.push({ ...apart, isFloat, isRounding });
    }
  }

  report(): CutComparison {
    const { outputs } = this.model.graph;
    const quantizers = this.values.flatMap((v) => this.stretch(v.name, v.origin));
    const given = outputs.flatMap(({ name }) => this.stretch(name, name));
    return {
      quantizers,
      outputs: given,
      isRounding: [...quantizers, ...given].every((s) => s.isRounding),
      unfused: this.unfused,
    };
  }

  private stretch(name: string, origin: string): StretchReport[] {
    const list = this.found.get(name) ?? [];
    if (list.length === 0) return [];
    const largest = Math.max(...list.map((d) => d.largest));
    return [
      { ...total(list), name, origin, largest, isFloat: list[0].isFloat, isRounding: list.every((d) => d.isRounding) },
    ];
  }

  async release(): Promise<void> {
    await this.probed.release();
    await this.asWritten?.release();
  }
}

/** A function of one stored byte, moved at most: a float near a tie is near it in every element that holds the byte. */
function isTable(value: Value): boolean {
  if (value.kind !== 'result') return false;
  const { kind, operands } = value.node;
  return kind === 'lookup' || ((kind === 'transpose' || kind === 'reshape') && isTable(operands[0]));
}

/** Whether a recurrent cell with stored weights is on the way from the cuts to the value. */
export function quantizesState(value: Value): boolean {
  const seen = new Set<Value>([value]);
  for (const at of seen) {
    if (at.kind !== 'result') continue;
    const { kind, operands } = at.node;
    if ((kind === 'lstm' || kind === 'gru') && operands[1].type.kind === 'quant') return true;
    for (const operand of operands) seen.add(operand);
  }
  return false;
}

/** Those of `got`. */
function differingValues(got: TensorData, want: TensorData): ReadonlySet<number> {
  const found = new Set<number>();
  for (let i = 0; i < got.length; i++) if (got[i] !== want[i]) found.add(Number(got[i]));
  return found;
}

function tensorOf(parameter: Param, data: TensorData | undefined): [string, Tensor][] {
  return data === undefined ? [] : [[parameter.name, { type: parameter.type, data }]];
}

/** The fault of a comparison that is not rounding alone. */
export function firstFault({ quantizers, outputs }: CutComparison): string {
  const first = [...quantizers, ...outputs].find((s) => !s.isRounding);
  if (first === undefined) throw new Error('no stretch is at fault');
  return `begun with ONNX Runtime's own values at every quantizer, the first to differ by more than rounding is "${first.origin}": ${differenceText(first)}`;
}

/** For people. */
export function cutLines({ quantizers, outputs, isRounding, unfused }: CutComparison): readonly string[] {
  const differing = quantizers.filter((q) => q.equal < q.elements);
  const integers = differing.filter((q) => !q.isFloat);
  const elements = quantizers.reduce((sum, q) => sum + q.elements, 0);
  const unequal = integers.reduce((sum, q) => sum + q.elements - q.equal, 0);
  const steps = Math.max(...integers.map((q) => q.maxSteps));
  const share = Math.max(...quantizers.filter((q) => q.isFloat).map((q) => q.maxAbsDiff / (q.largest || 1)));
  return [
    `begun with ONNX Runtime's values at each quantizer, ${quantizers.length - differing.length} of ${quantizers.length} stretches end with the same values`,
    ...integers
      .slice(0, 1)
      .map((q) => `${unequal} of ${elements} elements differ, by ${plural(steps, 'step')}, first from "${q.origin}"`),
    ...(Number.isFinite(share)
      ? [`floats before a quantizer of run time: at most ${short(share)} of their largest value apart`]
      : []),
    ...outputs.map((o) => `"${o.name}" after the last quantizer: ${differenceText(o)}`),
    ...(unfused === undefined
      ? []
      : [`ONNX Runtime that fuses no operators is ${short(unfused)} away from ONNX Runtime that does`]),
    ...(isRounding
      ? ['so floats are rounded the other way here and there, and the layers behind multiply it: no fault']
      : []),
  ];
}

function plural(count: number, what: string): string {
  return count === 1 ? `one ${what}` : `up to ${count} ${what}s`;
}

function short(x: number): number {
  return Number(x.toPrecision(2));
}

export function cutJson({ quantizers, outputs, isRounding, unfused }: CutComparison) {
  const stretch = (s: StretchReport) => ({
    name: s.name,
    origin: s.origin,
    elements: s.elements,
    equal_fraction: s.equal / Math.max(1, s.elements),
    max_abs_diff: s.maxAbsDiff,
    max_steps: s.maxSteps,
  });
  return {
    alone: isRounding,
    quantizers: quantizers.map(stretch),
    outputs: outputs.map(stretch),
    unfused_max_abs_diff: unfused ?? null,
  };
}
