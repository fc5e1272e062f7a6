import { nodeSamples } from '../../ir/sample.js';
import { floatType, indexType } from '../../ir/type.js';
import { perAxis } from '../../quant/affine.js';
import { blocksOf, storedSample } from '../linear-stored/samples.js';

export const samples = nodeSamples('gather-stored', [
  {
    name: 's8 rows by s64, many outside',
    attrs: {},
    operands: [storedSample('s8', [3, 11], perAxis(0, [0.5, 0.25, 0.01], [0, 3, -2])), indexType('s64', [2, 5])],
    results: [floatType([2, 5, 11])],
  },
  {
    name: 's4 rows in blocks by s32',
    attrs: {},
    operands: [
      storedSample(
        's4',
        [4, 13],
        blocksOf(4, 13, 8, () => 0),
      ),
      indexType('s32', [6]),
    ],
    results: [floatType([6, 13])],
  },
]);
