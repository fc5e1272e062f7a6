import { type NodeSample, nodeSamples } from '../../ir/sample.js';
import { floatType, type Shape } from '../../ir/type.js';

function sample(
  name: string,
  x: Shape,
  axes: readonly number[],
  scale: Shape,
  bias?: Shape,
  centred = true,
  spelled = false,
): NodeSample<'normalize'> {
  const operands = [floatType(x), floatType(scale), ...(bias === undefined ? [] : [floatType(bias)])];
  return { name, attrs: { axes, centred, spelled, epsilon: 1e-5 }, operands, results: [floatType(x)] };
}

export const samples = nodeSamples('normalize', [
  sample('a layer', [3, 37], [1], [37], [37]),
  sample('a layer without bias', [2, 3, 8], [2], [8]),
  sample('several axes', [2, 3, 4], [1, 2], [3, 4], [3, 4]),
  sample('an instance', [2, 3, 4, 5], [2, 3], [3, 1, 1], [3, 1, 1]),
  sample('an instance, channels last', [2, 4, 5, 3], [1, 2], [3], [3]),
  sample('groups', [2, 3, 2, 4, 5], [2, 3, 4], [3, 2, 1, 1], [3, 2, 1, 1]),
  sample('axes apart', [2, 3, 4, 5], [0, 2], [3, 1, 5], [1]),
  sample('root mean square', [4, 19], [1], [19], undefined, false),
  sample('a layer spelled out', [3, 37], [1], [37], [37], true, true),
  sample('one spelled out without bias', [2, 3, 8], [2], [8], undefined, true, true),
  sample('one element', [4, 1], [1], [1], [1]),
]);
