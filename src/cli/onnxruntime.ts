/**
 * ONNX Runtime as a judge and as a rival. Invariant: nothing is compared with it in exact mode before it has proved on this
 * CPU that the mode is exact: without it, u8 x s8 products saturate on x86 CPUs without VNNI.
 */
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { error, QccError } from '../diagnostics/diagnostic.js';
import { type Element, elements, type Tensor, type TensorData } from '../ir/type.js';
import { encodeModel } from '../onnx/encode.js';
import type { OnnxElement, OnnxModel, OnnxNode, OnnxTensor, OnnxValueInfo } from '../onnx/model.js';
import { floatsToHalves, halvesToFloats } from '../quant/float16.js';

type Runtime = typeof import('onnxruntime-node');

/**
 * `default`: as everybody calls it; it may saturate. `exact`: integers as ONNX defines them. `as-written`: every operator
 * as the model has it, nothing fused; exact where no QLinear operator multiplies u8 by s8.
 */
export type OrtMode = 'default' | 'exact' | 'as-written';

export interface OrtModel {
  /** Outputs by name; `inputs` in any order. */
  run(inputs: readonly NamedTensor[]): Promise<ReadonlyMap<string, TensorData>>;
  /** The same, and of what type they are. Those of types qcc does not hold are left out. */
  runTyped(inputs: readonly NamedTensor[]): Promise<ReadonlyMap<string, TypedData>>;
  /** One run on these inputs, for a clock: tensors are made before, answers stay where they are. */
  repeatable(inputs: readonly NamedTensor[]): () => Promise<void>;
  release(): Promise<void>;
}

export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
}

export interface TypedData {
  readonly element: Element;
  readonly dims: readonly number[];
  readonly data: TensorData;
}

export interface OnnxRuntime {
  readonly version: string;
  /** @param model a path, so that external data is found, or the bytes. Throws `QccError` Q0608 if it refuses the model. */
  open(model: string | Uint8Array, mode: OrtMode, threads?: number): Promise<OrtModel>;
}

const INSTALL = 'npm install --ignore-scripts onnxruntime-node';

/** Undefined where onnxruntime-node is not installed. Throws `QccError` Q0608 if it is and cannot start. */
export async function findOnnxRuntime(): Promise<OnnxRuntime | undefined> {
  let runtime: Runtime;
  try {
    runtime = await import('onnxruntime-node');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw new QccError([error('Q0608', `onnxruntime-node cannot start: ${said(cause)}`, undefined, INSTALL)], 4);
  }
  const version = runtime.env.versions.node ?? runtime.env.versions.common;
  return { version, open: (model, mode, threads = 1) => open(runtime, model, mode, threads) };
}

/** The same; absence is Q0608. */
export async function needOnnxRuntime(): Promise<OnnxRuntime> {
  const found = await findOnnxRuntime();
  if (found !== undefined) return found;
  throw new QccError([error('Q0608', 'onnxruntime-node is not installed', undefined, `install it: ${INSTALL}`)], 4);
}

async function open(runtime: Runtime, model: string | Uint8Array, mode: OrtMode, threads: number): Promise<OrtModel> {
  const options: InferenceSession.SessionOptions = {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: mode === 'as-written' ? 'basic' : 'all',
    // Errors reach us as exceptions; ONNX Runtime would write them to stderr as well.
    logSeverityLevel: 4,
    ...(mode === 'exact' ? { extra: { session: { x64quantprecision: '1' } } } : {}),
  };
  let session: InferenceSession;
  try {
    session = await (typeof model === 'string'
      ? runtime.InferenceSession.create(model, options)
      : runtime.InferenceSession.create(model, options));
  } catch (cause) {
    throw new QccError([error('Q0608', `ONNX Runtime refuses the model: ${said(cause)}`)], 1);
  }
  const feedsOf = (inputs: readonly NamedTensor[]) =>
    Object.fromEntries(inputs.map(({ name, tensor }) => [name, ortTensor(runtime, tensor)]));
  return {
    async run(inputs) {
      const outputs = await session.run(feedsOf(inputs));
      return new Map(Object.entries(outputs).map(([name, tensor]) => [name, dataOf(name, tensor)]));
    },
    async runTyped(inputs) {
      const outputs = await session.run(feedsOf(inputs));
      return new Map(
        Object.entries(outputs).flatMap(([name, tensor]): [string, TypedData][] => {
          const element = elementOf.get(tensor.type);
          if (element === undefined) return [];
          return [[name, { element, dims: tensor.dims, data: dataOf(name, tensor) }]];
        }),
      );
    },
    repeatable(inputs) {
      const feeds = feedsOf(inputs);
      return async () => {
        await session.run(feeds);
      };
    },
    release: () => session.release(),
  };
}

const typeNames: readonly (readonly [Element, OrtTensor.Type])[] = [
  ['s8', 'int8'],
  ['u8', 'uint8'],
  ['s16', 'int16'],
  ['u16', 'uint16'],
  ['s32', 'int32'],
  ['u32', 'uint32'],
  ['s64', 'int64'],
  ['u64', 'uint64'],
  ['bool', 'bool'],
  ['f32', 'float32'],
  ['f64', 'float64'],
  ['f16', 'float16'],
];
const typeOf: ReadonlyMap<Element, OrtTensor.Type> = new Map(typeNames);
const elementOf: ReadonlyMap<string, Element> = new Map(typeNames.map(([element, type]) => [type, element]));

function ortTensor(runtime: Runtime, { type, data }: Tensor): OrtTensor {
  const ortType = typeOf.get(type.element);
  if (ortType === undefined)
    throw new QccError([error('Q0608', `ONNX Runtime cannot be given ${type.element} values by qcc`)], 1);
  const given = type.element === 'f16' ? floatsToHalves(data) : data;
  return new runtime.Tensor(ortType, given, [...type.shape]);
}

function dataOf(name: string, tensor: OrtTensor): TensorData {
  const { data } = tensor;
  // Newer versions of Node have arrays of half floats.
  if (tensor.type === 'float16')
    return data instanceof Uint16Array ? halvesToFloats(data) : Float32Array.from(data, Number);
  if (data instanceof Uint8ClampedArray || !ArrayBuffer.isView(data))
    throw new QccError(
      [error('Q0608', `ONNX Runtime answers "${name}" as ${tensor.type}, which qcc cannot compare`)],
      1,
    );
  return data;
}

/** The first line, cut: ONNX Runtime quotes its own source. */
function said(cause: unknown): string {
  const text = (cause instanceof Error ? cause.message : String(cause)).split('\n', 1)[0];
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}

/** 64 products of 255 and 127: the sum that pairs of saturating 16-bit products cannot reach. */
const TERMS = 64;
export const SELF_TEST_SUM = TERMS * 255 * 127;

/** What `mode` makes of that sum on this CPU. */
export async function selfTest(runtime: OnnxRuntime, mode: OrtMode): Promise<number> {
  const model = await runtime.open(selfTestModel(), mode);
  try {
    const type = { kind: 'quant', element: 'u8', shape: [1, TERMS], range: [0, 255] } as const;
    const affine = { per: 'tensor', scale: 1, zeroPoint: 0 } as const;
    const tensor: Tensor = { type: { ...type, affine }, data: new Uint8Array(elements(type.shape)).fill(255) };
    return Number((await model.run([{ name: 'x', tensor }])).get('y')?.[0]);
  } finally {
    await model.release();
  }
}

/** Throws `QccError` Q0609 where exact mode is not exact. */
export async function proveExact(runtime: OnnxRuntime): Promise<void> {
  const sum = await selfTest(runtime, 'exact');
  if (sum === SELF_TEST_SUM) return;
  const message = `ONNX Runtime ${runtime.version} in exact mode adds 64 x 255 x 127 up to ${sum} instead of ${SELF_TEST_SUM}`;
  throw new QccError([error('Q0609', message)], 4);
}

/** A model that does nothing: y = x, one float. What a call alone costs. */
export function idleModel(): Uint8Array {
  const node = { name: 'idle', opType: 'Identity', domain: '', inputs: ['x'], outputs: ['y'], attributes: new Map() };
  return encodeModel(oneNode(node, value('x', 'f32', [1]), value('y', 'f32', [1]), new Map()));
}

function selfTestModel(): Uint8Array {
  const weights = { name: 'w', dims: [TERMS, 1], elementType: 's8', data: new Int8Array(TERMS).fill(127) } as const;
  const sum = {
    name: 'sum',
    opType: 'MatMulInteger',
    domain: '',
    inputs: ['x', 'w'],
    outputs: ['y'],
    attributes: new Map(),
  };
  const initializers = new Map([['w', weights]]);
  return encodeModel(oneNode(sum, value('x', 'u8', [1, TERMS]), value('y', 's32', [1, 1]), initializers));
}

function value(name: string, elemType: OnnxElement, dims: readonly number[]): OnnxValueInfo {
  return { name, elemType, dims };
}

function oneNode(
  node: OnnxNode,
  input: OnnxValueInfo,
  output: OnnxValueInfo,
  initializers: ReadonlyMap<string, OnnxTensor>,
): OnnxModel {
  const graph = {
    name: node.name,
    inputs: [input],
    outputs: [output],
    initializers,
    nodes: [node],
    valueInfo: new Map(),
  };
  const producer = { name: 'qcc', version: '' };
  return { irVersion: 8, opsets: new Map([['', 13]]), producer, functions: [], metadata: new Map(), graph };
}
