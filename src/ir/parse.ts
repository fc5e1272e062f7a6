/** Reads the textual IR (.qir) back. Invariant: accepts exactly what `print.ts` writes with full constants, plus
 * `seed N` as constant data (a linear congruential fill, for tests). Errors name the line. */
import { isOpKind, opDef } from '../ops/index.js';
import { roundToBf16, roundToF16 } from '../quant/float16.js';
import { anyNode, constant, InternalError, makeNode, param } from './build.js';
import type { AttrsOf, Graph, OpKind, Param, Value } from './graph.js';
import { type AttrValue, attrProblems, ShapeError } from './op.js';
import { type Cursor, cursorOf, ParseError } from './parse-cursor.js';
import { parseType } from './parse-type.js';
import {
  allocate,
  elementRange,
  elements,
  type FloatElement,
  type Tensor,
  type TensorData,
  type TensorType,
} from './type.js';

export { ParseError } from './parse-cursor.js';

/** True if a file is textual IR, as its beginning says. */
export function isGraphText(file: Uint8Array): boolean {
  return Buffer.from(file.subarray(0, 7)).toString('latin1') === 'graph "';
}

/** Throws `ParseError` for text that is no graph. */
export function parseGraph(text: string): Graph {
  const lines = text.split('\n');
  let line = 0;
  try {
    return parseLines(lines, (at) => {
      line = at;
    });
  } catch (cause) {
    // What contradicts the ops is a fault of the text here, not of qcc.
    if (cause instanceof InternalError || cause instanceof ShapeError || cause instanceof SyntaxError)
      throw new ParseError(line, cause.message);
    throw cause;
  }
}

function parseLines(lines: readonly string[], stand: (line: number) => void): Graph {
  const values = new Map<string, Value>();
  const inputs: Param[] = [];
  let name = '';
  const outputs: { name: string; value: Value }[] = [];
  for (const [index, raw] of lines.entries()) {
    stand(index + 1);
    const cursor = cursorOf(raw, index + 1);
    cursor.skip();
    if (cursor.tryTake('}')) break;
    if (cursor.atEnd()) continue;
    if (cursor.tryWord('graph')) {
      name = cursor.string();
      parseInputs(cursor, values, inputs);
    } else if (cursor.tryWord('const')) {
      const id = cursor.id();
      cursor.take(':');
      const type = parseType(cursor);
      cursor.take('=');
      const data = parseData(cursor, type);
      values.set(id, constant(cursor.comment()[0] ?? id, { type, data }));
    } else if (cursor.tryWord('return')) {
      do {
        const value = lookup(values, cursor);
        cursor.word('as');
        outputs.push({ name: cursor.string(), value });
      } while (cursor.tryTake(','));
    } else parseNode(cursor, values);
  }
  if (outputs.length === 0) throw new ParseError(lines.length, 'no graph with an output is in the text');
  return { name, inputs, outputs };
}

function parseInputs(cursor: Cursor, values: Map<string, Value>, inputs: Param[]): void {
  cursor.take('(');
  while (!cursor.tryTake(')')) {
    const id = cursor.id();
    const name = cursor.string();
    cursor.take(':');
    const value = param(name, parseType(cursor));
    values.set(id, value);
    inputs.push(value);
    cursor.tryTake(',');
  }
  cursor.take('{');
}

function lookup(values: Map<string, Value>, cursor: Cursor): Value {
  const id = cursor.id();
  const value = values.get(id);
  if (value === undefined) throw new ParseError(cursor.line, `${id} is not defined`);
  return value;
}

function parseNode(cursor: Cursor, values: Map<string, Value>): void {
  const ids = [cursor.id()];
  while (cursor.tryTake(',')) ids.push(cursor.id());
  cursor.take('=');
  const kind = cursor.name();
  if (!isOpKind(kind)) throw new ParseError(cursor.line, `"${kind}" is not an op`);
  cursor.take('(');
  const operands: Value[] = [];
  while (!cursor.tryTake(')')) {
    operands.push(lookup(values, cursor));
    cursor.tryTake(',');
  }
  const attrs: Record<string, AttrValue> = {};
  if (cursor.tryTake('{'))
    while (!cursor.tryTake('}')) {
      const attr = cursor.name();
      attrs[attr] = parseAttr(cursor);
      cursor.tryTake(',');
    }
  cursor.take(':');
  const types = [parseType(cursor)];
  while (cursor.tryTake(',')) types.push(parseType(cursor));
  const problems = attrProblems(opDef(kind).attrs, attrs);
  if (problems.length > 0) throw new ParseError(cursor.line, `${kind}: ${problems.join('; ')}`);
  const node = anyNode(makeNode(kind, checkedAttrs(kind, attrs), operands, types, { names: cursor.comment() }));
  for (const [i, id] of ids.entries()) values.set(id, node.results[i]);
}

/** `attrProblems` has just checked every member against the op's spec. */
function checkedAttrs<K extends OpKind>(_kind: K, attrs: Record<string, AttrValue>): AttrsOf<K> {
  return attrs as unknown as AttrsOf<K>;
}

function parseAttr(cursor: Cursor): AttrValue {
  if (cursor.tryTake('[')) {
    const list: number[] = [];
    while (!cursor.tryTake(']')) {
      list.push(cursor.number());
      cursor.tryTake(',');
    }
    return list;
  }
  if (cursor.atNumber()) return cursor.number();
  const word = cursor.name();
  return word === 'true' ? true : word === 'false' ? false : word;
}

function parseData(cursor: Cursor, type: TensorType): TensorData {
  const data = allocate(type);
  const count = elements(type.shape);
  if (cursor.tryWord('base64')) {
    const bytes = Buffer.from(cursor.rest(), 'base64');
    if (bytes.length !== data.byteLength)
      throw new ParseError(cursor.line, `${bytes.length} bytes for ${data.byteLength}`);
    new Uint8Array(data.buffer).set(bytes);
    return data;
  }
  if (cursor.tryWord('seed')) return seeded(type, cursor.number());
  if (cursor.tryWord('elided'))
    throw new ParseError(cursor.line, 'the dump left this constant out; dump with full constants');
  cursor.take('[');
  for (let i = 0; i < count; i++) {
    const text = cursor.numberText();
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[i] = BigInt(text);
    else data[i] = cursor.toNumber(text);
    cursor.tryTake(',');
  }
  cursor.take(']');
  return data;
}

/** A number as a tensor of the element can hold it, where its array alone does not see to that. */
const rounders: Readonly<Record<FloatElement, (x: number) => number>> = {
  f32: Math.fround,
  f64: (x) => x,
  f16: roundToF16,
  bf16: roundToBf16,
};

/** Deterministic filler: uniform over the type's range, floats over [-1, 1). */
export function seeded(type: TensorType, seed: number): TensorData {
  const data = allocate(type);
  let state = (Math.imul(seed, 2654435761) ^ 0x9e3779b9) >>> 0;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
  if (state === 0) state = 1;
  for (let i = 0; i < data.length; i++) {
    const r = next();
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[i] = BigInt(r % 16);
    else if (type.kind === 'float') data[i] = rounders[type.element](r / 2147483648 - 1);
    else if (type.kind === 'index') data[i] = type.element === 'bool' ? r & 1 : r % 16;
    else {
      const [lo, hi] = type.range[1] > elementRange.s16[1] ? [-1000, 1000] : type.range;
      data[i] = lo + (r % (hi - lo + 1));
    }
  }
  return data;
}

export function seededTensor(type: TensorType, seed: number): Tensor {
  return { type, data: seeded(type, seed) };
}
