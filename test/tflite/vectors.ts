/** Small models and LiteRT's answers to them, as `vectors/make.py` and `make_16x8.py` wrote them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { allocate, type Tensor, type TensorType } from '../../src/ir/type.js';

export interface Vector {
  /** The operator, then what is special. */
  readonly name: string;
  /** The file, in base64; inputs and outputs are base64 of little-endian bytes. */
  readonly model: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Share of the largest answer; 0: bytes. */
  readonly tolerance: number;
}

function isVector(v: unknown): v is Vector {
  return typeof v === 'object' && v !== null && 'name' in v && 'model' in v && 'inputs' in v && 'outputs' in v;
}

function read(file: string): readonly Vector[] {
  const parsed: unknown = JSON.parse(readFileSync(new URL(`vectors/${file}`, import.meta.url), 'utf8'));
  assert.ok(Array.isArray(parsed));
  return parsed.filter(isVector);
}

export const vectors = read('vectors.json');
/** Of int16 activations and int8 weights. */
export const wideVectors = read('vectors-16x8.json');

export function tensorOf(type: TensorType, text: string): Tensor {
  const data = allocate(type);
  const bytes = Buffer.from(text, 'base64');
  assert.equal(bytes.length, data.byteLength);
  new Uint8Array(data.buffer).set(bytes);
  return { type, data };
}
