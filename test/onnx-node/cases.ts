/**
 * The cases of ONNX's own operator tests (ONNX 1.12), as they lie in `../shared/onnx-node`, and those of later opsets that
 * later.py made.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import onnxProto, { type onnx } from 'onnx-proto';
import { decodeModel } from '../../src/onnx/decode.js';
import type { NumericTensor } from '../../src/onnx/model.js';
import { rawModel } from '../onnx/raw-model.js';
import later from './later.json' with { type: 'json' };
import { exceptions, listedOperators } from './listed.js';

const root = fileURLToPath(new URL('../../../shared/onnx-node/', import.meta.url));
const suites = ['node', 'simple', 'pytorch-operator', 'pytorch-converted'] as const;

export interface Case {
  /** `node/test_concat_1d_axis_0` */
  readonly name: string;
  /** Serialized tensors in order. */
  readonly stored: (kind: 'input' | 'output') => readonly Uint8Array[];
  readonly model: Uint8Array;
  /** The operator it is about, for the table; several joined by `+`. */
  readonly operator: string;
  /** All its operators are listed, and no exception is made. */
  readonly isRequired: boolean;
  /** Why a case of listed operators is not required. */
  readonly exception: string | undefined;
}

/** Every case, or those whose name or operator holds one of `filters`. */
export function allCases(filters: readonly string[] = []): Case[] {
  if (!existsSync(root)) throw new Error(`${root} is not there: the suite needs ONNX's operator tests`);
  const old = suites.flatMap((suite) =>
    readdirSync(`${root}${suite}`)
      .toSorted()
      .map((folder) => folderCase(`${suite}/${folder}`)),
  );
  return [...old, ...laterCases()].filter(
    (found) => filters.length === 0 || filters.some((f) => found.operator === f || found.name.includes(f)),
  );
}

function folderCase(name: string): Case {
  const dir = `${root}${name}`;
  const stored = (kind: 'input' | 'output') => {
    const tensors: Uint8Array[] = [];
    for (let i = 0; existsSync(`${dir}/test_data_set_0/${kind}_${i}.pb`); i++)
      tensors.push(new Uint8Array(readFileSync(`${dir}/test_data_set_0/${kind}_${i}.pb`)));
    return tensors;
  };
  return caseOf(name, new Uint8Array(readFileSync(`${dir}/model.onnx`)), stored);
}

function laterCases(): Case[] {
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
  return later.map(({ name, model, inputs, outputs }) =>
    caseOf(name, bytes(model), (kind) => (kind === 'input' ? inputs : outputs).map(bytes)),
  );
}

function caseOf(name: string, model: Uint8Array, stored: Case['stored']): Case {
  const proto = onnxProto.onnx.ModelProto.decode(model);
  const operators = [...new Set((proto.graph?.node ?? []).map(operatorName))];
  const isListed = operators.every((op) => listedOperators.has(op));
  const exception = isListed ? exceptions.find(([pattern]) => pattern.test(name))?.[1] : undefined;
  return {
    name,
    stored,
    model,
    operator: subject(name, operators),
    isRequired: isListed && exception === undefined,
    exception,
  };
}

function operatorName(node: onnx.INodeProto): string {
  return node.domain ? `${node.domain}.${node.opType}` : (node.opType ?? '');
}

/** The function bodies (`..._expanded`) and small networks of several operators count together. */
function subject(name: string, operators: readonly string[]): string {
  const real = operators.length > 1 ? operators.filter((op) => op !== 'Constant') : operators;
  if (real.length === 1) return real[0];
  return name.endsWith('_expanded') ? '(function bodies)' : '(several operators)';
}

/** Tensors of one kind (`input`, `output`) in order; undefined for strings. */
export function storedTensors(testCase: Case, kind: 'input' | 'output'): (NumericTensor | undefined)[] {
  return testCase.stored(kind).map(tensorOf);
}

/** A serialized TensorProto, read by the product's own reader as the initializer of a small model. */
function tensorOf(bytes: Uint8Array): NumericTensor | undefined {
  const proto = onnxProto.onnx.TensorProto.decode(bytes);
  const initializer = { ...proto, name: 'w', rawData: proto.rawData };
  const tensor = decodeModel(rawModel({ initializer })).model.graph.initializers.get('w');
  return tensor === undefined || tensor.elementType === 'string' ? undefined : tensor;
}
