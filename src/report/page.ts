/**
 * Report -> one HTML page that needs nothing else: no script, no network. Every decision is made here; the template holds
 * values, and Handlebars escapes them: names in it are a stranger's.
 */
import { renderer, type Templates } from '../emit/render.js';
import { GOOD_DB, isLossy } from './advice.js';
import { bytesText, countText, dbText, ratioText, shareText, usText } from './format.js';
import { frontRows } from './front.js';
import { type Bar, histogramOf, stripOf } from './plots.js';
import type { Report, ReportLayer, ReportTensor } from './report.js';

export function pageOf(report: Report, templates: Templates): string {
  return renderer(templates, 'html').render('report.html.hbs', viewOf(report));
}

function viewOf(report: Report) {
  const { quantization, noise, layers, tensors } = report;
  const tensorIndex = new Map(tensors.map(({ name }, i) => [name, i]));
  return {
    model: report.model.replace(/^.*[/\\]/, ''),
    target: report.target,
    qcc: report.qcc,
    how: howText(report),
    cards: cardsOf(report),
    verdict: verdictOf(report),
    isLossy: isLossy(report),
    advice: report.advice.map(({ text, command }) => ({ text, command })),
    strips: stripsOf(report),
    samples: noise.samples,
    why: noise.why,
    layers: layers.map((layer) => layerView(layer, tensorIndex)),
    hasNoise: noise.why === null,
    floats: layers
      .filter((layer) => !layer.quantized && layer.why !== null)
      .map(({ index, name, why }) => ({ index, name, why })),
    front: quantization?.mixed === null || quantization === null ? [] : frontRows(quantization.mixed).map(frontView),
    roundings: quantization?.roundings ?? [],
    tensors: tensors.map(tensorView),
    isQuantizedHere: quantization !== null,
    timeWhy: report.time.why,
  };
}

function frontView([to, text]: readonly [string, string]) {
  return { to: to === 's16' ? '16 bits' : 'float', text };
}

const howOf: Readonly<Record<string, string>> = {
  dynamic: 'activations quantized at run time',
  weights: 'weights alone',
};

function howText({ quantization, noise }: Report): string {
  if (quantization === null) return 'as the model was quantized';
  const how = howOf[quantization.mode] ?? `-Q${quantization.effort}`;
  return noise.why === null ? `${how}, measured on ${noise.samples} samples` : how;
}

interface Card {
  readonly title: string;
  readonly value: string;
  readonly detail: string;
  readonly isBad: boolean;
}

function cardsOf({ quantization, noise, size, time, layers }: Report): readonly Card[] {
  const worst = noise.outputs.toSorted((a, b) => (a.sqnr_db ?? 999) - (b.sqnr_db ?? 999))[0];
  const onIntegers = quantization?.quantized_layers ?? layers.filter((layer) => layer.quantized).length;
  const all = quantization?.layers ?? layers.length;
  const wide = layers.filter(({ bits }) => bits === 16).length;
  return [
    {
      title: 'Weights',
      value:
        size.float_weights_bytes === null
          ? bytesText(size.weights_bytes)
          : ratioText(size.float_weights_bytes, size.weights_bytes, 'smaller'),
      detail: fromTo(size.float_weights_bytes, size.weights_bytes, bytesText),
      isBad: false,
    },
    {
      title: 'Memory traffic',
      value:
        size.float_traffic_bytes === null
          ? bytesText(size.traffic_bytes)
          : ratioText(size.float_traffic_bytes, size.traffic_bytes, 'less'),
      detail: `${fromTo(size.float_traffic_bytes, size.traffic_bytes, bytesText)} per run`,
      isBad: false,
    },
    {
      title: 'Time',
      value:
        time.us === null
          ? 'not measured'
          : time.float_us === null
            ? usText(time.us)
            : ratioText(time.float_us, time.us, 'faster'),
      detail: time.us === null ? (time.why ?? '') : `${fromTo(time.float_us, time.us, usText)}, one thread`,
      isBad: time.us !== null && time.float_us !== null && time.float_us < time.us,
    },
    ...(worst === undefined
      ? []
      : [
          {
            title: 'Signal to noise',
            value: dbText(worst.sqnr_db),
            detail: noise.outputs.length > 1 ? `worst output, ${worst.name}` : 'of the output',
            isBad: (worst.sqnr_db ?? 999) < GOOD_DB,
          },
        ]),
    ...(noise.top1_agree === null
      ? []
      : [
          {
            title: 'Same answer',
            value: shareText(noise.top1_agree),
            detail: `of ${noise.samples} samples: the float model's largest output`,
            isBad: noise.top1_agree < 0.98,
          },
        ]),
    {
      title: quantization === null || wide > 0 ? 'Layers on integers' : 'Layers on 8 bits',
      value: `${onIntegers} of ${all}`,
      detail: `${onIntegers === all ? 'all that have weights' : 'of those with weights; the others below'}${wide > 0 ? `; ${wide} on 16 bits` : ''}`,
      isBad: false,
    },
  ];
}

function fromTo(from: number | null, to: number, text: (value: number) => string): string {
  return from === null ? text(to) : `${text(from)} → ${text(to)}`;
}

function verdictOf(report: Report): string {
  if (report.noise.why !== null) return `Noise was not measured: ${report.noise.why}.`;
  if (isLossy(report)) return 'The quantized model strays from the float model. The steps below, most useful first:';
  return 'The quantized model follows the float model closely.';
}

interface StripView {
  readonly id: string;
  readonly short: string;
  readonly title: string;
  readonly wide: string | null;
  readonly slim: string;
  readonly note: string;
  readonly plot: ReturnType<typeof stripOf>;
}

function stripsOf({ layers, noise, time, quantization }: Report): readonly StripView[] {
  const name = (layer: ReportLayer): string => `${layer.index} ${layer.name}`;
  const now = layers.every(({ bits }) => bits === 8 || bits === null) ? '8 bits' : 'quantized';
  const strips: StripView[] = [];
  if (noise.why === null)
    strips.push({
      id: 'noise',
      short: 'Noise',
      title: 'Signal to quantization noise, dB',
      wide: 'this layer quantized alone',
      slim: 'in the quantized model: all layers up to here',
      note: `Higher is better; 6 dB are one bit. Where the pale bar is short, the layer itself is hard to quantize; where only the strong one falls, noise came from before. Below ${GOOD_DB} dB in colour.`,
      plot: stripOf(
        layers.map(
          (layer): Bar => ({
            wide: capped(layer.sqnr_alone_db),
            slim: capped(layer.sqnr_db),
            isBad: layer.sqnr_db !== null && layer.sqnr_db < GOOD_DB,
            title: `${name(layer)}: alone ${dbText(layer.sqnr_alone_db)}, in the model ${dbText(layer.sqnr_db)}`,
          }),
        ),
        (value) => `${value}`,
      ),
    });
  if (time.us !== null)
    strips.push({
      id: 'time',
      short: 'Time',
      title: 'Time of each layer, µs',
      wide: time.float_us === null ? null : 'float',
      slim: quantization === null ? 'built' : now,
      note: 'The smallest of many runs, both programs in turns. A layer without bars is computed inside the kernel of another.',
      plot: stripOf(
        layers.map(
          (layer): Bar => ({
            wide: layer.float_us,
            slim: layer.us,
            isBad: layer.us !== null && layer.float_us !== null && layer.us > layer.float_us * 1.05,
            title: `${name(layer)}: ${layer.float_us === null ? '' : `float ${usText(layer.float_us)}, `}${usText(layer.us)}`,
          }),
        ),
        (value) => countText(value),
      ),
    });
  strips.push({
    id: 'bytes',
    short: 'Weights',
    title: 'Weights of each layer, KiB',
    wide: 'float',
    slim: quantization === null ? 'as built' : now,
    note: 'As the kernels store them, multipliers and biases included. A kernel that expands weights to be fast shows here.',
    plot: stripOf(
      layers.map(
        (layer): Bar => ({
          wide: layer.float_weights_bytes === null ? null : layer.float_weights_bytes / 1024,
          slim: layer.weights_bytes / 1024,
          isBad: layer.float_weights_bytes !== null && layer.weights_bytes > layer.float_weights_bytes,
          title: `${name(layer)}: float ${bytesText(layer.float_weights_bytes ?? 0)}, ${bytesText(layer.weights_bytes)}`,
        }),
      ),
      (value) => countText(value),
    ),
  });
  return strips;
}

/** Plots end where nobody can tell the difference any more. */
function capped(db: number | null): number | null {
  return db === null ? null : Math.min(80, db);
}

function layerView(layer: ReportLayer, tensors: ReadonlyMap<string, number>) {
  const proofs = new Map(layer.proofs.map(({ claim, evidence }) => [claim, evidence]));
  const refused = new Map(layer.refused.map(({ kernel, why }) => [kernel, why]));
  const tensor = layer.tensor === null ? undefined : tensors.get(layer.tensor);
  return {
    index: layer.index,
    name: layer.name,
    ops: layer.ops.join(' + '),
    isFloat: !layer.quantized,
    isWide: layer.bits === 16,
    why: layer.why,
    fused: layer.fused_into,
    alone: layer.sqnr_alone_db === null ? '–' : dbText(layer.sqnr_alone_db),
    cumulative: layer.sqnr_db === null ? '–' : dbText(layer.sqnr_db),
    isBad: layer.sqnr_db !== null && layer.sqnr_db < GOOD_DB,
    cut: layer.saturated === null ? '–' : shareText(layer.saturated),
    tensor: tensor ?? null,
    hasTensor: tensor !== undefined,
    weights: pair(layer.float_weights_bytes, layer.weights_bytes, bytesText),
    moved: pair(layer.float_moved_bytes, layer.moved_bytes, bytesText),
    time:
      layer.us === null && layer.float_us === null
        ? '–'
        : `${layer.float_us === null ? '' : `${usText(layer.float_us)} → `}${layer.us === null ? 'fused' : usText(layer.us)}`,
    macs: layer.macs === 0 ? '–' : countText(layer.macs),
    kernels: layer.kernels,
    hasKernels: layer.kernels.length > 0,
    proofs: [...proofs].map(([claim, evidence]) => ({ claim, evidence })),
    hasProofs: proofs.size > 0,
    refused: [...refused].map(([kernel, why]) => ({ kernel, why })),
    hasRefused: refused.size > 0,
  };
}

function pair(float: number | null, now: number, text: (value: number) => string): string {
  if ((float ?? 0) === 0 && now === 0) return '–';
  return float === null ? text(now) : `${text(float)} → ${text(now)}`;
}

function tensorView(tensor: ReportTensor, index: number) {
  const { name, element, scale, zero_point, seen, range, saturated, histogram } = tensor;
  return {
    index,
    name,
    type: `${element}, scale ${scale.toPrecision(4)}, zero point ${zero_point}`,
    seen: `${numberText(seen[0])} … ${numberText(seen[1])}`,
    range: `${numberText(range[0])} … ${numberText(range[1])}`,
    from: numberText(histogram.from),
    to: numberText(histogram.to),
    cut: shareText(saturated),
    isBad: saturated > 0.002,
    plot: histogramOf(histogram, range),
  };
}

function numberText(x: number): string {
  return x === 0 ? '0' : String(Number(x.toPrecision(3)));
}
