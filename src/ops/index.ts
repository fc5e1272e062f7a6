/**
 * The ops, one line each. Importers and lowerings are found by folder (`import-table.ts`, `lower-table.ts`, written
 * by `npm run gen`), so that a new op is one folder and one line here.
 */
import type { AnyOpDef, AttrsOfSpec } from '../ir/op.js';
import { activation } from './activation/op.js';
import { add } from './add/op.js';
import { addFixed } from './add-fixed/op.js';
import { argExtremum } from './arg-extremum/op.js';
import { averagePool } from './average-pool/op.js';
import { averagePoolFixed } from './average-pool-fixed/op.js';
import { binary } from './binary/op.js';
import { cast } from './cast/op.js';
import { clamp } from './clamp/op.js';
import { compare } from './compare/op.js';
import { concat } from './concat/op.js';
import { conv2d } from './conv2d/op.js';
import { conv2dFused } from './conv2d-fused/op.js';
import { conv2dRequant } from './conv2d-requant/op.js';
import { conv2dTranspose } from './conv2d-transpose/op.js';
import { cumulativeSum } from './cumulative-sum/op.js';
import { curveFixed } from './curve-fixed/op.js';
import { dequantize } from './dequantize/op.js';
import { dequantizeTransposed } from './dequantize-transposed/op.js';
import { dynamicConv } from './dynamic-conv/op.js';
import { dynamicQuantize } from './dynamic-quantize/op.js';
import { expand } from './expand/op.js';
import { gather } from './gather/op.js';
import { gatherStored } from './gather-stored/op.js';
import { gridSample } from './grid-sample/op.js';
import { gru } from './gru/op.js';
import { linearStored } from './linear-stored/op.js';
import { lookup } from './lookup/op.js';
import { lookupChannels } from './lookup-channels/op.js';
import { lstm } from './lstm/op.js';
import { matmul } from './matmul/op.js';
import { maxPool } from './max-pool/op.js';
import { maxPoolIndex } from './max-pool-index/op.js';
import { meanFixed } from './mean-fixed/op.js';
import { mul } from './mul/op.js';
import { mulFixed } from './mul-fixed/op.js';
import { normalize } from './normalize/op.js';
import { pad } from './pad/op.js';
import { preluFixed } from './prelu-fixed/op.js';
import { quantize } from './quantize/op.js';
import { quantizeAway } from './quantize-away/op.js';
import { quantizeTransposed } from './quantize-transposed/op.js';
import { reduce } from './reduce/op.js';
import { reinterpret } from './reinterpret/op.js';
import { requantize } from './requantize/op.js';
import { rescaleFixed } from './rescale-fixed/op.js';
import { reshape } from './reshape/op.js';
import { resizeLinear } from './resize-linear/op.js';
import { resizeLinearFixed } from './resize-linear-fixed/op.js';
import { rnn } from './rnn/op.js';
import { scaleChannels } from './scale-channels/op.js';
import { scatter } from './scatter/op.js';
import { slice } from './slice/op.js';
import { softmax } from './softmax/op.js';
import { softmaxFixed } from './softmax-fixed/op.js';
import { softmaxWide } from './softmax-wide/op.js';
import { topK } from './top-k/op.js';
import { transpose } from './transpose/op.js';
import { unary } from './unary/op.js';
import { where } from './where/op.js';

export const ops = {
  [activation.kind]: activation,
  [add.kind]: add,
  [addFixed.kind]: addFixed,
  [argExtremum.kind]: argExtremum,
  [averagePool.kind]: averagePool,
  [averagePoolFixed.kind]: averagePoolFixed,
  [binary.kind]: binary,
  [cast.kind]: cast,
  [clamp.kind]: clamp,
  [compare.kind]: compare,
  [concat.kind]: concat,
  [conv2d.kind]: conv2d,
  [conv2dFused.kind]: conv2dFused,
  [conv2dRequant.kind]: conv2dRequant,
  [conv2dTranspose.kind]: conv2dTranspose,
  [cumulativeSum.kind]: cumulativeSum,
  [curveFixed.kind]: curveFixed,
  [dequantize.kind]: dequantize,
  [dequantizeTransposed.kind]: dequantizeTransposed,
  [dynamicConv.kind]: dynamicConv,
  [dynamicQuantize.kind]: dynamicQuantize,
  [expand.kind]: expand,
  [gather.kind]: gather,
  [gatherStored.kind]: gatherStored,
  [gridSample.kind]: gridSample,
  [gru.kind]: gru,
  [linearStored.kind]: linearStored,
  [lookup.kind]: lookup,
  [lookupChannels.kind]: lookupChannels,
  [lstm.kind]: lstm,
  [matmul.kind]: matmul,
  [maxPool.kind]: maxPool,
  [maxPoolIndex.kind]: maxPoolIndex,
  [meanFixed.kind]: meanFixed,
  [mul.kind]: mul,
  [mulFixed.kind]: mulFixed,
  [normalize.kind]: normalize,
  [pad.kind]: pad,
  [preluFixed.kind]: preluFixed,
  [quantize.kind]: quantize,
  [quantizeAway.kind]: quantizeAway,
  [quantizeTransposed.kind]: quantizeTransposed,
  [reduce.kind]: reduce,
  [reinterpret.kind]: reinterpret,
  [requantize.kind]: requantize,
  [rescaleFixed.kind]: rescaleFixed,
  [reshape.kind]: reshape,
  [resizeLinear.kind]: resizeLinear,
  [resizeLinearFixed.kind]: resizeLinearFixed,
  [rnn.kind]: rnn,
  [scaleChannels.kind]: scaleChannels,
  [scatter.kind]: scatter,
  [slice.kind]: slice,
  [softmax.kind]: softmax,
  [softmaxFixed.kind]: softmaxFixed,
  [softmaxWide.kind]: softmaxWide,
  [topK.kind]: topK,
  [transpose.kind]: transpose,
  [unary.kind]: unary,
  [where.kind]: where,
} as const;

export type OpKind = keyof typeof ops;
export type AttrsOf<K extends OpKind> = K extends OpKind ? AttrsOfSpec<(typeof ops)[K]['attrs']> : never;

/** The definition of a node's op, in the form generic code uses. */
export function opDef(kind: OpKind): AnyOpDef {
  return ops[kind];
}

export function isOpKind(kind: string): kind is OpKind {
  return Object.hasOwn(ops, kind);
}
