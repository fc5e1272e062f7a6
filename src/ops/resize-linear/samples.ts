import { constant, make } from '../../ir/build.js';
import { noOrigin, type Value } from '../../ir/graph.js';
import type { Sample } from '../../ir/sample.js';
import { floatType, indexType, type Shape } from '../../ir/type.js';

/** Neighbours and weights of `to` places spread over `from`. */
function table(from: number, to: number, outside: boolean): Value[] {
  const index = new Int32Array(2 * to);
  const weights = new Float32Array(2 * to);
  for (let i = 0; i < to; i++) {
    const at = Math.max(0, Math.min(from - 1, ((i + 0.5) * from) / to - 0.5));
    const low = Math.floor(at);
    index.set(outside && i === 1 ? [-1, -1] : [low, Math.min(low + 1, from - 1)], 2 * i);
    weights.set([1 - (at - low), at - low], 2 * i);
  }
  return [
    constant('index', { type: indexType('s32', [to, 2]), data: index }),
    constant('weights', { type: floatType([to, 2]), data: weights }),
  ];
}

function sample([n, h, w, c]: Shape, oh: number, ow: number, outside = false): Sample {
  return {
    name: `[${n},${h},${w},${c}] to ${oh} x ${ow}${outside ? ', some outside' : ''}`,
    inputs: [floatType([n, h, w, c])],
    build: ([x]) => {
      const operands = [x, ...table(h, oh, outside), ...table(w, ow, outside)];
      return [make('resize-linear', { outside: 2.5 }, operands, floatType([n, oh, ow, c]), noOrigin)];
    },
  };
}

export const samples: readonly Sample[] = [
  sample([1, 4, 5, 3], 8, 10),
  sample([2, 7, 6, 9], 3, 4),
  sample([1, 1, 5, 1], 1, 13),
  sample([1, 4, 5, 2], 6, 6, true),
];
