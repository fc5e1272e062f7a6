/**
 * Random sound models of many layers, quantized in one of the ways exporters do it: activations of 8 bits between float
 * operators (QDQ), residuals, branches, odd sizes, ties and saturation made likely by coarse scales.
 */
import type { OnnxNode, OnnxTensor } from '../../src/onnx/model.js';
import { model, node, tensor, value } from '../onnx/model-builder.js';
import { type Random, randomFrom } from './random.js';

interface Image {
  readonly name: string;
  readonly c: number;
  readonly h: number;
  readonly w: number;
}

class Builder {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: Record<string, OnnxTensor> = {};
  private serial = 0;
  readonly isSigned: boolean;

  constructor(readonly random: Random) {
    this.isSigned = random.oneIn(2);
  }

  fresh(what: string): string {
    return `${what}_${this.serial++}`;
  }

  constant(what: string, value: OnnxTensor): string {
    const name = this.fresh(what);
    this.initializers[name] = value;
    return name;
  }

  add(operator: string, inputs: readonly string[], attributes: Parameters<typeof node>[3] = {}): string {
    const out = this.fresh(operator.toLowerCase());
    this.nodes.push(node(operator, inputs, [out], attributes, out));
    return out;
  }

  private zeroPoint(): OnnxTensor {
    const { random } = this;
    const [low, high] = this.isSigned ? [-128, 127] : [0, 255];
    const zero = random.oneIn(3) ? random.pick([low, high, 0]) : random.int(low, high);
    return tensor(this.isSigned ? 's8' : 'u8', [], [zero]);
  }

  /** Quantize and dequantize: what makes a float value an 8-bit one. */
  stored(x: string): string {
    // Scales that are powers of two make ties likely, small ones saturation.
    const scale = this.random.oneIn(2) ? 2 ** this.random.int(-7, -2) : this.random.real(0.004, 0.2);
    const s = this.constant('scale', tensor('f32', [], [Math.fround(scale)]));
    const z = this.constant('zero', this.zeroPoint());
    return this.add('DequantizeLinear', [this.add('QuantizeLinear', [x, s, z]), s, z]);
  }

  /** Constant weights of 8 bits, per tensor or per output channel, behind their dequantize. */
  weights(shape: readonly number[]): string {
    const { random } = this;
    const count = shape.reduce((p, d) => p * d, 1);
    const extreme = random.oneIn(4);
    const values = Array.from({ length: count }, () =>
      extreme ? random.pick([-128, -127, 127]) : random.int(-127, 127),
    );
    const w = this.constant('w', tensor('s8', shape, values));
    const perChannel = random.oneIn(2);
    const scales = Array.from({ length: perChannel ? shape[0] : 1 }, () => Math.fround(random.real(0.002, 0.05)));
    const dims = perChannel ? [shape[0]] : [];
    const s = this.constant('ws', tensor('f32', dims, scales));
    const z = this.constant(
      'wz',
      tensor(
        's8',
        dims,
        scales.map(() => 0),
      ),
    );
    return this.add('DequantizeLinear', [w, s, z], perChannel ? { axis: 0 } : {});
  }

  bias(count: number): string[] {
    if (this.random.oneIn(3)) return [];
    return [
      this.constant(
        'b',
        tensor(
          'f32',
          [count],
          Array.from({ length: count }, () => Math.fround(this.random.real(-1, 1))),
        ),
      ),
    ];
  }
}

function convolution(b: Builder, x: Image): Image {
  const { random } = b;
  const depthwise = random.oneIn(3);
  const groups = depthwise ? x.c : x.c % 2 === 0 && random.oneIn(4) ? 2 : 1;
  const oc = depthwise ? x.c * random.int(1, 2) : groups * random.int(1, 9);
  const k = random.pick([1, 1, 2, 3, 3, 5]);
  const [kh, kw] = [Math.min(k, x.h), Math.min(k, x.w)];
  const pads = [random.int(0, kh - 1), random.int(0, kw - 1), random.int(0, kh - 1), random.int(0, kw - 1)];
  const strides = [random.int(1, 2), random.int(1, 2)];
  const out = b.add('Conv', [x.name, b.weights([oc, x.c / groups, kh, kw]), ...b.bias(oc)], {
    group: groups,
    pads,
    strides,
  });
  const size = (i: number, span: number, pad: number, stride: number) => Math.floor((i + pad - span) / stride) + 1;
  return {
    name: out,
    c: oc,
    h: size(x.h, kh, pads[0] + pads[2], strides[0]),
    w: size(x.w, kw, pads[1] + pads[3], strides[1]),
  };
}

function pooled(b: Builder, x: Image): Image {
  const { random } = b;
  const [kh, kw] = [Math.min(random.int(1, 3), x.h), Math.min(random.int(1, 3), x.w)];
  const strides = [random.int(1, 2), random.int(1, 2)];
  const operator = random.pick(['MaxPool', 'AveragePool']);
  const name = b.add(operator, [x.name], { kernel_shape: [kh, kw], strides });
  return { ...x, name, h: Math.floor((x.h - kh) / strides[0]) + 1, w: Math.floor((x.w - kw) / strides[1]) + 1 };
}

function activated(b: Builder, x: Image): Image {
  const operator = b.random.pick(['Relu', 'Relu', 'Clip', 'Sigmoid', 'Tanh', 'LeakyRelu', 'HardSigmoid']);
  const limits = () => [b.constant('low', tensor('f32', [], [0])), b.constant('high', tensor('f32', [], [6]))];
  return { ...x, name: b.add(operator, [x.name, ...(operator === 'Clip' ? limits() : [])]) };
}

/** Arithmetic with a constant or with the tensor itself, broadcast in one of the usual ways. */
function combined(b: Builder, x: Image): Image {
  const { random } = b;
  const operator = random.pick(['Add', 'Mul', 'Sub']);
  if (random.oneIn(2)) return { ...x, name: b.add(operator, [x.name, x.name]) };
  const shape = random.pick([[], [x.c, 1, 1], [1, x.c, 1, 1], [x.w]]);
  const count = shape.reduce((p: number, d) => p * d, 1);
  const values = Array.from({ length: count }, () => Math.fround(random.real(-1, 1)));
  const c = b.constant('c', tensor('f32', shape, values));
  return { ...x, name: b.add(operator, random.oneIn(2) ? [x.name, b.random.oneIn(2) ? b.stored(c) : c] : [c, x.name]) };
}

/** The network of a seed; the batch is 1 or 2. */
export function randomModel(seed: number): Uint8Array {
  const random = randomFrom(seed);
  const b = new Builder(random);
  const batch = random.oneIn(4) ? 2 : 1;
  const input: Image = { name: 'x', c: random.int(1, 5), h: random.int(1, 9), w: random.int(1, 9) };
  let x: Image = { ...input, name: b.stored('x') };
  const layers = random.int(1, 6);
  for (let i = 0; i < layers; i++) {
    const before = x;
    const layer = random.pick([convolution, convolution, convolution, pooled, activated, combined]);
    x = layer(b, x);
    if (random.oneIn(3)) x = activated(b, x);
    if (!random.oneIn(6)) x = { ...x, name: b.stored(x.name) };
    if (x.c === before.c && x.h === before.h && x.w === before.w && random.oneIn(2)) {
      const sum = b.add('Add', random.oneIn(2) ? [x.name, before.name] : [before.name, x.name]);
      x = { ...x, name: random.oneIn(4) ? sum : b.stored(sum) };
    }
  }
  const ending = random.int(0, 4);
  let y = x.name;
  if (ending === 1) y = b.add('GlobalAveragePool', [y]);
  if (ending >= 2) {
    y = b.add('Flatten', [y], { axis: 1 });
    const columns = random.int(1, 12);
    y = b.add('Gemm', [y, b.weights([columns, x.c * x.h * x.w]), ...b.bias(columns)], { transB: 1 });
    if (ending === 3) y = b.stored(y);
    if (ending === 4) y = b.add('Softmax', [y], { axis: 1 });
  }
  // Now and then a value in the middle is an output too.
  const inner = random.oneIn(4)
    ? [b.nodes[random.int(0, b.nodes.length - 2)].outputs[0]].filter((name) => name !== y)
    : [];
  return model({
    name: `seed ${seed}`,
    inputs: [value('x', 'f32', [batch, input.c, input.h, input.w])],
    outputs: [y, ...inner],
    nodes: b.nodes,
    initializers: b.initializers,
  });
}
