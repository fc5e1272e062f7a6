/** The order of the passes, and nothing else. */
import { absorbQdq } from '../passes/absorb-qdq.js';
import { assignStorage, type StoredEdge, description as storagePass } from '../passes/assign-storage.js';
import { cancelTransposes } from '../passes/cancel-transposes.js';
import { canonicalize } from '../passes/canonicalize.js';
import { eliminateDeadChannels } from '../passes/eliminate-dead-channels.js';
import { foldBatchNorm } from '../passes/fold-batch-norm.js';
import { foldConstants } from '../passes/fold-constants.js';
import { foldScales } from '../passes/fold-scales.js';
import { fuseActivation } from '../passes/fuse-activation.js';
import { fuseBias } from '../passes/fuse-bias.js';
import { fuseDynamic } from '../passes/fuse-dynamic.js';
import { fuseEpilogue } from '../passes/fuse-epilogue.js';
import { fuseLookup } from '../passes/fuse-lookup.js';
import { fuseNormalize } from '../passes/fuse-normalize.js';
import { fusePad } from '../passes/fuse-pad.js';
import { fuseResidual } from '../passes/fuse-residual.js';
import { fuseSums, description as sumsPass } from '../passes/fuse-sums.js';
import { fuseTranspose } from '../passes/fuse-transpose.js';
import { keepWeights } from '../passes/keep-weights.js';
import { materializeConstants } from '../passes/materialize-constants.js';
import { mergeCommon } from '../passes/merge-common.js';
import { orderChannels, description as orderPass } from '../passes/order-channels.js';
import * as packWeights from '../passes/pack-weights.js';
import * as planMemory from '../passes/plan-memory.js';
import { type QuantizeSettings, quantize, description as quantizerPass } from '../passes/quantize.js';
import { recognizeFakeQuant } from '../passes/recognize-fake-quant.js';
import { description as edgesPass, retypeEdges } from '../passes/retype-edges.js';
import { scaleChannels } from '../passes/scale-channels.js';
import * as schedule from '../passes/schedule.js';
import * as selectKernels from '../passes/select-kernels.js';
import { shareScales } from '../passes/share-scales.js';
import * as splitSteps from '../passes/split-steps.js';
import { splitTransposedConv } from '../passes/split-transposed-conv.js';
import { type StoredBits, description as storePass, storeWeights } from '../passes/store-weights.js';
import * as streamRows from '../passes/stream-rows.js';
import { description as tablesPass, tabulateChannels } from '../passes/tabulate-channels.js';
import type { Pass } from './ir/pass.js';

export const graphPasses: readonly Pass[] = [
  canonicalize,
  foldConstants,
  recognizeFakeQuant,
  foldBatchNorm,
  fuseBias,
  fuseActivation,
  mergeCommon,
  absorbQdq,
  splitTransposedConv,
  fuseLookup,
  shareScales,
  cancelTransposes,
  fusePad,
  foldConstants,
  mergeCommon,
  foldScales,
  eliminateDeadChannels,
  fuseResidual,
  fuseDynamic,
  fuseNormalize,
  fuseTranspose,
  keepWeights,
  materializeConstants,
  scaleChannels,
  fuseEpilogue,
];

/** What makes a float graph ready for the quantizer: one node for each layer. */
export const quantizerPreparation: readonly Pass[] = [
  canonicalize,
  foldConstants,
  foldBatchNorm,
  fuseBias,
  fusePad,
  fuseActivation,
  mergeCommon,
];

export {
  assignStorage,
  fuseSums,
  orderChannels,
  retypeEdges,
  type StoredBits,
  type StoredEdge,
  storeWeights,
  tabulateChannels,
};

/** Passes that are given settings, and run where those are known: the quantizer's, the edges of the program, its sums, orders of channels, tables, storage. */
export const settledPasses = [quantizerPass, storePass, edgesPass, sumsPass, orderPass, tablesPass, storagePass];

/** A float graph that was made ready -> the QDQ form, which is written as a model (decision 0018). */
export function quantizerPasses(settings: QuantizeSettings): readonly Pass[] {
  return [quantize(settings), mergeCommon];
}

/** What follows on the Program, in order; `compiler.ts` calls them, their types differ. */
export const programPasses = [selectKernels, schedule, splitSteps, streamRows, packWeights, planMemory].map(
  ({ name, doc }) => ({
    name,
    doc,
  }),
);
