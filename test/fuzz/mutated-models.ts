/** Well-formed files that say strange things: other operators, types, shapes, attributes, inputs than the model had. */
import type { OnnxDim, OnnxModel, OnnxNode, OnnxTensor } from '../../src/onnx/model.js';
import { operatorNames } from '../../src/ops/import-table.js';
import { attribute, tensor } from '../onnx/model-builder.js';
import type { Random } from './random.js';

const operators = [...operatorNames(), 'If', 'LSTM', 'NonZero'];
const elements = [
  'f32',
  'f64',
  'f16',
  's8',
  'u8',
  's16',
  'u16',
  's32',
  'u32',
  's64',
  'u64',
  'bool',
  's4',
  'u4',
] as const;
const attributeNames = [
  'axis',
  'axes',
  'pads',
  'strides',
  'dilations',
  'kernel_shape',
  'group',
  'auto_pad',
  'ceil_mode',
  'perm',
  'to',
  'alpha',
  'beta',
  'transA',
  'transB',
  'keepdims',
  'mode',
  'count_include_pad',
  'block_size',
  'epsilon',
  'blocksize',
  'output_shape',
]; // prettier-ignore
const numbers = [-1, 0, 1, 2, 3, 7, 100, -100, 65536, 2 ** 31, -(2 ** 31)];

function mutatedTensor(t: OnnxTensor, random: Random): OnnxTensor {
  const count = random.pick([0, 1, 2, 3, 4, t.dims.reduce((p, d) => p * d, 1)]);
  const dims = random.pick([[count], [count, 1], [1, count], count === 1 ? [] : [count]]);
  const element = random.pick(elements);
  const small = element === 's4' || element === 'u4' || element === 'bool';
  const values = Array.from({ length: count }, () => (small ? random.int(0, 1) : random.int(0, 100)));
  return tensor(element, dims, values, t.name);
}

function mutatedNode(node: OnnxNode, names: readonly string[], random: Random): OnnxNode {
  const kind = random.int(0, 5);
  const inputs = [...node.inputs];
  const attributes = new Map(node.attributes);
  if (kind === 0) {
    const [operator, domain] = random.pick(operators).split('.').reverse();
    return { ...node, opType: operator, domain: domain === undefined ? '' : 'com.microsoft' };
  }
  if (kind === 1) inputs[random.int(0, inputs.length)] = random.pick(names);
  else if (kind === 2 && inputs.length > 0) inputs.splice(random.int(0, inputs.length - 1), 1);
  else if (kind === 3 && attributes.size > 0) attributes.delete(random.pick([...attributes.keys()]));
  else {
    const name = random.pick(random.oneIn(2) && attributes.size > 0 ? [...attributes.keys()] : attributeNames);
    const list = Array.from({ length: random.int(0, 4) }, () => random.pick(numbers));
    attributes.set(
      name,
      attribute(name, random.pick([random.pick(numbers), { ints: list }, { float: 0.5 }, 'SAME_UPPER'])),
    );
  }
  return { ...node, inputs, attributes };
}

/** One or two changes. Values keep their names, so that most of the graph still hangs together. */
export function mutatedModel(model: OnnxModel, random: Random): OnnxModel {
  let { graph } = model;
  for (let i = random.int(1, 2); i > 0; i--) {
    const names = [
      ...graph.inputs.map((v) => v.name),
      ...graph.initializers.keys(),
      ...graph.nodes.flatMap((n) => n.outputs),
    ];
    const kind = random.int(0, 5);
    if (kind <= 2) {
      const at = random.int(0, graph.nodes.length - 1);
      graph = { ...graph, nodes: graph.nodes.map((n, k) => (k === at ? mutatedNode(n, names, random) : n)) };
    } else if (kind === 3 && graph.initializers.size > 0) {
      const name = random.pick([...graph.initializers.keys()]);
      const initializers = new Map(
        [...graph.initializers].map(([key, t]) => [key, key === name ? mutatedTensor(t, random) : t]),
      );
      graph = { ...graph, initializers };
    } else if (kind === 4) {
      const at = random.int(0, graph.inputs.length - 1);
      const elemType = random.pick(elements);
      graph = { ...graph, inputs: graph.inputs.map((v, k) => (k === at ? { ...v, elemType } : v)) };
    } else {
      const at = random.int(0, graph.inputs.length - 1);
      const dim = (): OnnxDim => random.pick([0, 1, 2, 5, 17, { symbol: 'n' }, undefined]);
      const dims = Array.from({ length: random.int(0, 5) }, dim);
      graph = { ...graph, inputs: graph.inputs.map((v, k) => (k === at ? { ...v, dims } : v)) };
    }
    graph = { ...graph, outputs: graph.outputs.map((v) => ({ ...v, dims: undefined })) };
  }
  return { ...model, opsets: new Map([...model.opsets, ['com.microsoft', 1]]), graph };
}
