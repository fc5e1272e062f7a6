import { nodeSamples } from '../../ir/sample.js';
import { floatType, perTensor, quantType, type Tensor } from '../../ir/type.js';

const ties: Tensor = {
  type: floatType([12]),
  data: Float32Array.of(0.25, -0.25, 0.75, -0.75, 63.25, -64.75, 0.24999999, -0.24999999, 1e30, -1e30, 0, -0),
};

export const samples = nodeSamples('quantize-away', [
  { name: 'ties, ends', attrs: {}, operands: [ties], results: [quantType('s8', [12], perTensor(0.5, 3))] },
  { name: 'u8', attrs: {}, operands: [floatType([3, 37])], results: [quantType('u8', [3, 37], perTensor(0.013, 130))] },
]);
