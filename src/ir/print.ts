/**
 * The textual IR (.qir). Invariant: `parse(print(graph))` is the same graph, names of values included only as far as
 * the printer makes them (ids are given in topological order and never stored in nodes).
 */
import type { Const, Graph, Value } from './graph.js';
import type { AttrValue } from './op.js';
import { type Affine, elementRange, elements, type TensorData, type TensorType } from './type.js';
import { topologicalOrder } from './walk.js';

export interface PrintOptions {
  /** `full`: the text parses back. `elided`: constants over 64 elements show only a digest of their bytes. */
  readonly constants: 'full' | 'elided';
}

const INLINE_ELEMENTS = 64;

/** Shortest decimal that reads back as the same float32. */
export function f32Text(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  for (let digits = 1; digits <= 9; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return String(text);
  }
  return String(value);
}

export function affineText(affine: Affine): string {
  if (affine.per === 'tensor') return `q(${f32Text(affine.scale)}, ${affine.zeroPoint})`;
  const scales = Array.from(affine.scales, f32Text).join(', ');
  const zeros = affine.zeroPoints.join(', ');
  const where = affine.per === 'axis' ? `axis ${affine.axis}` : `block ${affine.axis} ${affine.block}`;
  return `q(${where}, [${scales}], [${zeros}])`;
}

/** `s8[1,8,8,3] q(0.02, -4) in 0..127`; long per-axis lists are shortened to their ends when `brief`. */
export function typeText(type: TensorType, brief = false): string {
  const base = `${type.element}[${type.shape.join(',')}]`;
  if (type.kind !== 'quant') return base;
  const full = elementRange[type.element];
  const range = type.range[0] === full[0] && type.range[1] === full[1] ? '' : ` in ${type.range[0]}..${type.range[1]}`;
  if (brief && type.affine.per !== 'tensor') return `${base} q(axis ${type.affine.axis})${range}`;
  return `${base} ${affineText(type.affine)}${range}`;
}

function attrText(value: AttrValue): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'boolean') return String(value);
  return `[${value.map(numberText).join(', ')}]`;
}

function numberText(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
}

function dataText(data: TensorData, type: TensorType): string {
  const one = (value: number | bigint) =>
    typeof value === 'bigint'
      ? String(value)
      : type.kind === 'float' && type.element !== 'f64'
        ? f32Text(value)
        : numberText(value);
  return `[${Array.from<number | bigint, string>(data, one).join(', ')}]`;
}

/** 64-bit FNV-1a over the bytes, in hexadecimal: tells two dumps apart, nothing more. */
function digest(data: TensorData): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new Uint8Array(data.buffer, data.byteOffset, Math.min(data.byteLength, 4096)))
    hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  return hash.toString(16).padStart(16, '0');
}

function constantText(id: string, constant: Const, options: PrintOptions): string {
  const { type, data } = constant.tensor;
  const head = `  const ${id} : ${typeText(type)} = `;
  if (elements(type.shape) <= INLINE_ELEMENTS) return head + dataText(data, type);
  if (options.constants === 'elided') return `${head}elided ${digest(data)}`;
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return `${head}base64 ${bytes.toString('base64')}`;
}

export function quoted(text: string): string {
  return JSON.stringify(text);
}

export function printGraph(graph: Graph, options: PrintOptions = { constants: 'full' }): string {
  const ids = new Map<Value, string>();
  const lines: string[] = [];
  for (const [i, input] of graph.inputs.entries()) ids.set(input, `%in${i}`);
  const inputs = graph.inputs.map((p, i) => `%in${i} ${quoted(p.name)}: ${typeText(p.type)}`);
  let constants = 0;
  const idOf = (value: Value): string => {
    const known = ids.get(value);
    if (known !== undefined) return known;
    if (value.kind !== 'const') throw new Error('a value is printed before its node');
    const id = `@c${constants++}`;
    ids.set(value, id);
    lines.push(`${constantText(id, value, options)}   // ${quoted(value.name)}`);
    return id;
  };
  let next = 0;
  for (const node of topologicalOrder(graph)) {
    const operands = node.operands.map(idOf).join(', ');
    const attrs = Object.entries(node.attrs)
      .map(([name, value]) => `${name} ${attrText(value)}`)
      .join(', ');
    const results = node.results.map((r) => {
      const id = `%${next++}`;
      ids.set(r, id);
      return id;
    });
    const types = node.results.map((r) => typeText(r.type)).join(', ');
    const origin = node.origin.names.length > 0 ? `   // ${node.origin.names.map(quoted).join(', ')}` : '';
    lines.push(
      `  ${results.join(', ')} = ${node.kind}(${operands})${attrs === '' ? '' : ` {${attrs}}`} : ${types}${origin}`,
    );
  }
  const outputs = graph.outputs.map((o) => `${idOf(o.value)} as ${quoted(o.name)}`);
  return [
    `graph ${quoted(graph.name)} (${inputs.join(', ')}) {`,
    ...lines,
    `  return ${outputs.join(', ')}`,
    '}',
    '',
  ].join('\n');
}
