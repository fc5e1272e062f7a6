/** `qcc quantize`: float model + data -> QDQ model. */
import { basename } from 'node:path';
import { loadAssets } from '../assets.js';
import { checkQuantizable, compile, lowerModel } from '../compiler.js';
import { QccError } from '../diagnostics/diagnostic.js';
import { writeWhole } from '../files.js';
import { floatNodes } from '../ir/float-ops.js';
import { decodeModel } from '../onnx/decode.js';
import { encodeModel } from '../onnx/encode.js';
import { type Quantized, quantizeModel, quantizeWithoutData, type WithoutData } from '../quantizer.js';
import { frontRows, roundingRows } from '../report/front.js';
import type { Report, ReportMixed } from '../report/report.js';
import { summaryRows } from '../report/text.js';
import { version } from '../version.js';
import { calibrated } from './calibrated.js';
import { humanBytes } from './facts.js';
import { integerOnlyFailure, integerOnlyRefusal } from './integer-only.js';
import { checkMixed, mixedJson, mixedNotes, mixedText } from './mixed.js';
import type { Mixed } from './mixed-precision.js';
import { countedOperators, floatModelNodes, type ModelNode, modelNodes } from './model-nodes.js';
import {
  checkSampling,
  type ModeOptions,
  type QuantizationOptions,
  quantizationFor,
  withoutDataOf,
} from './quantization.js';
import type { RangeOptions } from './ranges.js';
import { checkRepeatable } from './reconstruct.js';
import { checkReportFiles, reportOn, writeReport } from './report.js';
import { showRows } from './result-lines.js';
import { chooseTarget, compileOptions, readModel, show, terminal, usage } from './session.js';

export interface QuantizeCommand extends RangeOptions, QuantizationOptions, ModeOptions {
  readonly calibrate: string | undefined;
  readonly output: string | undefined;
  readonly advise?: boolean;
  readonly report: readonly string[];
  readonly maxDrop: string | undefined;
  readonly json: boolean;
}

export async function quantizeCommand(options: QuantizeCommand): Promise<number> {
  if (options.advise === true) {
    const { advise, checkAdvise } = await import('./advise.js');
    checkAdvise(options);
    return advise(options);
  }
  const route = withoutDataOf(options, options.calibrate) ?? options.calibrate;
  if (route === undefined)
    throw usage(
      'qcc quantize needs data: activations have ranges',
      '--calibrate DATA takes samples, --calibrate FILE.qstats what qcc calibrate gathered; --mode dynamic and --mode weights need ' +
        'none, and suit models of linear layers; --advise says what suits this model',
    );
  if (typeof route !== 'string' && options.effort === 3)
    throw usage('-Q3 looks at samples, and this --mode takes none');
  if (options.output === undefined) throw usage('where to? -o OUT.onnx');
  checkRepeatable(options.effort, options.calibrate);
  checkSampling(options, options.calibrate);
  checkReportFiles(options.report);
  checkMixed(options);
  const source = await readModel(options.model);
  try {
    return await quantized(options, route, options.output, source);
  } catch (failure) {
    if (failure instanceof QccError) throw new QccError(failure.diagnostics, failure.exitCode, options.model);
    throw failure;
  }
}

async function quantized(
  options: QuantizeCommand,
  route: WithoutData | string,
  output: string,
  source: Awaited<ReturnType<typeof readModel>>,
): Promise<number> {
  const { dims } = compileOptions(options);
  checkQuantizable(source);
  const decoded = decodeModel(source.model, source.externalData);
  const target = await chooseTarget(options.target);
  const quantization = quantizationFor(options, target);
  const base = { dims: dims ?? new Map<string, number>(), version: version() };
  const withRanges = async (from: string): Promise<{ readonly made: Quantized; readonly mixed: Mixed | undefined }> => {
    const { made, mixed, ...found } = await calibrated(options, from, source, quantization, target, base);
    return { made: made ?? quantizeModel(decoded.model, { ...found, ...base }), mixed };
  };
  const { made, mixed } =
    typeof route === 'string'
      ? await withRanges(route)
      : { made: quantizeWithoutData(decoded.model, route, base), mixed: undefined };
  const bytes = encodeModel(made.model);
  const lowered = lowerModel({ model: bytes, fileName: basename(output) });
  const left = floatNodes(lowered.graph);
  const float = floatModelNodes(lowered.graph, modelNodes(decoded.model));
  if (quantization.integerOnly && left.length > 0) {
    const by = options.integerOnly === true ? '--integer-only' : target.name;
    throw made.quantized > 0 && float.length > 0
      ? integerOnlyRefusal(float, by)
      : integerOnlyFailure(left, lowered.graph, by);
  }
  const notes = mixed === undefined ? [] : mixedNotes(mixed);
  await show([...decoded.notes, ...made.diagnostics, ...notes], options.model, terminal);
  writeWhole(output, bytes);
  const chosen = mixed === undefined ? undefined : mixedJson(mixed);
  const found = options.report.length === 0 ? undefined : await reportFor(options, output, bytes, made, chosen);
  report(options, output, source.model.length, bytes.length, made, float, { found, chosen });
  return 0;
}

async function reportFor(
  options: QuantizeCommand,
  output: string,
  model: Uint8Array,
  made: Quantized,
  mixed: ReportMixed | undefined,
): Promise<Report> {
  const assets = loadAssets();
  const target = await chooseTarget(options.target);
  const source = { model, fileName: basename(output) };
  const { dims: _, ...chosen } = compileOptions(options);
  const found = await reportOn({
    command: 'quantize',
    model: options.model,
    options,
    cc: options.cc,
    calibrate: options.calibrate,
    output,
    made,
    mode: options.mode === 'auto' ? 'static' : options.mode,
    effort: options.effort,
    mixed,
    compile: async (extra) => ({
      source,
      target,
      assets,
      compiled: compile(source, target, assets, { ...chosen, ...extra }),
    }),
  });
  writeReport(options.report, found, assets.templates);
  return found;
}

function report(
  options: QuantizeCommand,
  output: string,
  floatBytes: number,
  bytes: number,
  made: Quantized,
  float: readonly ModelNode[],
  { found, chosen }: { readonly found: Report | undefined; readonly chosen: ReportMixed | undefined },
): void {
  const { quantized: layers, products } = made;
  if (options.json) {
    terminal.out(
      JSON.stringify({
        model: options.model,
        output,
        mode: options.mode === 'auto' ? 'static' : options.mode,
        ...(options.mode === 'weights' ? { weights: options.weights ?? 's8' } : {}),
        ...(options.mode === 'dynamic' ? { activations: options.activations ?? 'per-run' } : {}),
        effort: options.effort,
        layers: products,
        quantized_layers: layers,
        float_nodes: float,
        model_bytes: floatBytes,
        output_bytes: bytes,
        ...(made.roundings.length === 0 ? {} : { roundings: made.roundings }),
        ...(chosen === undefined ? {} : { mixed: chosen }),
        ...(found === undefined ? {} : { report: options.report, noise: found.noise }),
      }),
    );
    return;
  }
  const rows = [
    ['wrote', `${output}, ${humanBytes(bytes)}, ${sizeText(floatBytes, bytes)} than ${options.model}`],
    ['layers', howDone(options, layers, products)],
    ['float', float.length === 0 ? 'nothing' : counted(float)],
    ...(chosen === undefined ? [] : [['mixed', mixedText(chosen)], ...frontRows(chosen)]),
    ...roundingRows(made.roundings),
    ...(found === undefined ? [] : summaryRows(found, options.report)),
  ];
  showRows(rows);
}

function sizeText(from: number, to: number): string {
  return from >= to ? `${(from / to).toFixed(1)}x smaller` : `${(to / from).toFixed(1)}x larger`;
}

function howDone({ mode, weights, activations, effort }: QuantizeCommand, layers: number, products: number): string {
  if (mode === 'weights') return `${layers} with weights of ${weights === 's4' ? 4 : 8} bits, computed in float`;
  const how = mode === 'dynamic' ? 'activations at run time' : `-Q${effort}`;
  return `${layers} of ${products} on ${effort === 2 ? 'integers' : '8 bits'}, ${how}${activations === 'per-row' ? ', each row by itself' : ''}`;
}

/** "3 Softmax, 2 Add" */
function counted(nodes: readonly ModelNode[]): string {
  return [...countedOperators(nodes)].map(([op, n]) => `${n} ${op}`).join(', ');
}
