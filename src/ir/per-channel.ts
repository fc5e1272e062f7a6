/**
 * Constants that say one number for each channel of a convolution, seen from behind it. Invariant: between the convolution
 * and the place of the constant nothing but moves (transpose, reshape) that keep the channels apart in one dimension.
 */

import { opDef } from '../ops/index.js';
import { anyNode, makeNode, withOperands } from './build.js';
import { type AnyNode, mergeOrigins, type Node, type Origin, type Value } from './graph.js';
import type { Rewriter } from './rewrite.js';
import { elements, f32Data, type Shape, type Tensor } from './type.js';
import { producer } from './walk.js';

/** Both have weights [oc, ...], a bias [oc] that is added last, and the channels of y in dimension 3. */
export type Convolution = Node<'conv2d'> | Node<'conv2d-transpose'>;

/** A float convolution and the moves after it, nearest first; nothing else reads any of their results. */
export interface ConvolutionPath {
  readonly conv: Convolution;
  readonly moves: readonly AnyNode[];
  /** Dimension of the last result that holds the output channels. */
  readonly axis: number;
}

export function convolutionBehind(value: Value, rw: Rewriter): ConvolutionPath | undefined {
  const moves: AnyNode[] = [];
  let at = value;
  while (at.kind === 'result' && (at.node.kind === 'transpose' || at.node.kind === 'reshape') && rw.isOnlyUse(at)) {
    moves.unshift(at.node);
    at = at.node.operands[0];
  }
  const conv = producer(at, 'conv2d') ?? producer(at, 'conv2d-transpose');
  if (conv === undefined || !rw.isOnlyUse(at) || conv.operands[0].type.kind !== 'float') return undefined;
  let axis: number | undefined = 3;
  for (const move of moves) axis = axis === undefined ? undefined : axisAfter(move, axis);
  return axis === undefined ? undefined : { conv, moves, axis };
}

function axisAfter(move: AnyNode, axis: number): number | undefined {
  if (move.kind === 'transpose') return move.attrs.perm.indexOf(axis);
  const from = move.operands[0].type.shape;
  const before = elements(from.slice(0, axis));
  const to = move.results[0].type.shape;
  const found = to.findIndex((dim, i) => dim === from[axis] && elements(to.slice(0, i)) === before);
  return found < 0 ? undefined : found;
}

/** The end of `path` for other weights and another bias. */
export function withWeights(path: ConvolutionPath, w: Value, bias: Value | undefined, origin: Origin): Value {
  const { conv } = path;
  const operands = bias === undefined ? [conv.operands[0], w] : [conv.operands[0], w, bias];
  const types = conv.results.map((r) => r.type);
  const merged = mergeOrigins(conv.origin, origin);
  const [made] = anyNode(makeNode(conv.kind, conv.attrs, operands, types, merged)).results;
  return path.moves.reduce<Value>((value, move) => withOperands(move, [value]).results[0], made);
}

/** A float constant, or the reals a dequantized one stands for. */
export function constantReals(value: Value | undefined): Tensor | undefined {
  if (value === undefined) return undefined;
  if (value.kind === 'const') return value.type.element === 'f32' ? value.tensor : undefined;
  const stored = producer(value, 'dequantize')?.operands[0];
  if (stored?.kind !== 'const') return undefined;
  return opDef('dequantize').evaluate({}, [stored.tensor], [value.type])[0];
}

/** One number per channel of `axis` where `constant` broadcasts over a tensor of `shape`; undefined if it varies otherwise. */
export function perChannel(constant: Tensor, shape: Shape, axis: number): Float32Array | undefined {
  const { shape: own } = constant.type;
  const data = f32Data(constant);
  const channels = shape[axis];
  if (own.length > shape.length) return undefined;
  if (data.length === 1) return new Float32Array(channels).fill(data[0]);
  const at = axis - (shape.length - own.length);
  return own.every((dim, i) => dim === (i === at ? channels : 1)) ? data : undefined;
}
