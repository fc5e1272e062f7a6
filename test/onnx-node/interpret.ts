/**
 * One case through importer, passes and interpreter, against the stored outputs. Inputs that an operator needs when
 * compiling (shapes, axes, scales, which these tests feed at run time) are constants from the test data, as other
 * compilers take them: an input becomes one when the importer asks for it (Q0206; Q0311 for the weights
 * of a quantized convolution), and no sooner.
 */
import { type Lowered, lowerModel } from '../../src/compiler.js';
import { type Diagnostic, QccError } from '../../src/diagnostics/diagnostic.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import type { Graph } from '../../src/ir/graph.js';
import { elements, gatherData, numberData, sameShape, type Tensor, type TensorType } from '../../src/ir/type.js';
import { decodeModel } from '../../src/onnx/decode.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { typeOfElement } from '../../src/onnx/importer.js';
import { type NumericTensor, nodePlace, type OnnxModel, type OnnxValueInfo } from '../../src/onnx/model.js';
import { type Case, storedTensors } from './cases.js';
import { corrections } from './listed.js';

/** ONNX's own runner compares floats with these: |answer - expected| <= ABSOLUTE + RELATIVE * |expected|. */
const RELATIVE = 1e-3;
const ABSOLUTE = 1e-7;
/** ONNX 1.12 cut bfloat16 off where newer versions and we round it. */
const RELATIVE_BF16 = 2 ** -7;

export interface Passed {
  readonly status: 'passed';
  readonly lowered: Lowered;
  /** In the order of the compiled graph's inputs. */
  readonly inputs: readonly Tensor[];
  /** What the interpreter answers for the optimised graph, in the order of its outputs. */
  readonly outputs: readonly Tensor[];
}
export type Outcome =
  | Passed
  /** A coded error told the user what is not supported. */
  | { readonly status: 'refused'; readonly why: string }
  | { readonly status: 'failed'; readonly why: string };

export function interpretCase(testCase: Case): Outcome {
  try {
    return interpreted(testCase);
  } catch (cause) {
    if (!(cause instanceof QccError)) return { status: 'failed', why: bugText(cause) };
    const why = cause.diagnostics.map(
      (d) => `${d.code} ${d.place?.part === undefined ? '' : `${d.place.part} `}${d.message}`,
    );
    return { status: 'refused', why: why.join('; ') };
  }
}

/** What went wrong inside qcc, and where. */
function bugText(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const frame = /^ *at .*$/m.exec(cause.stack ?? '')?.[0].trim() ?? '';
  return `${cause.message} ${frame}`;
}

function interpreted(testCase: Case): Outcome {
  const model = decodeModel(testCase.model).model;
  const stored = storedTensors(testCase, 'input').map((t, i) => asDeclared(t, model.graph.inputs[i]));
  const values = new Map(
    model.graph.inputs.flatMap(({ name }, i) => (stored[i] === undefined ? [] : [[name, stored[i]] as const])),
  );
  const lowered = lowerWithConstants(model, values);
  const inputs = lowered.graph.inputs.map((p) => tensorFor(values, p.name));
  const before = run(lowered.source, inputs);
  const after = run(lowered.graph, inputs);
  const wanted = expectedOutputs(testCase).map((t, i) => asDeclared(t, model.graph.outputs[i]));
  for (const [i, want] of wanted.entries()) {
    const why = difference(want, before[i]) ?? difference(want, after[i]);
    if (why !== undefined) return { status: 'failed', why: `output ${i} "${model.graph.outputs[i].name}": ${why}` };
  }
  return { status: 'passed', lowered, inputs, outputs: after };
}

function expectedOutputs(testCase: Case): (NumericTensor | undefined)[] {
  const stored = storedTensors(testCase, 'output');
  const correction = corrections.get(testCase.name);
  if (correction === undefined) return stored;
  return stored.map((t, i) => (t && i === 0 ? { ...t, data: Float32Array.from(correction.values) } : t));
}

/** ONNX 1.12 stores bfloat16 as the uint16 of its bits, and one element for a tensor of which only the type counts. */
function asDeclared(tensor: NumericTensor | undefined, info: OnnxValueInfo): NumericTensor | undefined {
  if (tensor === undefined || info.elemType !== 'bf16' || tensor.elementType !== 'u16') return stretched(tensor, info);
  const data = new Float32Array(
    Uint32Array.from(numberData({ type: typeOfElement('u16', tensor.dims), data: tensor.data }), (b) => b << 16).buffer,
  );
  return stretched({ ...tensor, elementType: 'bf16', data }, info);
}

function stretched(tensor: NumericTensor | undefined, { name, dims }: OnnxValueInfo): NumericTensor | undefined {
  const fixed = dims?.flatMap((d) => (typeof d === 'number' ? [d] : [])) ?? [];
  if (tensor?.data.length !== 1 || name !== 'like' || fixed.length !== dims?.length) return tensor;
  return { ...tensor, dims: fixed, data: gatherData(tensor.data, new Int32Array(elements(fixed))) };
}

function lowerWithConstants(model: OnnxModel, values: ReadonlyMap<string, NumericTensor>): Lowered {
  const fixed = new Set<string>();
  for (;;) {
    try {
      return lowerModel({ model: encodeModel(withConstants(model, values, fixed)), fileName: 'case.onnx' });
    } catch (cause) {
      if (!(cause instanceof QccError)) throw cause;
      const before = fixed.size;
      for (const diagnostic of cause.diagnostics)
        for (const name of namedInputs(model, diagnostic))
          for (const source of sourcesOf(model, name)) if (values.has(source)) fixed.add(source);
      if (fixed.size === before) throw cause;
    }
  }
}

/** The values that a diagnostic wants to be constants: the input it names, the weights of a quantized convolution. */
function namedInputs(model: OnnxModel, { code, place }: Diagnostic): readonly string[] {
  if (code === 'Q0206') return /"(.*)"$/.exec(place?.part ?? '')?.slice(1) ?? [];
  if (code !== 'Q0311') return [];
  return model.graph.nodes.find((n) => nodePlace(n).node === place?.node)?.inputs.slice(1) ?? [];
}

/** The graph inputs a value is computed from; `name` itself if it is one. */
function sourcesOf(model: OnnxModel, name: string, seen = new Set<string>()): string[] {
  if (seen.has(name)) return [];
  seen.add(name);
  const maker = model.graph.nodes.find((n) => n.outputs.includes(name));
  return maker === undefined ? [name] : maker.inputs.flatMap((input) => sourcesOf(model, input, seen));
}

function withConstants(
  model: OnnxModel,
  values: ReadonlyMap<string, NumericTensor>,
  fixed: ReadonlySet<string>,
): OnnxModel {
  const { graph } = model;
  const initializers = new Map(graph.initializers);
  for (const name of fixed) {
    const tensor = values.get(name);
    if (tensor !== undefined) initializers.set(name, { ...tensor, name });
  }
  return { ...model, graph: { ...graph, inputs: graph.inputs.filter((i) => !fixed.has(i.name)), initializers } };
}

function tensorFor(values: ReadonlyMap<string, NumericTensor>, name: string): Tensor {
  const found = values.get(name);
  if (found === undefined) throw new Error(`no stored input "${name}"`);
  return { type: typeOfElement(found.elementType, found.dims), data: found.data };
}

function run(graph: Graph, inputs: readonly Tensor[]): Tensor[] {
  for (const [i, p] of graph.inputs.entries())
    if (!sameShape(p.type.shape, inputs[i].type.shape))
      throw new Error(`input "${p.name}" is [${p.type.shape}], stored [${inputs[i].type.shape}]`);
  const answers = evaluateGraph(graph, new Map(graph.inputs.map((p, i) => [p.name, inputs[i]])));
  return graph.outputs.map((o) => {
    const answer = answers.get(o.name);
    if (answer === undefined) throw new Error(`no answer "${o.name}"`);
    return answer;
  });
}

/** Undefined if they agree: integers exactly, floats as near as ONNX's own runner wants them. */
function difference(want: NumericTensor | undefined, got: Tensor): string | undefined {
  if (want === undefined) return 'is stored as strings';
  if (got.type.element !== want.elementType) return `is ${got.type.element}, expected ${want.elementType}`;
  if (!sameShape(got.type.shape, want.dims)) return `is [${got.type.shape}], expected [${want.dims}]`;
  if (got.data.length !== want.data.length) return `has ${got.data.length} elements, expected ${want.data.length}`;
  for (let i = 0; i < want.data.length; i++) {
    const [a, b] = [got.data[i], want.data[i]];
    if (!agrees(a, b, got.type)) return `element ${i} is ${a}, expected ${b}`;
  }
  return undefined;
}

function agrees(got: number | bigint, want: number | bigint, { kind, element }: TensorType): boolean {
  if (got === want || (Number.isNaN(got) && Number.isNaN(want))) return true;
  if (kind !== 'float' || typeof got !== 'number' || typeof want !== 'number') return false;
  return Math.abs(got - want) <= ABSOLUTE + (element === 'bf16' ? RELATIVE_BF16 : RELATIVE) * Math.abs(want);
}
