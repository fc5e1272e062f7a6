/**
 * Which channels of a float graph may be scaled together without any output noticing: what makes the channel divides by
 * the scale, what sums over it multiplies. Invariant: whatever positive scales the free classes are given, `rescaled`
 * computes the same outputs, and bit for bit where they are powers of two (but for subnormal numbers).
 *
 * A relu, a maximum, an average and an addition pass a positive scale on; a clamp at 6, a softmax or a product of two
 * activations does not, and pins the channels it reads. Nagel et al. 2019, "Data-free quantization through weight
 * equalization and bias correction", 4.1, for whole networks instead of pairs of layers.
 */
import { anyNode, constant, makeNode } from './build.js';
import type { AnyNode, Const, Graph, Node, Value } from './graph.js';
import { mapGraph } from './rewrite.js';
import { elements, f32Data, type Shape } from './type.js';
import { topologicalOrder } from './walk.js';

/** The entries of one axis of a value, each in a class. */
export interface ScaledAxis {
  readonly axis: number;
  /** Class of each entry, as `ScaleClasses.classOf` numbers them. */
  readonly classes: Int32Array;
}

export class ScaleClasses {
  private readonly parent: number[] = [];
  private readonly pinned: boolean[] = [];
  private readonly labels = new Map<Value, ScaledAxis>();

  constructor(readonly graph: Graph) {
    for (const input of graph.inputs) {
      const { shape } = input.type;
      const axis = shape.length === 4 ? 1 : shape.length - 1;
      if (axis < 1) continue;
      this.labels.set(input, this.fresh(axis, shape[axis]));
      this.pin(input);
    }
    for (const node of topologicalOrder(graph)) {
      const label = this.through(node);
      if (label === undefined) for (const operand of node.operands) this.pin(operand);
      else this.labels.set(node.results[0], label);
    }
    for (const { value } of graph.outputs) this.pin(value);
  }

  /** The classes of a value's channels; undefined where none may be scaled. */
  of(value: Value): ScaledAxis | undefined {
    const label = this.channelsOf(value);
    return label?.classes.every((id) => this.pinned[id]) === false ? label : undefined;
  }

  /** The same of all values whose channels stay apart, scaled or not. */
  channelsOf(value: Value): ScaledAxis | undefined {
    const label = this.labels.get(value);
    return label === undefined ? undefined : { ...label, classes: label.classes.map((id) => this.root(id)) };
  }

  isPinned(id: number): boolean {
    return this.pinned[this.root(id)];
  }

  private root(id: number): number {
    let at = id;
    while (this.parent[at] !== at) at = this.parent[at];
    this.parent[id] = at;
    return at;
  }

  private fresh(axis: number, count: number): ScaledAxis {
    const start = this.parent.length;
    for (let i = 0; i < count; i++) {
      this.parent.push(start + i);
      this.pinned.push(false);
    }
    return { axis, classes: Int32Array.from({ length: count }, (_, i) => start + i) };
  }

  private join(a: number, b: number): void {
    const [x, y] = [this.root(a), this.root(b)];
    if (x === y) return;
    this.parent[y] = x;
    this.pinned[x] ||= this.pinned[y];
  }

  private pin(value: Value): void {
    for (const id of this.labels.get(value)?.classes ?? []) this.pinned[this.root(id)] = true;
  }

  /** The label of the result; operands that cannot be scaled are pinned. Undefined: nothing passes. */
  private through(node: AnyNode): ScaledAxis | undefined {
    const [x] = node.operands;
    const label = x === undefined ? undefined : this.labels.get(x);
    switch (node.kind) {
      case 'conv2d': {
        if (label?.axis !== 3) this.pin(x);
        return constantsOf(node) === undefined ? undefined : this.fresh(3, node.results[0].type.shape[3]);
      }
      case 'normalize': {
        this.pin(x);
        const last = node.results[0].type.shape.length - 1;
        const constants = constantsOf(node);
        if (constants?.every((c) => isVector(c.type.shape, node.results[0].type.shape, last)) !== true)
          return undefined;
        return this.fresh(last, node.results[0].type.shape[last]);
      }
      case 'binary':
        return this.throughPair(node);
      case 'clamp':
        if (node.attrs.min !== 0 || node.attrs.max !== Number.POSITIVE_INFINITY) this.pin(x);
        return label;
      case 'activation':
        if (node.attrs.fn !== 'leaky-relu') this.pin(x);
        return label;
      case 'unary':
        this.pin(x);
        return label;
      case 'max-pool':
      case 'average-pool':
        return label?.axis === 3 ? label : undefined;
      case 'concat': {
        const labels = node.operands.flatMap((v) => this.labels.get(v) ?? []);
        if (labels.length < node.operands.length || labels.some((l) => l.axis !== node.attrs.axis)) return undefined;
        return { axis: node.attrs.axis, classes: Int32Array.from(labels.flatMap((l) => [...l.classes])) };
      }
      case 'transpose':
        return label === undefined ? undefined : { ...label, axis: node.attrs.perm.indexOf(label.axis) };
      case 'reshape':
        return label === undefined ? undefined : reshaped(label, x.type.shape, node.results[0].type.shape);
      case 'reduce':
        return label === undefined || !['mean', 'sum', 'max', 'min'].includes(node.attrs.fn)
          ? undefined
          : reduced(label, node.attrs.axes, x.type.shape, node.results[0].type.shape);
      case 'pad':
        return label === undefined || node.attrs.value !== 0 || isPadded(node, label.axis) ? undefined : label;
      default:
        return undefined;
    }
  }

  private throughPair(node: Node<'binary'>): ScaledAxis | undefined {
    const [a, b] = node.operands;
    const [y] = node.results;
    const [left, right] = [this.labels.get(a), this.labels.get(b)];
    const { fn } = node.attrs;
    if (b.kind !== 'const') {
      const isSum = fn === 'add' || fn === 'sub' || fn === 'max' || fn === 'min';
      if (!isSum || left === undefined || right === undefined || left.axis !== right.axis) return undefined;
      if (elements(a.type.shape) !== elements(y.type.shape) || elements(b.type.shape) !== elements(y.type.shape))
        return undefined;
      for (const [i, id] of left.classes.entries()) this.join(id, right.classes[i]);
      return left;
    }
    if (b.tensor.data.length === 1) {
      this.pin(a);
      return left;
    }
    const last = y.type.shape.length - 1;
    if (!isVector(b.type.shape, y.type.shape, last)) return undefined;
    // A factor for each channel makes channels anew, as the gain of a normalisation does.
    if (fn === 'mul') {
      this.pin(a);
      return this.fresh(last, y.type.shape[last]);
    }
    return (fn === 'add' || fn === 'sub') && left?.axis === last ? left : undefined;
  }
}

function isPadded({ attrs }: Node<'pad'>, axis: number): boolean {
  return attrs.before[axis] !== 0 || attrs.after[axis] !== 0;
}

/** One entry for each of the last axis, broadcast over the others. */
function isVector(shape: Shape, of: Shape, last: number): boolean {
  return last >= 0 && of[last] > 1 && shape.at(-1) === of[last] && elements(shape) === of[last];
}

/** The constant float operands behind the first; undefined if one is not constant. */
function constantsOf(node: AnyNode): readonly Const[] | undefined {
  const found = node.operands.slice(1).flatMap((v) => (v.kind === 'const' && v.type.element === 'f32' ? [v] : []));
  return found.length === node.operands.length - 1 ? found : undefined;
}

/** Where a reshape leaves an axis whose entries say the channel: each is one channel of before, or a part of one. */
function reshaped({ axis, classes }: ScaledAxis, from: Shape, to: Shape): ScaledAxis | undefined {
  const inner = elements(from.slice(axis + 1));
  for (const [at, size] of to.entries()) {
    const within = elements(to.slice(at + 1));
    if (inner % within !== 0) continue;
    const each = inner / within;
    if (size % (each * classes.length) !== 0) continue;
    const found = Int32Array.from({ length: size }, (_, d) => classes[Math.floor(d / each) % classes.length]);
    return { axis: at, classes: found };
  }
  return undefined;
}

function reduced(label: ScaledAxis, axes: readonly number[], from: Shape, to: Shape): ScaledAxis | undefined {
  if (axes.includes(label.axis)) return undefined;
  const before = from.length === to.length ? 0 : axes.filter((axis) => axis < label.axis).length;
  return { ...label, axis: label.axis - before };
}

/** Scale of every class: values of a channel are divided by it. 1 where `scales` has none. */
export type ClassScales = ReadonlyMap<number, number>;

/** The same function with channels divided by their scales. */
export function rescaled(classes: ScaleClasses, scales: ClassScales): Graph {
  const factors = (value: Value): Float64Array | undefined => factorsOf(classes, scales, value);
  return mapGraph(classes.graph, (node, old) => {
    const into = old.kind === 'conv2d' ? factors(old.operands[0]) : undefined;
    const out = makesChannels(old) ? factors(old.results[0]) : undefined;
    if (into === undefined && out === undefined) return node.results;
    const constants = node.operands.slice(1).map((operand, i): Value => {
      if (operand.kind !== 'const') return operand;
      const shape = operand.type.shape;
      const scaled =
        old.kind === 'conv2d' && i === 0
          ? scaledWeights(operand, old.attrs.groups, into, out)
          : f32Data(operand.tensor).map((v, c) => (out === undefined ? v : v / out[c]));
      return constant(operand.name, { type: { ...operand.type, shape }, data: scaled });
    });
    const types = node.results.map((r) => r.type);
    return anyNode(makeNode(node.kind, node.attrs, [node.operands[0], ...constants], types, node.origin)).results;
  });
}

/** The scale of each entry of a value's scaled axis; undefined where all are 1. */
export function factorsOf(classes: ScaleClasses, scales: ClassScales, value: Value): Float64Array | undefined {
  const label = classes.of(value);
  if (label === undefined) return undefined;
  const found = Float64Array.from(label.classes, (id) => (classes.isPinned(id) ? 1 : (scales.get(id) ?? 1)));
  return found.every((s) => s === 1) ? undefined : found;
}

/** Ops whose constants have to follow the scale of their result. */
function makesChannels(node: AnyNode): boolean {
  return (
    node.kind === 'conv2d' || node.kind === 'normalize' || (node.kind === 'binary' && node.operands[1].kind === 'const')
  );
}

function scaledWeights(
  { type, tensor }: Const,
  groups: number,
  into: Float64Array | undefined,
  out: Float64Array | undefined,
): Float32Array {
  const [oc, kh, kw, cg] = type.shape;
  const data = f32Data(tensor);
  return data.map((w, at) => {
    const [o, i] = [Math.floor(at / (kh * kw * cg)), at % cg];
    const channel = Math.floor(o / (oc / groups)) * cg + i;
    return (w * (into?.[channel] ?? 1)) / (out?.[o] ?? 1);
  });
}
