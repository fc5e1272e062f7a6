/** Where the values of a float graph end whatever its inputs are, as far as the ops that make them say so. */
import { opDef } from '../ops/index.js';
import { erasedAttrs } from './build.js';
import type { Value } from './graph.js';
import { type Bounds, UNBOUNDED } from './type.js';

export function boundsOf(value: Value): Bounds {
  if (value.kind !== 'result') return UNBOUNDED;
  const { kind, attrs, operands } = value.node;
  const { bounds } = opDef(kind);
  return bounds === undefined ? UNBOUNDED : bounds(erasedAttrs(attrs), operands.map(boundsOf));
}
