/** Warnings about data and model that statistics give reason for. */
import { type Diagnostic, warning } from '../diagnostics/diagnostic.js';
import type { Graph, Value } from '../ir/graph.js';
import type { OnnxModel } from '../onnx/model.js';
import { constantTensors, movements, type Normalization, spreadOf, zeroChannels } from '../quant/health.js';
import type { Ranges } from '../quant/ranges.js';
import { rangesOf, type Statistics } from '../quant/statistics.js';

/** Share of a range that may depend on which samples there are. */
const MOVING = 0.05;
/** Deviations that data like that of the training stays within: off by the mean, and from end to end. */
const OFFSET = 2;
const SPANS = [2, 150] as const;
/** Names told one by one. */
const TOLD = 3;

export function movementNotes(statistics: Statistics): readonly Diagnostic[] {
  const all = movements(statistics);
  const moving = all.filter(({ share }) => share > MOVING);
  if (moving.length === 0) return [];
  const [worst] = moving;
  const count = statistics.samples.length;
  const distinct = new Set(statistics.samples).size;
  const same = distinct === count ? '' : distinct === 1 ? ', all the same,' : `, ${distinct} of them different,`;
  const samples = count === 1 ? '1 sample' : `${count} samples${same}`;
  const message = Number.isFinite(worst.share)
    ? `too few samples: with one half of the ${samples} or the other, ranges of ${moving.length} of ${all.length} tensors ` +
      `differ by more than ${100 * MOVING} %, of "${worst.tensor}" by ${Math.round(100 * worst.share)} %`
    : `too few samples: with ${samples} nothing says whether ranges still move`;
  return [
    warning('Q0809', message, 'calibrate on more samples, or on ones that are more like what the model will see'),
  ];
}

export function modelNotes(statistics: Statistics, model: OnnxModel, graph: Graph): readonly Diagnostic[] {
  const ranges = rangesOf(statistics);
  return [...valueRange(ranges, model), ...dead(ranges, graph)];
}

/** The first batch normalization that is still there knows what it was trained on. */
function valueRange(ranges: Ranges, model: OnnxModel): readonly Diagnostic[] {
  for (const node of model.graph.nodes) {
    if (node.opType !== 'BatchNormalization') continue;
    const [gamma, beta] = [1, 2].map((i) => model.graph.initializers.get(node.inputs[i] ?? ''));
    if (gamma === undefined || beta === undefined || gamma.elementType !== 'f32' || beta.elementType !== 'f32')
      continue;
    const trained: Normalization = {
      output: node.outputs[0],
      mean: Float64Array.from(beta.data, Number),
      deviation: Float64Array.from(gamma.data, Number),
    };
    const spread = spreadOf(ranges, trained);
    if (spread === undefined) continue;
    const { offset, span, output } = spread;
    if (offset <= OFFSET && span >= SPANS[0] && span <= SPANS[1]) return [];
    const what =
      span > SPANS[1] || (offset > OFFSET && span >= SPANS[0])
        ? `reach over ${rough(span)} deviations, their mean is ${rough(offset)} off`
        : `stay within ${rough(span)} deviations, their mean is ${rough(offset)} off`;
    return [
      warning(
        'Q0810',
        `the data is not what the model was trained on: values of "${output}" ${what}`,
        'is it scaled as in training? --preprocess imagenet, unit, scale=1/255, mean=.., std=..',
      ),
    ];
  }
  return [];
}

function rough(x: number): string {
  return String(Number(x.toPrecision(2)));
}

function dead(ranges: Ranges, graph: Graph): readonly Diagnostic[] {
  const isClamped = (name: string): boolean => {
    const value = sourceOf(graph.named?.get(name));
    return value?.kind === 'result' && value.node.kind === 'clamp' && value.node.attrs.min === 0;
  };
  const constants = constantTensors(ranges);
  const deadOnes = constants.filter(([name, { max }]) => max === 0 && isClamped(name)).map(([name]) => name);
  const others = constants.filter(([name]) => !deadOnes.includes(name));
  const channels = [...ranges].flatMap(([name, stats]) => {
    const zero = stats.min === stats.max ? 0 : zeroChannels(stats);
    return zero === 0 ? [] : [`${zero} of ${stats.channels?.min.length} of "${name}"`];
  });
  return [
    ...(others.length === 0
      ? []
      : [
          warning(
            'Q0811',
            `${others.length === 1 ? 'a tensor is' : `${others.length} tensors are`} constant: ${told(others.map(([name, { min }]) => `"${name}" is always ${Number(min.toPrecision(4))}`))}`,
            'is the data varied enough? A constant part of the model can be folded before exporting',
          ),
        ]),
    ...(deadOnes.length === 0
      ? []
      : [
          warning(
            'Q0812',
            `${deadOnes.length === 1 ? 'an activation is' : `${deadOnes.length} activations are`} dead, zero in all samples: ${told(deadOnes.map((name) => `"${name}"`))}`,
            'look at --preprocess and at the training: nothing passes there',
          ),
        ]),
    ...(channels.length === 0
      ? []
      : [
          warning(
            'Q0813',
            `channels are zero in all samples: ${told(channels)}`,
            'they cost time and bytes; the data may be too little to reach them, or the model can be pruned',
          ),
        ]),
  ];
}

function told(items: readonly string[]): string {
  const rest = items.length - TOLD;
  return `${items.slice(0, TOLD).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** The value behind moves of elements. */
function sourceOf(value: Value | undefined): Value | undefined {
  let at = value;
  while (at?.kind === 'result' && (at.node.kind === 'transpose' || at.node.kind === 'reshape'))
    at = at.node.operands[0];
  return at;
}
