/** The stored cases: models, inputs, and the answers of ONNX Runtime's exact mode (`make.py` made them). */
import { readdirSync, readFileSync } from 'node:fs';
import { type Lowered, lowerModel } from '../../../src/compiler.js';
import { evaluateGraph } from '../../../src/ir/evaluate.js';
import { allocate, type Tensor, type TensorType } from '../../../src/ir/type.js';

export interface Vector {
  readonly family: string;
  readonly name: string;
  readonly model: Uint8Array;
  readonly inputs: readonly Uint8Array[];
  readonly outputs: readonly Uint8Array[];
}

function parsed(value: unknown): { name: string; model: string; inputs: string[]; outputs: string[] } {
  const texts = (list: unknown): string[] => (Array.isArray(list) ? list.map(String) : []);
  if (typeof value !== 'object' || value === null || !('name' in value) || !('model' in value))
    throw new TypeError('not a vector');
  const { name, model } = value;
  return {
    name: String(name),
    model: String(model),
    inputs: texts('inputs' in value ? value.inputs : []),
    outputs: texts('outputs' in value ? value.outputs : []),
  };
}

export function allVectors(): readonly Vector[] {
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
  return readdirSync(new URL('.', import.meta.url))
    .filter((file) => file.endsWith('.json'))
    .toSorted()
    .flatMap((file) => {
      const list: unknown = JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'));
      if (!Array.isArray(list)) throw new TypeError(`${file} is no list`);
      return list.map((item) => {
        const v = parsed(item);
        const family = file.replace('.json', '');
        return {
          family,
          name: v.name,
          model: bytes(v.model),
          inputs: v.inputs.map(bytes),
          outputs: v.outputs.map(bytes),
        };
      });
    });
}

function tensorOf(type: TensorType, bytes: Uint8Array): Tensor {
  const data = allocate(type);
  if (data.byteLength !== bytes.length) throw new Error(`${bytes.length} bytes stored, ${data.byteLength} expected`);
  new Uint8Array(data.buffer).set(bytes);
  return { type, data };
}

export interface Answered {
  readonly lowered: Lowered;
  readonly inputs: readonly Tensor[];
  /** What ONNX Runtime answers, typed as the compiled graph types it. */
  readonly wanted: readonly Tensor[];
  /** What the interpreter answers. */
  readonly outputs: readonly Tensor[];
}

export function answered(vector: Vector): Answered {
  const lowered = lowerModel({ model: vector.model, fileName: 'vector.onnx' }, { name: 'vector' });
  const { graph } = lowered;
  const inputs = graph.inputs.map((input, i) => tensorOf(input.type, vector.inputs[i]));
  const values = evaluateGraph(graph, new Map(graph.inputs.map((input, i) => [input.name, inputs[i]])));
  const outputs = graph.outputs.map(({ name }) => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`no value for ${name}`);
    return value;
  });
  const wanted = graph.outputs.map(({ value }, i) => tensorOf(value.type, vector.outputs[i]));
  return { lowered, inputs, wanted, outputs };
}
