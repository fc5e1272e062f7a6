/** Q0825, Q0840 to Q0879: the quantizer. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { edgesFor } from '../../src/cli/edges.js';
import { integerOnlyFailure, integerOnlyNote, integerOnlyRefusal } from '../../src/cli/integer-only.js';
import { mixedNotes } from '../../src/cli/mixed.js';
import type { Mixed } from '../../src/cli/mixed-precision.js';
import { checkPreprocess } from '../../src/cli/preprocess-match.js';
import { quantizeCommand } from '../../src/cli/quantize.js';
import { lowerModel } from '../../src/compiler.js';
import { printStatistics } from '../../src/data/qstats.js';
import { floatNodes } from '../../src/ir/float-ops.js';
import { topologicalOrder } from '../../src/ir/walk.js';
import { emptyStatistics } from '../../src/quant/statistics.js';
import { statisticsOf } from '../cli/seen.js';
import { type ModelSpec, model, node, tensor, value } from '../onnx/model-builder.js';
import { type Case, type Cases, caught, ofCall, ofList, ofModel } from './cases.js';
import { folder } from './machine.js';

/** A float model that is quantized by statistics of nothing. */
function unseen(what: string, spec: ModelSpec): Case {
  return {
    what,
    file: 'm.onnx',
    diagnostics: () =>
      caught(() => lowerModel({ model: model(spec), fileName: 'm.onnx', ranges: new Map() }).diagnostics),
  };
}

const linear: ModelSpec = {
  inputs: [value('x', 'f32', [1, 2])],
  outputs: ['y'],
  initializers: { w: tensor('f32', [2, 2], [1, 2, 3, 4]) },
  nodes: [node('MatMul', ['x', 'w'], ['y'], {}, 'classify')],
};

/** Quantized at its input, and then not again. */
const floatTail: ModelSpec = {
  inputs: [value('x', 'f32', [1, 2])],
  outputs: ['y'],
  initializers: { scale: tensor('f32', [], [0.5]), zero: tensor('u8', [], [3]) },
  nodes: [
    node('QuantizeLinear', ['x', 'scale', 'zero'], ['q'], {}, 'in'),
    node('DequantizeLinear', ['q', 'scale', 'zero'], ['r'], {}, 'out'),
    node('Softmax', ['r'], ['y'], {}, 'probabilities'),
  ],
};

const floats = () => lowerModel({ model: model(linear), fileName: 'm.onnx' }).graph;

/** `qcc quantize --integer-only` on statistics without tensors. */
async function integerOnly(): Promise<unknown> {
  const [file, statistics] = ['linear.onnx', 'linear.qstats'].map((name) => join(folder, name));
  const bytes = model(linear);
  writeFileSync(file, bytes);
  const modelSha256 = createHash('sha256').update(bytes).digest('hex');
  const subject = { modelSha256, modelName: 'linear.onnx', inputs: ['x [1,2]'], preprocess: '' };
  writeFileSync(statistics, printStatistics(emptyStatistics(subject)));
  const options = {
    target: 'scalar',
    dim: [],
    rounding: undefined,
    name: undefined,
    optimize: undefined,
    cc: undefined,
  };
  return quantizeCommand({
    ...options,
    model: file,
    calibrate: statistics,
    output: join(folder, 'out.onnx'),
    effort: 1,
    integerOnly: true,
    exact: 'wide',
    mode: 'static',
    portable: false,
    for: undefined,
    preprocess: undefined,
    samples: undefined,
    seed: 0,
    report: [],
    maxDrop: undefined,
    json: true,
  });
}

const gru: ModelSpec = {
  inputs: [value('x', 'f32', [3, 1, 4])],
  outputs: ['y'],
  initializers: {
    w: tensor(
      'f32',
      [1, 6, 4],
      Array.from({ length: 24 }, (_, i) => i / 24 - 0.5),
    ),
    r: tensor(
      'f32',
      [1, 6, 2],
      Array.from({ length: 12 }, (_, i) => 0.5 - i / 12),
    ),
  },
  nodes: [node('GRU', ['x', 'w', 'r'], ['y'], { hidden_size: 2 }, 'gru')],
};

const lstm: ModelSpec = {
  inputs: [value('x', 'f32', [3, 1, 4])],
  outputs: ['y'],
  initializers: {
    w: tensor(
      'f32',
      [1, 8, 4],
      Array.from({ length: 32 }, (_, i) => i / 32 - 0.5),
    ),
    r: tensor(
      'f32',
      [1, 8, 2],
      Array.from({ length: 16 }, (_, i) => 0.5 - i / 16),
    ),
  },
  nodes: [node('LSTM', ['x', 'w', 'r'], ['y'], { hidden_size: 2 }, 'lstm')],
};

const pixels = (mean: readonly number[]) =>
  ({ kind: 'u8pixels', scaling: { scale: 1, mean, std: [1] }, swaps: false }) as const;

const picture: ModelSpec = {
  inputs: [value('x', 'f32', [1, 3, 4, 4])],
  outputs: ['y'],
  nodes: [node('Relu', ['x'], ['y'], {}, 'only')],
};

const twoScales: ModelSpec = {
  inputs: [value('x', 'f32', [1, 2])],
  outputs: ['y', 'z'],
  initializers: { s: tensor('f32', [], [0.5]), t: tensor('f32', [], [0.25]) },
  nodes: [
    node('QuantizeLinear', ['x', 's'], ['y'], {}, 'coarse'),
    node('QuantizeLinear', ['x', 't'], ['z'], {}, 'fine'),
  ],
};

const hopeless: Omit<Mixed, 'made'> = {
  ...{
    changes: [],
    front: [],
    floatMacs: 0.75,
    wideMacs: 0,
    before: { sqnr: 3, agreement: 0.2 },
    after: { sqnr: 31, agreement: 1 },
  },
  ...{ cycles: { before: 10, after: 30, float: 40, wide: 20 }, isReached: true },
};

export const quantizer: Cases = {
  Q0825: [
    {
      what: 'most of the work in float',
      diagnostics: async () => mixedNotes(hopeless),
    },
    {
      what: 'a goal out of reach',
      diagnostics: async () =>
        mixedNotes({ ...hopeless, floatMacs: 0.25, after: { sqnr: 12, agreement: 0.5 }, isReached: false }),
    },
  ],
  Q0840: [
    unseen('the places of the maxima of a pool', {
      inputs: [value('x', 'f32', [1, 1, 4, 4])],
      outputs: ['y', 'places'],
      nodes: [node('MaxPool', ['x'], ['y', 'places'], { kernel_shape: [2, 2] }, 'pool')],
    }),
  ],
  Q0841: [unseen('a linear layer', linear)],
  Q0420: [ofModel('a float layer at the end', floatTail, { edges: { kind: 'integer' } })],
  Q0421: [
    ofList('a float model on a microcontroller', () => [integerOnlyNote(topologicalOrder(floats()), 'cortex-m4')]),
  ],
  Q0842: [
    ofCall('a linear layer nobody calibrated', integerOnly),
    ofCall('a float model for a microcontroller', () => {
      throw integerOnlyFailure(topologicalOrder(floats()), floats(), 'cortex-m4');
    }),
    ofCall('some of a quantized model', () => {
      const { graph } = lowerModel({ model: model(floatTail), fileName: 'm.onnx' });
      throw integerOnlyFailure(floatNodes(graph), graph, 'cortex-m4');
    }),
    ofCall('an LSTM between layers that become integers', () => {
      throw integerOnlyRefusal([{ node: 'lstm', op: 'LSTM' }], '--integer-only');
    }),
  ],
  Q0843: [
    ofModel('a float model', linear, { edges: { kind: 'int8' } }),
    ofModel('two scales', twoScales, { edges: { kind: 'int8' } }),
  ],
  Q0844: [ofModel('a float model', linear, { edges: { kind: 'int8' } })],
  Q0845: [
    ofCall('another size', () => edgesFor('u8pixels', 'imagenet,resize=300')),
    ofCall('planes', () => edgesFor('u8pixels', 'unit,layout=nchw')),
  ],
  Q0846: [
    ofModel('no picture', linear, { edges: pixels([0]) }),
    ofModel('a mean too few', picture, { edges: pixels([0.4, 0.5]) }),
  ],
  Q0735: [ofModel('an LSTM', lstm, { withoutData: { mode: 'dynamic', per: 'row' } })],
  Q0847: [ofModel('nothing but a Relu', picture, { withoutData: { mode: 'dynamic', per: 'run' } })],
  Q0848: [ofModel('a GRU', gru, { withoutData: { mode: 'dynamic', per: 'run' } })],
  Q0851: [unseen('a GRU', gru), unseen('an LSTM', lstm)],
  Q0849: [
    ofCall('another mean', () =>
      checkPreprocess('unit.qstats', statisticsOf('scale=0.5', 0, 127.5), { preprocess: 'mean=0.5', io: 'u8pixels' }),
    ),
    ofCall('pixels as they are', () =>
      checkPreprocess('unit.qstats', statisticsOf('scale=0.5', 0, 127.5), { preprocess: undefined, io: 'u8pixels' }),
    ),
    ofCall('samples that were never scaled', () =>
      checkPreprocess('raw.qstats', statisticsOf('', 0, 255), { preprocess: 'unit', io: 'u8pixels' }),
    ),
  ],
};
