/** Lowerings by op: written by `npm run gen` from the folders that have a lower.ts. Do not edit. */
import type { AnyNode } from '../ir/graph.js';
import { type LowerContext, NoKernel } from './lowering.js';
import { lower as activation } from './activation/lower.js';
import { lower as add } from './add/lower.js';
import { lower as addFixed } from './add-fixed/lower.js';
import { lower as argExtremum } from './arg-extremum/lower.js';
import { lower as averagePool } from './average-pool/lower.js';
import { lower as averagePoolFixed } from './average-pool-fixed/lower.js';
import { lower as binary } from './binary/lower.js';
import { lower as cast } from './cast/lower.js';
import { lower as clamp } from './clamp/lower.js';
import { lower as compare } from './compare/lower.js';
import { lower as concat } from './concat/lower.js';
import { lower as conv2d } from './conv2d/lower.js';
import { lower as conv2dFused } from './conv2d-fused/lower.js';
import { lower as conv2dRequant } from './conv2d-requant/lower.js';
import { lower as conv2dTranspose } from './conv2d-transpose/lower.js';
import { lower as cumulativeSum } from './cumulative-sum/lower.js';
import { lower as curveFixed } from './curve-fixed/lower.js';
import { lower as dequantize } from './dequantize/lower.js';
import { lower as dequantizeTransposed } from './dequantize-transposed/lower.js';
import { lower as dynamicConv } from './dynamic-conv/lower.js';
import { lower as dynamicQuantize } from './dynamic-quantize/lower.js';
import { lower as expand } from './expand/lower.js';
import { lower as gather } from './gather/lower.js';
import { lower as gatherStored } from './gather-stored/lower.js';
import { lower as gridSample } from './grid-sample/lower.js';
import { lower as gru } from './gru/lower.js';
import { lower as linearStored } from './linear-stored/lower.js';
import { lower as lookup } from './lookup/lower.js';
import { lower as lookupChannels } from './lookup-channels/lower.js';
import { lower as lstm } from './lstm/lower.js';
import { lower as matmul } from './matmul/lower.js';
import { lower as maxPool } from './max-pool/lower.js';
import { lower as maxPoolIndex } from './max-pool-index/lower.js';
import { lower as meanFixed } from './mean-fixed/lower.js';
import { lower as mul } from './mul/lower.js';
import { lower as mulFixed } from './mul-fixed/lower.js';
import { lower as normalize } from './normalize/lower.js';
import { lower as pad } from './pad/lower.js';
import { lower as preluFixed } from './prelu-fixed/lower.js';
import { lower as quantize } from './quantize/lower.js';
import { lower as quantizeAway } from './quantize-away/lower.js';
import { lower as quantizeTransposed } from './quantize-transposed/lower.js';
import { lower as reduce } from './reduce/lower.js';
import { lower as requantize } from './requantize/lower.js';
import { lower as rescaleFixed } from './rescale-fixed/lower.js';
import { lower as resizeLinear } from './resize-linear/lower.js';
import { lower as resizeLinearFixed } from './resize-linear-fixed/lower.js';
import { lower as rnn } from './rnn/lower.js';
import { lower as scaleChannels } from './scale-channels/lower.js';
import { lower as scatter } from './scatter/lower.js';
import { lower as slice } from './slice/lower.js';
import { lower as softmax } from './softmax/lower.js';
import { lower as softmaxFixed } from './softmax-fixed/lower.js';
import { lower as softmaxWide } from './softmax-wide/lower.js';
import { lower as topK } from './top-k/lower.js';
import { lower as transpose } from './transpose/lower.js';
import { lower as unary } from './unary/lower.js';
import { lower as where } from './where/lower.js';

/** Emits the kernel steps of one node. */
export function lowerNode(node: AnyNode, cx: LowerContext): void {
  switch (node.kind) {
    case 'activation':
      return activation(node, cx);
    case 'add':
      return add(node, cx);
    case 'add-fixed':
      return addFixed(node, cx);
    case 'arg-extremum':
      return argExtremum(node, cx);
    case 'average-pool':
      return averagePool(node, cx);
    case 'average-pool-fixed':
      return averagePoolFixed(node, cx);
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
    case 'conv2d-fused':
      return conv2dFused(node, cx);
    case 'conv2d-requant':
      return conv2dRequant(node, cx);
    case 'conv2d-transpose':
      return conv2dTranspose(node, cx);
    case 'cumulative-sum':
      return cumulativeSum(node, cx);
    case 'curve-fixed':
      return curveFixed(node, cx);
    case 'dequantize':
      return dequantize(node, cx);
    case 'dequantize-transposed':
      return dequantizeTransposed(node, cx);
    case 'dynamic-conv':
      return dynamicConv(node, cx);
    case 'dynamic-quantize':
      return dynamicQuantize(node, cx);
    case 'expand':
      return expand(node, cx);
    case 'gather':
      return gather(node, cx);
    case 'gather-stored':
      return gatherStored(node, cx);
    case 'grid-sample':
      return gridSample(node, cx);
    case 'gru':
      return gru(node, cx);
    case 'linear-stored':
      return linearStored(node, cx);
    case 'lookup':
      return lookup(node, cx);
    case 'lookup-channels':
      return lookupChannels(node, cx);
    case 'lstm':
      return lstm(node, cx);
    case 'matmul':
      return matmul(node, cx);
    case 'max-pool':
      return maxPool(node, cx);
    case 'max-pool-index':
      return maxPoolIndex(node, cx);
    case 'mean-fixed':
      return meanFixed(node, cx);
    case 'mul':
      return mul(node, cx);
    case 'mul-fixed':
      return mulFixed(node, cx);
    case 'normalize':
      return normalize(node, cx);
    case 'pad':
      return pad(node, cx);
    case 'prelu-fixed':
      return preluFixed(node, cx);
    case 'quantize':
      return quantize(node, cx);
    case 'quantize-away':
      return quantizeAway(node, cx);
    case 'quantize-transposed':
      return quantizeTransposed(node, cx);
    case 'reduce':
      return reduce(node, cx);
    case 'requantize':
      return requantize(node, cx);
    case 'rescale-fixed':
      return rescaleFixed(node, cx);
    case 'resize-linear':
      return resizeLinear(node, cx);
    case 'resize-linear-fixed':
      return resizeLinearFixed(node, cx);
    case 'rnn':
      return rnn(node, cx);
    case 'scale-channels':
      return scaleChannels(node, cx);
    case 'scatter':
      return scatter(node, cx);
    case 'slice':
      return slice(node, cx);
    case 'softmax':
      return softmax(node, cx);
    case 'softmax-fixed':
      return softmaxFixed(node, cx);
    case 'softmax-wide':
      return softmaxWide(node, cx);
    case 'top-k':
      return topK(node, cx);
    case 'transpose':
      return transpose(node, cx);
    case 'unary':
      return unary(node, cx);
    case 'where':
      return where(node, cx);
    default:
      throw new NoKernel(`no kernel computes ${node.kind} of ${node.operands.map((v) => v.type.element).join(', ')}`);
  }
}
