/** Exporters by op: written by `npm run gen` from the folders that have an export.ts. Do not edit. */
import type { AnyNode } from '../ir/graph.js';
import type { ExportContext } from '../onnx/exporter.js';
import { exportNode as activation } from './activation/export.js';
import { exportNode as argExtremum } from './arg-extremum/export.js';
import { exportNode as averagePool } from './average-pool/export.js';
import { exportNode as binary } from './binary/export.js';
import { exportNode as cast } from './cast/export.js';
import { exportNode as clamp } from './clamp/export.js';
import { exportNode as compare } from './compare/export.js';
import { exportNode as concat } from './concat/export.js';
import { exportNode as conv2d } from './conv2d/export.js';
import { exportNode as conv2dTranspose } from './conv2d-transpose/export.js';
import { exportNode as cumulativeSum } from './cumulative-sum/export.js';
import { exportNode as dequantize } from './dequantize/export.js';
import { exportNode as dynamicQuantize } from './dynamic-quantize/export.js';
import { exportNode as expand } from './expand/export.js';
import { exportNode as gather } from './gather/export.js';
import { exportNode as gridSample } from './grid-sample/export.js';
import { exportNode as gru } from './gru/export.js';
import { exportNode as lstm } from './lstm/export.js';
import { exportNode as matmul } from './matmul/export.js';
import { exportNode as maxPool } from './max-pool/export.js';
import { exportNode as normalize } from './normalize/export.js';
import { exportNode as pad } from './pad/export.js';
import { exportNode as quantize } from './quantize/export.js';
import { exportNode as reduce } from './reduce/export.js';
import { exportNode as reinterpret } from './reinterpret/export.js';
import { exportNode as requantize } from './requantize/export.js';
import { exportNode as reshape } from './reshape/export.js';
import { exportNode as resizeLinear } from './resize-linear/export.js';
import { exportNode as rnn } from './rnn/export.js';
import { exportNode as scatter } from './scatter/export.js';
import { exportNode as slice } from './slice/export.js';
import { exportNode as softmax } from './softmax/export.js';
import { exportNode as topK } from './top-k/export.js';
import { exportNode as transpose } from './transpose/export.js';
import { exportNode as unary } from './unary/export.js';
import { exportNode as where } from './where/export.js';

/** Writes the ONNX operators of one node. */
export function exportNode(node: AnyNode, cx: ExportContext): void {
  cx.begin(node);
  switch (node.kind) {
    case 'activation':
      return activation(node, cx);
    case 'arg-extremum':
      return argExtremum(node, cx);
    case 'average-pool':
      return averagePool(node, cx);
    case 'binary':
      return binary(node, cx);
    case 'cast':
      return cast(node, cx);
    case 'clamp':
      return clamp(node, cx);
    case 'compare':
      return compare(node, cx);
    case 'concat':
      return concat(node, cx);
    case 'conv2d':
      return conv2d(node, cx);
    case 'conv2d-transpose':
      return conv2dTranspose(node, cx);
    case 'cumulative-sum':
      return cumulativeSum(node, cx);
    case 'dequantize':
      return dequantize(node, cx);
    case 'dynamic-quantize':
      return dynamicQuantize(node, cx);
    case 'expand':
      return expand(node, cx);
    case 'gather':
      return gather(node, cx);
    case 'grid-sample':
      return gridSample(node, cx);
    case 'gru':
      return gru(node, cx);
    case 'lstm':
      return lstm(node, cx);
    case 'matmul':
      return matmul(node, cx);
    case 'max-pool':
      return maxPool(node, cx);
    case 'normalize':
      return normalize(node, cx);
    case 'pad':
      return pad(node, cx);
    case 'quantize':
      return quantize(node, cx);
    case 'reduce':
      return reduce(node, cx);
    case 'reinterpret':
      return reinterpret(node, cx);
    case 'requantize':
      return requantize(node, cx);
    case 'reshape':
      return reshape(node, cx);
    case 'resize-linear':
      return resizeLinear(node, cx);
    case 'rnn':
      return rnn(node, cx);
    case 'scatter':
      return scatter(node, cx);
    case 'slice':
      return slice(node, cx);
    case 'softmax':
      return softmax(node, cx);
    case 'top-k':
      return topK(node, cx);
    case 'transpose':
      return transpose(node, cx);
    case 'unary':
      return unary(node, cx);
    case 'where':
      return where(node, cx);
    default:
      return cx.refuse(`${node.kind}`);
  }
}
