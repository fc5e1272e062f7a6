import type { Node } from '../../ir/graph.js';
import type { ExportContext } from '../../onnx/exporter.js';

type Activation = Node<'activation'>['attrs'];

/** The operator and the attributes of a function; undefined where ONNX has none. */
function operatorOf({ fn, alpha, beta }: Activation) {
  switch (fn) {
    case 'leaky-relu':
      return { name: 'LeakyRelu', attributes: { alpha: { float: alpha } } };
    case 'thresholded-relu':
      return { name: 'ThresholdedRelu', attributes: { alpha: { float: alpha } } };
    case 'elu':
      return { name: 'Elu', attributes: { alpha: { float: alpha } } };
    case 'celu':
      return { name: 'Celu', attributes: { alpha: { float: alpha } } };
    case 'selu':
      return { name: 'Selu', attributes: { alpha: { float: alpha }, gamma: { float: beta } } };
    case 'hard-sigmoid':
      return { name: 'HardSigmoid', attributes: { alpha: { float: alpha }, beta: { float: beta } } };
    case 'shrink':
      return { name: 'Shrink', attributes: { lambd: { float: alpha }, bias: { float: beta } } };
    case 'swish':
      return undefined;
  }
}

export function exportNode(node: Node<'activation'>, cx: ExportContext): void {
  const [x] = node.operands;
  const form = cx.formOf(x);
  const name = cx.name(x, form);
  const operator = operatorOf(node.attrs);
  if (operator !== undefined) {
    cx.result(node.results[0], operator.name, [name], operator.attributes, form);
    return;
  }
  // Swish is an operator of opset 24 only: x * sigmoid(alpha x).
  const { alpha } = node.attrs;
  const inner = alpha === 1 ? name : cx.inner('Mul', [name, cx.float('alpha', alpha)]);
  cx.result(node.results[0], 'Mul', [name, cx.inner('Sigmoid', [inner])], {}, form);
}
