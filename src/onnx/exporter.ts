/**
 * What an op's `export.ts` sees while a Graph becomes an ONNX model. Invariant: importing the model gives a graph of the
 * same meaning. Ops work on NHWC where ONNX has NCHW, and on images of one row where it has matrices: a value may exist
 * in such another form, and is laid out anew only if somebody asks for a form it does not have.
 */
import { error, QccError } from '../diagnostics/diagnostic.js';
import { constant, InternalError } from '../ir/build.js';
import type { AnyNode, Graph, Result, Value } from '../ir/graph.js';
import {
  allocate,
  floatType,
  type QuantType,
  type Shape,
  sameShape,
  type Tensor,
  type TensorType,
} from '../ir/type.js';
import { producer, useCounts } from '../ir/walk.js';
import { scaleAt, zeroPointAt } from '../quant/affine.js';
import { type DynamicProducts, relaid, scalesShape, storedAs } from './export-layout.js';
import type { NumericTensor, OnnxAttribute, OnnxNode, OnnxTensor } from './model.js';

/** `own`: as the value's type says. `nchw`: an NHWC value with its channels in front. `rows`: [1, 1, n, k] as [n, k]. */
export type Form = 'own' | 'nchw' | 'rows';

export type ExportAttributes = Readonly<Record<string, AttributeSource>>;
type AttributeSource =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly strings: readonly string[] };

export interface ExportedAffine {
  /** Scale, and zero point where the element may have one. */
  readonly inputs: readonly string[];
  readonly attributes: ExportAttributes;
}

const auxiliary: ReadonlySet<string> = new Set(['DequantizeLinear', 'QuantizeLinear', 'Reshape', 'Transpose']);
const TO_NHWC = [0, 2, 3, 1];
const TO_NCHW = [0, 3, 1, 2];

export class ExportContext {
  readonly nodes: OnnxNode[] = [];
  readonly initializers = new Map<string, OnnxTensor>();
  private readonly forms = new Map<Value, Map<Form, string>>();
  private readonly wanted = new Map<Value, Map<Form, string>>();
  private readonly affines = new Map<Value, ExportedAffine>();
  private readonly dynamics = new Map<string, readonly string[]>();
  private readonly taken = new Set<string>();
  private readonly nodeNames = new Set<string>();
  private readonly made = new Set<string>();
  private current: AnyNode | undefined;
  private neededOpset = 13;

  constructor(
    graph: Graph,
    /** The opset that the nodes are written for. */
    readonly opset: number,
    private readonly dynamicProducts: DynamicProducts = { nodes: new Set(), per: 'run' },
  ) {
    for (const input of graph.inputs) {
      this.taken.add(input.name);
      this.define(input, 'own', input.name);
    }
    for (const { name, value } of graph.outputs) if (value.kind === 'result') this.want(value, name);
    for (const { name } of graph.outputs) this.taken.add(name);
    const counts = useCounts(graph);
    for (const [name, value] of graph.named ?? []) {
      // A move that was fused away still says what the value it moved is called in another form.
      const isThere = value.kind === 'result' && (counts.has(value) || counts.has(value.node.operands[0]));
      if (isThere && !this.taken.has(name)) this.want(value, name);
    }
  }

  /** The largest opset that any node written so far needs. */
  get needed(): number {
    return this.neededOpset;
  }

  needs(opset: number): void {
    this.neededOpset = Math.max(this.neededOpset, opset);
  }

  begin(node: AnyNode): void {
    this.current = node;
  }

  /** `affine` of a value's own type, written once. */
  affineOf(value: Value): ExportedAffine {
    const { type } = value;
    if (type.kind !== 'quant') throw new InternalError('no quantized value');
    const found = this.affines.get(value) ?? this.affine(this.current?.origin.names.at(-1) ?? 'quant', type);
    this.affines.set(value, found);
    return found;
  }

  /** Ends the export: no ONNX operator says what this node does. */
  refuse(what: string): never {
    throw new QccError([
      error(
        'Q0840',
        `${what} cannot be written as an ONNX operator`,
        { node: this.current?.origin.names[0] ?? 'graph' },
        'leave this operator out of the model that is quantized',
      ),
    ]);
  }

  private want(value: Value, name: string): void {
    const set = (v: Value, form: Form): void => {
      const names = this.wanted.get(v) ?? new Map<Form, string>();
      if (!names.has(form)) names.set(form, name);
      this.taken.add(name);
      this.wanted.set(v, names);
    };
    set(value, 'own');
    const transpose = producer(value, 'transpose');
    if (transpose !== undefined && sameShape(transpose.attrs.perm, TO_NCHW)) set(transpose.operands[0], 'nchw');
    const reshape = producer(value, 'reshape');
    if (reshape !== undefined && sameShape(rowsShape(reshape.operands[0]) ?? [], value.type.shape))
      set(reshape.operands[0], 'rows');
  }

  /** A name nothing else has. */
  fresh(base: string): string {
    let name = base === '' ? 'value' : base;
    for (let i = 1; this.taken.has(name); i++) name = `${base}_${i}`;
    this.taken.add(name);
    return name;
  }

  private define(value: Value, form: Form, name: string): void {
    const names = this.forms.get(value) ?? new Map<Form, string>();
    names.set(form, name);
    this.forms.set(value, names);
  }

  /** Says that `value` is what `name` already is. */
  alias(value: Value, form: Form, name: string): void {
    this.define(value, form, name);
  }

  has(value: Value, form: Form): boolean {
    return this.forms.get(value)?.has(form) ?? false;
  }

  /** The form in which an element-wise op finds its operand: its own, if that exists or nothing else does. */
  formOf(value: Value): Form {
    if (value.kind === 'const' || this.has(value, 'own')) return 'own';
    const transpose = producer(value, 'transpose');
    if (transpose !== undefined && sameShape(transpose.attrs.perm, TO_NHWC)) return 'nchw';
    return this.has(value, 'nchw') ? 'nchw' : this.has(value, 'rows') ? 'rows' : 'own';
  }

  /** ONNX name of a value in a form; laid out anew where that form does not exist yet. */
  name(value: Value, form: Form = 'own'): string {
    const found = this.forms.get(value)?.get(form);
    if (found !== undefined) return found;
    if (value.kind === 'const') {
      if (form !== 'own') throw new InternalError('a constant has one form');
      const name = this.initializer(value.name, value.tensor);
      this.define(value, form, name);
      return name;
    }
    const made = form === 'own' ? this.madeOwn(value) : form === 'nchw' ? this.madeNchw(value) : this.madeRows(value);
    this.define(value, form, made);
    return made;
  }

  private madeOwn(value: Value): string {
    const transpose = producer(value, 'transpose');
    if (transpose !== undefined) {
      const [x] = transpose.operands;
      if (sameShape(transpose.attrs.perm, TO_NCHW) && this.has(x, 'nchw')) return this.name(x, 'nchw');
      return this.transposed(this.name(x), transpose.attrs.perm, value);
    }
    if (this.has(value, 'nchw')) return this.transposed(this.name(value, 'nchw'), TO_NHWC, value);
    if (this.has(value, 'rows')) return this.reshaped(this.name(value, 'rows'), value.type.shape, value);
    const reshape = producer(value, 'reshape');
    if (reshape !== undefined) {
      const [x] = reshape.operands;
      const isMatrix = this.has(x, 'rows') && !this.has(x, 'own');
      const from = isMatrix ? rowsShape(x) : x.type.shape;
      const source = this.name(x, isMatrix ? 'rows' : 'own');
      return sameShape(from ?? [], value.type.shape) ? source : this.reshaped(source, value.type.shape, value);
    }
    const dequantize = producer(value, 'dequantize');
    if (dequantize?.operands[0].kind === 'const')
      return this.weights(
        value,
        value.type.shape.map((_, i) => i),
      );
    throw new InternalError(`a ${value.kind === 'result' ? value.node.kind : value.kind} is read before it is written`);
  }

  private madeNchw(value: Value): string {
    const transpose = producer(value, 'transpose');
    if (transpose !== undefined && sameShape(transpose.attrs.perm, TO_NHWC)) return this.name(transpose.operands[0]);
    return this.transposed(this.name(value), TO_NCHW, undefined);
  }

  private madeRows(value: Value): string {
    const shape = rowsShape(value);
    if (shape === undefined) throw new InternalError('no matrix');
    const reshape = producer(value, 'reshape');
    if (reshape === undefined) return this.reshaped(this.name(value), shape, undefined);
    const [x] = reshape.operands;
    return sameShape(x.type.shape, shape) ? this.name(x) : this.reshaped(this.name(x), shape, undefined);
  }

  transposed(x: string, perm: readonly number[], value: Value | undefined): string {
    const y = this.resultName(value, 'own', 'Transpose');
    this.node('Transpose', [x], [y], { perm: { ints: perm } });
    return y;
  }

  reshaped(x: string, shape: Shape, value: Value | undefined): string {
    const y = this.resultName(value, 'own', 'Reshape');
    this.node('Reshape', [x, this.ints(`${y}_shape`, shape)], [y]);
    return y;
  }

  private resultName(value: Value | undefined, form: Form, operator: string): string {
    const wanted = value === undefined ? undefined : this.wanted.get(value)?.get(form);
    if (wanted !== undefined && !this.made.has(wanted)) {
      this.taken.add(wanted);
      return wanted;
    }
    return this.fresh(`${this.current?.origin.names.at(-1) ?? 'graph'}_${operator}`);
  }

  isDynamic(node: AnyNode): boolean {
    return this.dynamicProducts.nodes.has(node);
  }

  get rangesOf(): DynamicProducts['per'] {
    return this.dynamicProducts.per;
  }

  /** What `make` writes for the value of this name, once for all who read it. */
  once(x: string, make: () => readonly string[]): readonly string[] {
    const found = this.dynamics.get(x) ?? make();
    this.dynamics.set(x, found);
    return found;
  }

  /** An operator whose only result is `value` in this form. */
  result(
    value: Value,
    operator: string,
    inputs: readonly string[],
    attributes: ExportAttributes = {},
    form: Form = 'own',
  ): string {
    const name = this.resultName(value, form, operator);
    this.node(operator, inputs, [name], attributes);
    this.define(value, form, name);
    return name;
  }

  /** An operator with several results, all of them values of the graph. */
  results(values: readonly Value[], operator: string, inputs: readonly string[], attributes: ExportAttributes): void {
    const names = values.map((value) => this.resultName(value, 'own', operator));
    this.node(operator, inputs, names, attributes);
    for (const [i, name] of names.entries()) this.define(values[i], 'own', name);
  }

  /** An operator with one result that is no value of the graph. */
  inner(operator: string, inputs: readonly string[], attributes: ExportAttributes = {}): string {
    const name = this.fresh(`${this.current?.origin.names.at(-1) ?? 'graph'}_${operator}`);
    this.node(operator, inputs, [name], attributes);
    return name;
  }

  node(
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: ExportAttributes = {},
    domain = '',
  ): void {
    const base = this.current?.origin.names.at(-1) ?? operator;
    // The node's own name goes to what computes.
    let name = auxiliary.has(operator) || this.nodeNames.has(base) ? `${base}_${operator}` : base;
    for (let i = 1; this.nodeNames.has(name); i++) name = `${base}_${operator}_${i}`;
    this.nodeNames.add(name);
    const list = Object.entries(attributes).map(([key, source]) => [key, attributeOf(key, source)] as const);
    for (const output of outputs) this.made.add(output);
    this.nodes.push({ name, opType: operator, domain, inputs, outputs, attributes: new Map(list) });
  }

  /** A constant tensor; equal names get a suffix. */
  initializer(base: string, tensor: Tensor): string {
    const name = this.fresh(base);
    const { element, shape } = tensor.type;
    const stored: NumericTensor = { name, dims: shape, elementType: element, data: tensor.data };
    this.initializers.set(name, stored);
    return name;
  }

  ints(base: string, list: readonly number[]): string {
    const type: TensorType = { kind: 'index', element: 's64', shape: [list.length] };
    return this.initializer(base, { type, data: BigInt64Array.from(list, BigInt) });
  }

  float(base: string, value: number): string {
    return this.scalar(base, floatType([]), value);
  }

  /** One number of the element of `like`. */
  scalar(base: string, like: TensorType, value: number): string {
    const type = { ...like, shape: [] };
    const data = allocate(type);
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[0] = BigInt(value);
    else data[0] = value;
    return this.initializer(base, { type, data });
  }

  /** Scale and zero point of a quantized tensor as initializers, and the attributes that say how they lie. */
  affine(base: string, type: QuantType): ExportedAffine {
    const { affine, element } = type;
    const count = affine.per === 'tensor' ? 1 : affine.scales.length;
    const shape = scalesShape(affine, type.shape);
    const scales = Float32Array.from({ length: count }, (_, i) => scaleAt(affine, i));
    const zeros = Int32Array.from({ length: count }, (_, i) => zeroPointAt(affine, i));
    const scale = this.initializer(`${base}_scale`, { type: { kind: 'float', element: 'f32', shape }, data: scales });
    // ONNX Runtime wants none for int32, where it could only be 0.
    const zero =
      element === 's32'
        ? []
        : [this.initializer(`${base}_zero_point`, { type: { ...type, shape }, data: storedAs(element, zeros) })];
    const attributes =
      affine.per === 'tensor'
        ? {}
        : affine.per === 'axis'
          ? { axis: { int: affine.axis } }
          : { axis: { int: affine.axis }, block_size: { int: affine.block } };
    if (affine.per === 'block' || element === 's4' || element === 'u4' || element === 's16' || element === 'u16')
      this.needs(21);
    return { inputs: [scale, ...zero], attributes };
  }

  /** Float constant -> quantize -> dequantize, all of it permuted. */
  private fakeQuantized(stored: Result, perm: readonly number[], shape: (permuted: Shape) => Shape): string {
    const [real] = stored.node.operands;
    if (real.kind !== 'const' || stored.type.kind !== 'quant') throw new InternalError('no weights');
    const w = this.weights(real, perm, shape);
    const like = constant(real.name, { type: stored.type, data: new Int8Array(real.tensor.data.length) });
    const { type } = relaid(like, perm, shape);
    if (type.kind !== 'quant') throw new InternalError('weights lost their scale');
    const { inputs, attributes } = this.affine(real.name, type);
    const q = this.inner('QuantizeLinear', [w, ...inputs], attributes);
    return this.inner('DequantizeLinear', [q, ...inputs], attributes);
  }

  /** `weights`, or the same of a value of run time. */
  permuted(value: Value, perm: readonly number[]): string {
    const stored = producer(value, 'dequantize')?.operands[0];
    const isStored = stored !== undefined && (stored.kind === 'const' || isFakeQuantized(stored));
    return value.kind === 'const' || isStored
      ? this.weights(value, perm)
      : this.transposed(this.name(value), perm, undefined);
  }

  /** A constant, or dequantized constant, with its dimensions permuted and then reshaped: no node is written for it. */
  weights(value: Value, perm: readonly number[], shape: (permuted: Shape) => Shape = (s) => s): string {
    if (value.kind === 'const') return this.initializer(value.name, relaid(value, perm, shape));
    const node = producer(value, 'dequantize');
    const stored = node?.operands[0];
    if (stored !== undefined && isFakeQuantized(stored)) return this.fakeQuantized(stored, perm, shape);
    if (stored?.kind !== 'const' || stored.type.kind !== 'quant') return this.refuse('a weight computed at run time');
    const tensor = relaid(stored, perm, shape);
    if (tensor.type.kind !== 'quant') throw new InternalError('weights lost their scale');
    const q = this.initializer(`${stored.name}_quantized`, tensor);
    const { inputs, attributes } = this.affine(stored.name, tensor.type);
    return this.inner('DequantizeLinear', [q, ...inputs], attributes);
  }
}

/** A float constant that is quantized at run time, as far as the model says. */
export function isFakeQuantized(value: Value): value is Result {
  return producer(value, 'quantize')?.operands[0].kind === 'const';
}

/** [n, k] of an image of one row, [1, 1, n, k]. */
export function rowsShape(value: Value): Shape | undefined {
  const { shape } = value.type;
  return shape.length === 4 && shape[0] === 1 && shape[1] === 1 ? shape.slice(2) : undefined;
}

function attributeOf(name: string, source: AttributeSource): OnnxAttribute {
  if ('int' in source) return { kind: 'int', name, value: source.int, exact: BigInt(source.int) };
  if ('ints' in source) return { kind: 'ints', name, value: source.ints, exact: source.ints.map(BigInt) };
  if ('float' in source) return { kind: 'float', name, value: Math.fround(source.float) };
  if ('strings' in source) return { kind: 'strings', name, value: source.strings };
  return { kind: 'string', name, value: source.string };
}
