import { make } from '../../ir/build.js';
import { noOrigin } from '../../ir/graph.js';
import type { Sample } from '../../ir/sample.js';
import { floatType, indexType, type Shape, type TensorType, withShape } from '../../ir/type.js';
import { reduce } from './op.js';

type Fn = (typeof reduce.attrs.fn)[number];

function sample(fn: Fn, shape: Shape, axes: readonly number[], x: TensorType = floatType(shape)): Sample {
  return {
    name: `${fn} of ${x.element}[${shape}] over [${axes}]`,
    inputs: [x],
    build([value]) {
      const [to] = reduce.inferShape({ fn, axes }, [x]);
      return [make('reduce', { fn, axes }, [value], withShape(x, to), noOrigin)];
    },
  };
}

export const samples: readonly Sample[] = [
  ...reduce.attrs.fn.map((fn) => sample(fn, [3, 37], [1])),
  ...reduce.attrs.fn.map((fn) => sample(fn, [2, 9, 5], [1])),
  ...reduce.attrs.fn
    .filter((fn) => fn !== 'log-sum-exp')
    .flatMap((fn) =>
      (['s32', 's64'] as const).map((element) => sample(fn, [2, 9, 5], [0, 2], indexType(element, [2, 9, 5]))),
    ),
  sample('sum', [7], [0]),
  sample('sum', [3, 4], []),
  sample('mean', [2, 3, 4, 5], [0, 2]),
  sample('mean', [2, 3, 4, 5], [1, 3]),
  sample('max', [2, 3, 4, 5], [2, 3]),
  sample('sum', [2, 3, 2, 3, 2, 3], [0, 2, 4]),
  sample('sum', [2, 3, 2, 3, 2, 3], [1, 3, 5]),
];
