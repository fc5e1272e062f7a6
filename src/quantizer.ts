/**
 * Float model + ranges -> QDQ model. Pure. Invariant: the answer is an ONNX model, and it is what gets compiled: what
 * `qcc build --calibrate` computes is what the file that `qcc quantize` writes computes, bit for bit, by construction
 * (decision 0018).
 */

import { chosenUnits, description, gridOf, layerKey, type QuantizeSettings } from '../passes/quantize.js';
import { type Diagnostic, note, QccError, warning } from './diagnostics/diagnostic.js';
import { type Cell, gateProduct, isCell, productsOfCells } from './ir/cells.js';
import { type Equalized, equalized } from './ir/equalized.js';
import type { AnyNode, Graph, Node } from './ir/graph.js';
import { runPasses } from './ir/pass.js';
import { isLinearLayer, sourceOf } from './ir/quantizable.js';
import { byteSize } from './ir/type.js';
import { producer, topologicalOrder } from './ir/walk.js';
import { exportModel } from './onnx/export.js';
import { importModel } from './onnx/import.js';
import type { OnnxModel } from './onnx/model.js';
import { quantizerPasses, quantizerPreparation, type StoredBits, storeWeights } from './pipeline.js';
import type { RangeRule } from './quant/range-choice.js';
import type { Ranges } from './quant/ranges.js';
import { CALIBRATED_ON } from './quant/statistics.js';
import type { ActivationGrid } from './quant/weight-scales.js';

/** What a user may choose. */
export interface Quantization {
  /**
   * 0: the range of an activation is all that was seen. 1: channels are scaled alike, ranges cut rare outliers, biases are
   * corrected. 3: weights are rounded for the output of their layer, by `grams`.
   */
  readonly effort: 0 | 1 | 3;
  readonly activations: ActivationGrid;
  readonly integerOnly: boolean;
  readonly integerOutputs: boolean;
  readonly lanes: QuantizeSettings['lanes'];
  readonly placement: QuantizeSettings['placement'];
  /** Names of model nodes that stay float. */
  readonly keepFloat: ReadonlySet<string>;
  /** Names of model nodes that read int16 activations, where they can. */
  readonly wide?: ReadonlySet<string>;
  /** What layers of the equalized float graph read, see `QuantizeSettings`. */
  readonly grams?: NonNullable<QuantizeSettings['grams']>;
}

export const defaultQuantization: Quantization = {
  effort: 1,
  activations: { element: 'u8', symmetric: false },
  integerOnly: false,
  integerOutputs: false,
  lanes: 1,
  placement: 'everywhere',
  keepFloat: new Set(),
};

export interface QuantizeOptions {
  readonly ranges: Ranges;
  /** Which samples they are of, as `calibrationMark` spells it; absent where nobody knows. */
  readonly calibratedOn?: string;
  readonly quantization: Quantization;
  readonly dims: ReadonlyMap<string, number>;
  readonly version: string;
}

export interface Quantized {
  readonly model: OnnxModel;
  /** As written: the QDQ form. */
  readonly graph: Graph;
  /** What the pass `quantize` was told; undefined: it did not run. */
  readonly settings: QuantizeSettings | undefined;
  /** Before the quantizer: batch norms folded, biases and paddings fused, channels scaled alike (`ir/equalized.ts`). */
  readonly float: Graph;
  /** Convolutions and matrix products, and how many of them are integer ones. */
  readonly products: number;
  readonly quantized: number;
  /** Of -Q3, layer by layer: how its weights are rounded, and why. */
  readonly roundings: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * By effort. The least squared error alone can clip the few large values that decide (keyword spotting loses a point), a
 * percentile alone tensors with long tails; what both would keep is kept, and what the next value may need, where few were seen.
 */
const rules: readonly (readonly RangeRule[])[] = [
  [{ rule: 'min-max' }],
  [{ rule: 'mse' }, { rule: 'percentile', percent: 99.99 }, { rule: 'next' }],
];

/** What needs no data. */
export type WithoutData =
  /** Weights of linear layers become s8, their activations are quantized at run time, by the range of all of a run's or of each row. */
  | { readonly mode: 'dynamic'; readonly per: 'run' | 'row' }
  /** Weights of linear layers and tables of embeddings are stored in few bits; everything is computed in float. */
  | ({ readonly mode: 'weights' } & StoredBits);

/** Neighbours that share a scale where weights have 4 bits: what most tools write. */
export const BLOCK = 32;

/** Convolutions stay float: their activations are too large to look at twice. Throws `QccError`. */
export function quantizeWithoutData(
  source: OnnxModel,
  how: WithoutData,
  options: Omit<QuantizeOptions, 'ranges' | 'quantization'>,
): Quantized {
  const rounding = 'onnx';
  const name = source.graph.name;
  const imported = importModel(source, { dims: options.dims, rounding, name, keepNames: true });
  const prepared = runPasses(imported.graph, quantizerPreparation, { rounding });
  const producer = { name: 'qcc', version: options.version };
  const fields = { producer, metadata: source.metadata, ...aboutOf(source) };
  const diagnostics = [...imported.diagnostics, ...prepared.diagnostics];
  const { products } = counted(prepared.graph);
  const answer = (graph: Graph, quantized: number, model: OnnxModel): Quantized => {
    const notes = quantized === 0 ? [nothingFor(how)] : [];
    return {
      model,
      graph,
      settings: undefined,
      float: prepared.graph,
      products,
      quantized,
      roundings: [],
      diagnostics: [...diagnostics, ...notes],
    };
  };
  if (how.mode === 'dynamic') {
    const dynamic = new Set(topologicalOrder(prepared.graph).filter(isLinearLayer));
    const stored = topologicalOrder(prepared.graph).filter(({ kind }) => kind === 'gru' || kind === 'rnn');
    const model = exportModel(prepared.graph, { ...fields, dynamic: { nodes: dynamic, per: how.per } });
    const made = answer(prepared.graph, dynamic.size, model);
    const cells = how.per === 'row' ? topologicalOrder(prepared.graph).filter(({ kind }) => kind === 'lstm') : [];
    return { ...made, diagnostics: [...made.diagnostics, ...stored.map(onlyStored), ...cells.map(notByRow)] };
  }
  const { graph, reports } = runPasses(prepared.graph, [storeWeights(how)], { rounding });
  const stored = [...reports[0].hits.values()].reduce((sum, n) => sum + n, 0);
  return answer(graph, stored, exportModel(graph, fields));
}

/** No operator quantizes what a GRU or an RNN reads at run time. */
function onlyStored(cell: AnyNode): Diagnostic {
  return note(
    'Q0848',
    `"${cell.origin.names[0] ?? cell.kind}" has weights of 8 bits and computes in float: no ONNX operator quantizes a ${cell.kind.toUpperCase()} at run time`,
    'an LSTM becomes com.microsoft.DynamicQuantizeLSTM',
  );
}

/** Ranges of a cell's input say nothing of its state, which moves on at every step: it stays as it is, weights too. */
function leftFloat(cell: Cell): Diagnostic {
  const product = gateProduct(cell);
  const weights = [...cell.operands, ...(product?.operands ?? [])].filter((v) => v.kind === 'const');
  const bytes = weights.reduce((sum, { type }) => sum + byteSize(type), 0);
  return note(
    'Q0851',
    `"${cell.origin.names[0] ?? cell.kind}" stays float, with its weights (${bytes} bytes)`,
    '--mode dynamic stores them on 8 bits, and needs no data',
  );
}

/** DynamicQuantizeLSTM has one scale for its input. */
function notByRow(lstm: AnyNode): Diagnostic {
  return note(
    'Q0735',
    `"${lstm.origin.names[0] ?? lstm.kind}" has one scale for its input and one for its states: DynamicQuantizeLSTM knows no rows`,
    'linear layers have a scale for each row',
  );
}

function nothingFor({ mode }: WithoutData): Diagnostic {
  const help =
    mode === 'dynamic'
      ? 'convolutions need ranges: --calibrate DATA'
      : 'weights of convolutions become int8 with ranges: --calibrate DATA';
  return warning('Q0847', `--mode ${mode} finds no linear layer with constant float weights: all stays float`, help);
}

/** Throws `QccError` with every problem of the model. */
export function quantizeModel(source: OnnxModel, options: QuantizeOptions): Quantized {
  const rounding = 'onnx';
  const name = source.graph.name;
  const imported = importModel(source, { dims: options.dims, rounding, name, keepNames: true });
  const prepared = runPasses(imported.graph, quantizerPreparation, { rounding });
  const { effort, ...chosen } = options.quantization;
  // An LSTM or GRU is one operator, products with its input included: they stay float with it.
  const cells = [...productsOfCells(prepared.graph)].flatMap((node) => node.origin.names);
  const given: QuantizeSettings = {
    ...chosen,
    keepFloat: new Set([...chosen.keepFloat, ...cells]),
    ranges: options.ranges,
    rules: rules[Math.min(effort, 1)],
    correctBias: effort > 0,
  };
  const { graph: float, ranges } =
    effort === 0 ? { graph: prepared.graph, ranges: options.ranges } : equalizedFor(prepared.graph, given);
  const settings = { ...given, ranges };
  const run = runPasses(float, quantizerPasses(settings), { rounding });
  const left = topologicalOrder(prepared.graph).filter(isCell).map(leftFloat);
  const diagnostics = [...imported.diagnostics, ...prepared.diagnostics, ...run.diagnostics, ...left];
  if (diagnostics.some((d) => d.severity === 'error')) throw new QccError(diagnostics);
  const producer = { name: 'qcc', version: options.version };
  const model = exportModel(run.graph, { producer, metadata: metadataOf(source, options), ...aboutOf(source) });
  const roundings = run.notes.flatMap(({ pass, text }) => (pass === description.name ? [text] : []));
  return { model, graph: run.graph, settings, float, ...counted(run.graph), roundings, diagnostics };
}

function equalizedFor(graph: Graph, settings: QuantizeSettings): Equalized {
  return equalized(graph, settings.ranges, chosenUnits(graph, settings), gridOf(settings.activations), settings.rules);
}

/** The float model quantized by other settings, at the ranges it has. */
export function quantizedWith(float: Graph, settings: QuantizeSettings): Graph {
  return runPasses(float, quantizerPasses(settings), { rounding: 'onnx' }).graph;
}

/** The float model with nothing quantized but the layers of these names, at the scales they have in the whole. */
export function quantizedOnly(float: Graph, settings: QuantizeSettings, only: ReadonlySet<string>): Graph {
  return quantizedWith(float, { ...settings, only });
}

function aboutOf({ about }: OnnxModel): Pick<OnnxModel, 'about'> {
  return about === undefined ? {} : { about };
}

function metadataOf({ metadata }: OnnxModel, { calibratedOn }: QuantizeOptions): ReadonlyMap<string, string> {
  return calibratedOn === undefined ? metadata : new Map([...metadata, [CALIBRATED_ON, calibratedOn]]);
}

function counted(graph: Graph): { readonly products: number; readonly quantized: number } {
  const kinds = ['conv2d', 'conv2d-transpose', 'matmul'];
  const products = topologicalOrder(graph).filter((node) => kinds.includes(node.kind));
  const isStored = (node: (typeof products)[number]): boolean =>
    producer(sourceOf(node.operands[0]), 'dequantize') !== undefined &&
    producer(sourceOf(node.operands[1]), 'dequantize') !== undefined;
  return { products: products.length, quantized: products.filter(isStored).length };
}

/** What TensorRT and torch-tensorrt take: symmetric, zero points 0, and no range for what they fuse. */
export const forTensorrt: Partial<Quantization> = {
  activations: { element: 's8', symmetric: true },
  placement: 'tensorrt',
};

/** A convolution whose weights are quantized, and what its float form reads. */
export interface WeightedLayer {
  /** What it is known by in `grams`. */
  readonly key: string;
  readonly node: Node<'conv2d'>;
  /** Index of the output that is its input. */
  readonly input: number;
}

/** The float model that was quantized, with what its layers read as outputs; undefined where no weights were quantized. */
export function layerInputs({ float, settings }: Quantized) {
  if (settings === undefined) return undefined;
  const nodes = [...chosenUnits(float, settings).chosen].flatMap((unit) =>
    unit.nodes.flatMap((node) => (node.kind === 'conv2d' && node.operands[1].kind === 'const' ? [node] : [])),
  );
  const values = [...new Set(nodes.map((node) => node.operands[0]))];
  const outputs = values.map((value, i) => ({ name: `layer_input_${i}`, value }));
  const fields = { producer: { name: 'qcc', version: '' }, metadata: new Map<string, string>() };
  const model = exportModel({ ...float, outputs, named: new Map() }, fields);
  const layers = nodes.map(
    (node): WeightedLayer => ({ key: layerKey(node), node, input: values.indexOf(node.operands[0]) }),
  );
  return { model, layers, inputs: float.inputs, bytes: values.reduce((sum, { type }) => sum + byteSize(type), 0) };
}
