/** Where the values of a float graph end whatever its inputs are, as far as the op that makes them says so. */
import { type Bounds, UNBOUNDED } from '../quant/tails.js';
import type { Value } from './graph.js';

export function boundsOf(value: Value): Bounds {
  if (value.kind !== 'result') return UNBOUNDED;
  const { node } = value;
  switch (node.kind) {
    case 'clamp':
      return { min: node.attrs.min, max: node.attrs.max };
    case 'softmax':
      return { min: 0, max: 1 };
    case 'reshape':
    case 'transpose':
    case 'max-pool':
    case 'average-pool':
      return boundsOf(node.operands[0]);
    case 'reduce':
      return ['mean', 'max', 'min'].includes(node.attrs.fn) ? boundsOf(node.operands[0]) : UNBOUNDED;
    default:
      return UNBOUNDED;
  }
}
