/**
 * What a calibrating build watches: the float32 tensors of the model that are in memory at some time, under the names the
 * model gives them. Invariant: a tensor is read once all of it is there and before its bytes are used again.
 */
import type { Graph, Value } from '../ir/graph.js';
import { elements, type Shape } from '../ir/type.js';
import type { PlacedProgram } from '../program/program.js';
import { observedValues } from './observe.js';

export interface WatchedTensor {
  /** Names of the model for these values, and which axis of each the channels are; undefined: none is told apart. */
  readonly names: readonly { readonly name: string; readonly axis: number | undefined }[];
  /** Steps done when it is complete; 0 for inputs. */
  readonly after: number;
  readonly place: { readonly kind: 'arena' | 'input' | 'output'; readonly index: number; readonly offset: number };
  /** The values as [outer, channels, inner], row-major. */
  readonly outer: number;
  readonly channels: number;
  readonly inner: number;
}

/** Channels beyond these are not told apart. */
const MOST_CHANNELS = 1 << 14;

/** In the order in which they are complete. */
export function watchedTensors(
  program: PlacedProgram,
  graph: Pick<Graph, 'inputs' | 'named'>,
): readonly WatchedTensor[] {
  const aliases = new Map<Value, Alias[]>();
  for (const [name, value] of graph.named ?? []) {
    if (value.kind === 'const' || value.type.element !== 'f32' || elements(value.type.shape) === 0) continue;
    const { base, axes } = source(value);
    aliases.set(base, [...(aliases.get(base) ?? []), { name, shape: value.type.shape, axes }]);
  }
  const watched: WatchedTensor[] = [];
  const watch = (base: Value, after: number, place: WatchedTensor['place']): void => {
    const known = aliases.get(base);
    if (known !== undefined) watched.push({ ...laid(base.type.shape, known), after, place });
  };
  for (const [index, input] of graph.inputs.entries()) watch(input, 0, { kind: 'input', index, offset: 0 });
  for (const { step, value, output, offset } of observedValues(program)) {
    const index = output === undefined ? 0 : program.outputs.indexOf(output);
    watch(value, step + 1, { kind: output === undefined ? 'arena' : 'output', index, offset });
  }
  return watched;
}

interface Alias {
  readonly name: string;
  readonly shape: Shape;
  /** Axis of the base for each axis of the named tensor; undefined where a reshape mixed them. */
  readonly axes: readonly number[] | undefined;
}

/** The value that is in memory, behind moves that keep all elements. */
function source(value: Value): { base: Value; axes: readonly number[] | undefined } {
  let base = value;
  let axes: readonly number[] | undefined = value.type.shape.map((_, i) => i);
  while (base.kind === 'result') {
    const { node } = base;
    if (node.kind === 'transpose') {
      const { perm } = node.attrs;
      axes = axes?.map((a) => perm[a]);
    } else if (node.kind === 'reshape')
      axes = unsqueezed(axes, node.results[0].type.shape, node.operands[0].type.shape);
    else break;
    [base] = node.operands;
  }
  return { base, axes };
}

/** Axes of `to` in place of those of `from`, where the shapes differ in dimensions of 1 alone; -1 for those it lacks. */
function unsqueezed(axes: readonly number[] | undefined, from: Shape, to: Shape): readonly number[] | undefined {
  const long = (shape: Shape) => shape.flatMap((d, i) => (d === 1 ? [] : [i]));
  const [a, b] = [long(from), long(to)];
  if (axes === undefined || a.length !== b.length || a.some((axis, i) => from[axis] !== to[b[i]])) return undefined;
  return axes.map((axis) => (axis < 0 || from[axis] === 1 ? -1 : b[a.indexOf(axis)]));
}

function laid(shape: Shape, aliases: readonly Alias[]): Pick<WatchedTensor, 'names' | 'outer' | 'channels' | 'inner'> {
  const axis = channelAxis(shape, aliases);
  const names = aliases.map(({ name, axes }) => {
    const at = axis === undefined ? -1 : (axes?.indexOf(axis) ?? -1);
    return { name, axis: at < 0 ? undefined : at };
  });
  if (axis === undefined || names.every((n) => n.axis === undefined))
    return { names, outer: 1, channels: 1, inner: elements(shape) };
  const inner = elements(shape.slice(axis + 1));
  return { names, outer: elements(shape.slice(0, axis)), channels: shape[axis], inner };
}

/**
 * Channels are innermost where qcc computes; axis 1 of what only has the layout of the model, as inputs have, if it is an
 * image.
 */
function channelAxis(shape: Shape, aliases: readonly Alias[]): number | undefined {
  const last = shape.length - 1;
  const isMoved = aliases.some(({ axes }) => axes?.some((a, i) => a >= 0 && a !== i) ?? false);
  const axis = last === 3 && !isMoved ? 1 : last;
  return last < 1 || shape[axis] < 2 || shape[axis] > MOST_CHANNELS ? undefined : axis;
}
