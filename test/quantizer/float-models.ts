/** Small float models with every shape of layer the quantizer treats in its own way. Weights are seeded. */
import type { OnnxModel } from '../../src/onnx/model.js';
import { node, onnxModel, tensor, value } from '../onnx/model-builder.js';

type Tensors = Record<string, ReturnType<typeof tensor>>;

function seeded(seed: number): (dims: readonly number[], size?: number) => ReturnType<typeof tensor> {
  let state = seed;
  return (dims, size = 1) => {
    const n = dims.reduce((p, d) => p * d, 1);
    const data = Array.from({ length: n }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.fround(size * (state / 2 ** 31 - 1));
    });
    return tensor('f32', dims, data);
  };
}

/** Convolution, batch norm, clamps, depthwise, a linear bottleneck, a residual, concat, pools, a function, a linear layer. */
export function cnn(): OnnxModel {
  const random = seeded(7);
  const weights: Tensors = {
    w1: random([8, 3, 3, 3], 0.4),
    scale: tensor('f32', [8], [1, 0.5, 2, 1.5, 0.25, 1, 0.75, 1.25]),
    shift: random([8], 0.2),
    mean: random([8], 0.3),
    variance: tensor('f32', [8], [1, 2, 0.5, 1, 1, 3, 0.25, 1]),
    w2: random([8, 1, 3, 3], 0.5),
    b2: random([8], 0.1),
    w3: random([8, 8, 1, 1], 0.5),
    w4: random([4, 8, 1, 1], 0.5),
    b4: random([4], 0.3),
    w5: random([12, 10], 0.6),
    b5: random([10], 0.2),
    zero: tensor('f32', [], [0]),
    six: tensor('f32', [], [6]),
  };
  return onnxModel({
    opset: 14,
    inputs: [value('x', 'f32', [1, 3, 8, 8])],
    outputs: [value('y', 'f32', [1, 10])],
    initializers: weights,
    nodes: [
      node('Conv', ['x', 'w1'], ['c1'], { pads: [1, 1, 1, 1] }, 'first'),
      node('BatchNormalization', ['c1', 'scale', 'shift', 'mean', 'variance'], ['n1'], {}, 'norm'),
      node('Relu', ['n1'], ['r1'], {}, 'relu'),
      node('Conv', ['r1', 'w2', 'b2'], ['c2'], { pads: [1, 1, 1, 1], group: 8 }, 'depthwise'),
      node('Clip', ['c2', 'zero', 'six'], ['r2'], {}, 'clip'),
      node('Conv', ['r2', 'w3'], ['c3'], {}, 'linear'),
      node('Add', ['c3', 'r1'], ['s'], {}, 'residual'),
      node('Conv', ['s', 'w4', 'b4'], ['c4'], {}, 'narrow'),
      node('HardSwish', ['c4'], ['h'], {}, 'function'),
      node('Concat', ['h', 's'], ['j'], { axis: 1 }, 'join'),
      node('MaxPool', ['j'], ['m'], { kernel_shape: [2, 2], strides: [2, 2] }, 'pool'),
      node('GlobalAveragePool', ['m'], ['g'], {}, 'mean'),
      node('Flatten', ['g'], ['f'], {}, 'flat'),
      node('Gemm', ['f', 'w5', 'b5'], ['y'], {}, 'classify'),
    ],
  });
}

/** Channels of very different sizes that count alike for what reads them: a depthwise chain as training with ReLU leaves it. */
export function unlikeChannels(): OnnxModel {
  const random = seeded(5);
  /** Row i of `count` times 2^(-i) or, `inverse`, column i times 2^i. */
  const unlike = (dims: readonly number[], size: number, inverse: boolean) => {
    const values = Array.from(random(dims, size).data, Number);
    const inner = dims.slice(1).reduce((p, d) => p * d, 1);
    const scales = values.map((_, at) => (inverse ? 2 ** (at % inner) : 2 ** -Math.floor(at / inner)));
    return tensor(
      'f32',
      dims,
      values.map((v, at) => v * scales[at]),
    );
  };
  return onnxModel({
    opset: 14,
    inputs: [value('x', 'f32', [1, 3, 6, 6])],
    outputs: [value('y', 'f32', [1, 4])],
    initializers: {
      w1: unlike([8, 3, 3, 3], 0.5, false),
      w2: random([8, 1, 3, 3], 0.6),
      w3: unlike([6, 8, 1, 1], 0.3, true),
      b3: random([6], 0.1),
      w4: random([6, 4], 0.6),
    },
    nodes: [
      node('Conv', ['x', 'w1'], ['c1'], { pads: [1, 1, 1, 1] }, 'unlike'),
      node('Relu', ['c1'], ['r1'], {}, 'relu1'),
      node('Conv', ['r1', 'w2'], ['c2'], { pads: [1, 1, 1, 1], group: 8 }, 'depthwise'),
      node('Relu', ['c2'], ['r2'], {}, 'relu2'),
      node('Conv', ['r2', 'w3', 'b3'], ['c3'], {}, 'alike'),
      node('GlobalAveragePool', ['c3'], ['g'], {}, 'mean'),
      node('Flatten', ['g'], ['f'], {}, 'flat'),
      node('Gemm', ['f', 'w4'], ['y'], {}, 'classify'),
    ],
  });
}

/** Two linear layers with a GELU between, normalised before and added to their input: what a transformer is made of. */
export function feedForward(): OnnxModel {
  const random = seeded(11);
  return onnxModel({
    opset: 17,
    inputs: [value('x', 'f32', [1, 5, 16])],
    outputs: [value('y', 'f32', [1, 5, 16])],
    initializers: {
      gain: random([16]),
      offset: random([16]),
      w1: random([16, 32], 0.3),
      b1: random([32], 0.2),
      w2: random([32, 16], 0.3),
      root2: tensor('f32', [], [Math.SQRT2]),
      one: tensor('f32', [], [1]),
      half: tensor('f32', [], [0.5]),
    },
    nodes: [
      node('LayerNormalization', ['x', 'gain', 'offset'], ['n'], {}, 'norm'),
      node('MatMul', ['n', 'w1'], ['m1'], {}, 'up'),
      node('Add', ['m1', 'b1'], ['u'], {}, 'up_bias'),
      node('Div', ['u', 'root2'], ['d'], {}, 'gelu_div'),
      node('Erf', ['d'], ['e'], {}, 'gelu_erf'),
      node('Add', ['e', 'one'], ['e1'], {}, 'gelu_add'),
      node('Mul', ['u', 'e1'], ['um'], {}, 'gelu_mul'),
      node('Mul', ['um', 'half'], ['g'], {}, 'gelu'),
      node('MatMul', ['g', 'w2'], ['m2'], {}, 'down'),
      node('Add', ['x', 'm2'], ['y'], {}, 'residual'),
    ],
  });
}

/** Words looked up in a table, then a linear layer: what a language model begins with. */
export function embedding(): OnnxModel {
  const random = seeded(13);
  return onnxModel({
    inputs: [value('words', 's64', [1, 7])],
    outputs: [value('y', 'f32', [1, 7, 200])],
    initializers: { table: random([300, 72], 0.8), w: random([72, 200], 0.3), b: random([200], 0.1) },
    nodes: [
      node('Gather', ['table', 'words'], ['e'], {}, 'look_up'),
      node('MatMul', ['e', 'w'], ['m'], {}, 'linear'),
      node('Add', ['m', 'b'], ['y'], {}, 'bias'),
    ],
  });
}

/** A product of two activations with a softmax: attention without its linear layers. */
export function attention(): OnnxModel {
  return onnxModel({
    inputs: [value('q', 'f32', [2, 6, 8]), value('k', 'f32', [2, 8, 6]), value('v', 'f32', [2, 6, 8])],
    outputs: [value('y', 'f32', [2, 6, 8])],
    initializers: { scale: tensor('f32', [], [0.35]) },
    nodes: [
      node('MatMul', ['q', 'k'], ['s'], {}, 'scores'),
      node('Mul', ['s', 'scale'], ['t'], {}, 'scaled'),
      node('Softmax', ['t'], ['p'], { axis: -1 }, 'softmax'),
      node('MatMul', ['p', 'v'], ['y'], {}, 'mix'),
    ],
  });
}
