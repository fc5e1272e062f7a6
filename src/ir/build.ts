/**
 * The only constructors of nodes, constants and parameters. Invariant: a node that exists satisfies its op's
 * `inferShape` and `check`; a violation is a bug of the caller (importers check users' models before they get here).
 */
import { type AttrsOf, type OpKind, opDef } from '../ops/index.js';
import type { AnyNode, Const, Node, Origin, Param, Result, Value } from './graph.js';
import type { AttrValue } from './op.js';
import { type Shape, sameShape, type Tensor, type TensorType } from './type.js';

/** A broken invariant of qcc itself: exit code 70. */
export class InternalError extends Error {}

export function param(name: string, type: TensorType): Param {
  return Object.freeze({ kind: 'param', name, type });
}

export function constant(name: string, tensor: Tensor): Const {
  return Object.freeze({ kind: 'const', name, type: tensor.type, tensor });
}

/** Result shapes that `kind` infers for these operands. Throws `ShapeError` when they do not fit together. */
export function inferShapes<K extends OpKind>(
  kind: K,
  attrs: AttrsOf<K>,
  operands: readonly Value[],
): readonly Shape[] {
  return opDef(kind).inferShape(
    erasedAttrs(attrs),
    operands.map((v) => v.type),
  );
}

/** Attributes in the form generic code sees them. */
export function erasedAttrs(attrs: object): Readonly<Record<string, AttrValue>> {
  return Object.fromEntries(Object.entries(attrs));
}

/** Problems of a would-be node; empty if `makeNode` will accept it. */
export function nodeProblems(
  kind: OpKind,
  attrs: object,
  operands: readonly Value[],
  resultTypes: readonly TensorType[],
): readonly string[] {
  const def = opDef(kind);
  const arity = arityProblem(def.operands, operands.length);
  if (arity !== undefined) return [arity];
  const types = operands.map((v) => v.type);
  const shapes = def.inferShape(erasedAttrs(attrs), types);
  if (shapes.length !== resultTypes.length) return [`has ${resultTypes.length} results, not ${shapes.length}`];
  for (const [i, shape] of shapes.entries())
    if (!sameShape(shape, resultTypes[i].shape))
      return [`result ${i} is [${resultTypes[i].shape}], the op infers [${shape}]`];
  return def.check(erasedAttrs(attrs), types, resultTypes);
}

/** `operands` as an op spells them: a trailing `?` marks an optional one, a trailing `*` any number. */
function arityProblem(operands: readonly string[], given: number): string | undefined {
  const least = operands.filter((name) => !/[?*]$/.test(name)).length;
  const most = operands.some((name) => name.endsWith('*')) ? Number.POSITIVE_INFINITY : operands.length;
  return given >= least && given <= most ? undefined : `has ${given} operands, not (${operands.join(', ')})`;
}

export function makeNode<K extends OpKind>(
  kind: K,
  attrs: AttrsOf<K>,
  operands: readonly Value[],
  resultTypes: readonly TensorType[],
  origin: Origin,
): Node<K> {
  const problems = nodeProblems(kind, attrs, operands, resultTypes);
  if (problems.length > 0)
    throw new InternalError(`${kind} from ${origin.names.map((n) => `"${n}"`).join(', ')}: ${problems.join('; ')}`);
  return rawNode(kind, attrs, operands, resultTypes, origin);
}

function rawNode<K extends OpKind>(
  kind: K,
  attrs: AttrsOf<K>,
  operands: readonly Value[],
  resultTypes: readonly TensorType[],
  origin: Origin,
): Node<K> {
  const results: Result[] = [];
  Object.freeze(attrs);
  const node: Node<K> = { kind, attrs, operands: Object.freeze([...operands]), results, origin };
  for (const [index, type] of resultTypes.entries())
    results.push(Object.freeze({ kind: 'result', node: anyNode(node), index, type }));
  Object.freeze(results);
  return Object.freeze(node);
}

/** A `Node<K>` is one member of the union `AnyNode`; TypeScript cannot see that for an unresolved K. */
export function anyNode<K extends OpKind>(node: Node<K>): AnyNode {
  return node as unknown as AnyNode;
}

/** The usual case: a node with one result, as a value. */
export function make<K extends OpKind>(
  kind: K,
  attrs: AttrsOf<K>,
  operands: readonly Value[],
  resultType: TensorType,
  origin: Origin,
): Result {
  return makeNode(kind, attrs, operands, [resultType], origin).results[0];
}

/** The same node on other operands; results keep their types. */
export function withOperands(node: AnyNode, operands: readonly Value[]): AnyNode {
  if (operands.every((v, i) => v === node.operands[i])) return node;
  return anyNode(
    makeNode(
      node.kind,
      node.attrs,
      operands,
      node.results.map((r) => r.type),
      node.origin,
    ),
  );
}
