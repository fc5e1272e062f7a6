/** Layers beside the kernel lab's figures. Invariant: only shares of a peak are compared, never rates of two machines. */
import type { Step } from '../../src/program/program.js';
import { shapeClass } from '../../src/target/costs.js';
import { type Isa, peakOf } from '../../src/target/target.js';
import lab from './lab-rates.json' with { type: 'json' };

/** What a layer is to reach of the lab's share. */
export const ENOUGH = 0.85;

export interface Layer {
  /** Equal for layers of one shape that one kernel runs. */
  readonly shape: string;
  readonly text: string;
  readonly kernel: string;
  readonly us: number;
  readonly gmacs: number;
  /** Of this machine's peak. */
  readonly share: number;
  readonly scheme: string;
  readonly labScheme: string;
  /** Of the lab machine's. */
  readonly labShare: number;
  /** The lab measured this shape; else its share follows from the cycles it found for the parts of a layer. */
  readonly isMeasured: boolean;
  readonly quotient: number;
  /** Of an Add of as many results as the layer's residual has; 0 without a residual. */
  readonly addUs: number;
  /** Against the lab's product and that Add. */
  readonly quotientWithAdd: number;
}

export interface Measured {
  readonly name: string;
  readonly target: string;
  /** Of a whole run, steps added up. */
  readonly us: number;
  readonly layers: readonly Layer[];
  readonly peaks: Readonly<Record<string, number>>;
}

interface Figure {
  readonly scheme: string;
  readonly share: number;
  readonly isMeasured: boolean;
}

export function numberOf(params: Readonly<Record<string, unknown>>, name: string): number {
  const value = params[name];
  return typeof value === 'number' ? value : 0;
}

/** A product of so many rows, or a convolution with as many, in one of the lab's schemes. */
function ofProduct(scheme: string, rows: number, k: number, oc: number): Figure | undefined {
  const found = lab.products.find((p) => p.scheme === scheme && p.rows === rows && p.k === k && p.oc === oc);
  const peak = scheme === 'F4' ? 4 * lab.peaks.B : scheme === 'B' ? lab.peaks.B : lab.peaks.A;
  if (found !== undefined) return { scheme, share: found.gmacs / peak, isMeasured: true };
  if (scheme === 'Q') {
    const plain = ofProduct('A', rows, k, oc);
    return plain && { scheme, share: plain.share * keptByOrder(k), isMeasured: false };
  }
  if (rows === 1 || (scheme !== 'A' && scheme !== 'B')) return undefined;
  const { rate, results, activations } = lab.cycles[scheme];
  const macs = rows * k * oc;
  const cycles = macs / rate + (results * rows * oc) / 16 + (activations * rows * k) / 16;
  return { scheme, share: macs / cycles / (peak / lab.ghz), isMeasured: false };
}

/**
 * What was left of A's rate in the lab by the order of inputs and the extra steps of Q: its own ratios of shapes that it measured in
 * both, straight lines of K between them.
 */
function keptByOrder(k: number): number {
  const points = lab.products
    .filter(({ scheme }) => scheme === 'Q')
    .flatMap((q) => {
      const a = lab.products.find((p) => p.scheme === 'A' && p.rows === q.rows && p.k === q.k && p.oc === q.oc);
      return a === undefined ? [] : [{ k: q.k, ratio: q.gmacs / a.gmacs }];
    })
    .toSorted((x, y) => x.k - y.k);
  const low = points.findLast((point) => point.k <= k) ?? points[0];
  const high = points.find((point) => point.k >= k) ?? low;
  if (low.k >= high.k) return high.ratio;
  return low.ratio + ((high.ratio - low.ratio) * (k - low.k)) / (high.k - low.k);
}

/** Of a depthwise 3x3: where the lab has no such shape, the mean of those of the same stride. */
function ofDepthwise(ow: number, c: number, stride: number): Figure | undefined {
  const same = lab.depthwise.filter((d) => d.stride === stride);
  if (same.length === 0) return undefined;
  const found = same.find((d) => d.ow === ow && d.c === c);
  const gmacs = found?.gmacs ?? same.length / same.reduce((sum, d) => sum + 1 / d.gmacs, 0);
  return { scheme: 'B', share: gmacs / lab.peaks.B, isMeasured: found !== undefined };
}

/**
 * The lab's scheme of a kernel. It had no VNNI: there A stands in for products, four bytes a lane as well, and for depthwise
 * layers its int16 as a share of A's peak, which is the same loop on both machines. Nor had it byte multiplications for weights that
 * no order of inputs makes fit (5x16s, 3x16o): there it had B, and they are held against that, as shares of B's peak.
 */
function labFigure({ kernel, params: p }: Step): { readonly figure: Figure; readonly scheme?: string } | undefined {
  const of = (name: string) => numberOf(p, name);
  const figure = (found: Figure | undefined, scheme?: string) =>
    found && { figure: found, ...(scheme === undefined ? {} : { scheme }) };
  const isVnni = kernel.isa === 'x86-avx512vnni';
  if (kernel.family === 'dwconv2d_q8') {
    if (of('kh') !== 3 || of('kw') !== 3 || of('sh') !== of('sw')) return undefined;
    const found = ofDepthwise(of('ow'), of('c'), of('sh'));
    if (!isVnni || found === undefined) return figure(found);
    return figure({ ...found, scheme: 'B by cycles', share: (found.share * lab.peaks.B) / lab.peaks.A }, 'quads_u8');
  }
  if (kernel.family !== 'conv2d_q8' || of('groups') !== 1) return undefined;
  const rows = of('n') * of('oh') * of('ow');
  const scheme = new Map([
    ['winograd4', 'F4'],
    ['5x16q', 'Q'],
    ['5x16b', 'A'],
    ['5x64', 'A'],
    ['row16', 'A'],
  ]).get(kernel.tile);
  const found = ofProduct(scheme ?? 'B', rows, of('kh') * of('kw') * of('c'), of('oc'));
  return figure(found, scheme === undefined ? 'pairs_s16' : undefined);
}

/** undefined for steps that the lab has no figure for. */
export function labLayer(
  step: Step,
  ns: number,
  addNs: number,
  isas: readonly Isa[],
  peaks: ReadonlyMap<string, number>,
): Layer | undefined {
  const found = labFigure(step);
  const peak = peakOf(isas, step.kernel);
  const scheme = found?.scheme ?? peak?.scheme;
  if (found === undefined || peak === undefined || scheme === undefined) return undefined;
  const best = (peaks.get(scheme) ?? 0) * (found.scheme === undefined ? peak.factor : 1);
  const gmacs = step.macs / ns;
  const { figure } = found;
  const of = (name: string) => numberOf(step.params, name);
  const oc = step.kernel.family === 'dwconv2d_q8' ? 'depthwise' : of('oc');
  const { kind } = step.params;
  const adds = typeof kind === 'object' && numberOf(kind, 'has_add') === 1 ? ' + residual' : '';
  return {
    shape: `${step.kernel.symbol} ${shapeClass(step)}`,
    text: `${of('kh')}x${of('kw')}${of('sh') > 1 ? ` s${of('sh')}` : ''}, ${of('oh')}x${of('ow')}, ${of('c')} -> ${oc}${adds}`,
    kernel: step.kernel.tile,
    us: ns / 1e3,
    gmacs,
    share: gmacs / best,
    scheme,
    labScheme: figure.scheme,
    labShare: figure.share,
    isMeasured: figure.isMeasured,
    quotient: gmacs / best / figure.share,
    addUs: addNs / 1e3,
    quotientWithAdd: (step.macs / (best * figure.share) + addNs) / ns,
  };
}

const percent = (share: number) => `${(100 * share).toFixed(0)} %`;

/** Layers of one shape in one row, with the mean of their times. */
export function tableOf(results: readonly Measured[]): {
  readonly table: readonly string[];
  readonly summary: readonly string[];
} {
  const table: string[] = [];
  const bar = percent(ENOUGH);
  const summary = [
    `| model | target | layers at ${bar} or more of the lab's share of peak | of their time | least | where a residual counts as an Add of its own | of their time | least |`,
    '| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |',
  ];
  for (const { name, target, us, layers, peaks } of results) {
    const rates = Object.entries(peaks).map(([scheme, rate]) => `${scheme} ${rate.toFixed(1)}`);
    table.push('', `${name}, ${target}: ${us.toFixed(0)} us in all steps; peaks in GMAC/s: ${rates.join(', ')}`, '');
    table.push(
      '| layer | times | kernel | us | GMAC/s | of peak | lab | lab, of peak | quotient | Add, us | with Add |',
    );
    table.push('| --- | ---: | --- | ---: | ---: | ---: | --- | ---: | ---: | ---: | ---: |');
    const byShape = new Map<string, Layer[]>();
    for (const layer of layers) byShape.set(layer.shape, [...(byShape.get(layer.shape) ?? []), layer]);
    const bySlowest = [...byShape.values()].toSorted(
      (a, b) => lost(b) - lost(a) || sum(b, ({ us }) => us) - sum(a, ({ us }) => us),
    );
    for (const same of bySlowest) {
      const [{ text, kernel, scheme, labScheme, labShare, isMeasured }] = same;
      const mean = (of: (layer: Layer) => number) => sum(same, of) / same.length;
      const figure = `${labScheme}${isMeasured ? '' : ' (by its parts)'}`;
      const cells = [text, same.length, kernel, mean((l) => l.us).toFixed(1), mean((l) => l.gmacs).toFixed(1)];
      const shares = [`${percent(mean((l) => l.share))} ${scheme}`, figure, percent(labShare)];
      const quotients = [
        mean((l) => l.quotient).toFixed(2),
        mean((l) => l.addUs).toFixed(1),
        mean((l) => l.quotientWithAdd).toFixed(2),
      ];
      table.push(`| ${[...cells, ...shares, ...quotients].join(' | ')} |`);
    }
    const judged = (of: (layer: Layer) => number): readonly string[] => {
      const enough = layers.filter((layer) => of(layer) >= ENOUGH);
      const ofTime = sum(enough, (l) => l.us) / sum(layers, (l) => l.us);
      return [`${enough.length} of ${layers.length}`, percent(ofTime), Math.min(...layers.map(of)).toFixed(2)];
    };
    const cells = [name, target, ...judged((l) => l.quotient), ...judged((l) => l.quotientWithAdd)];
    summary.push(`| ${cells.join(' | ')} |`);
  }
  return { table, summary };
}

function sum(layers: readonly Layer[], of: (layer: Layer) => number): number {
  return layers.reduce((total, layer) => total + of(layer), 0);
}

/** Time that layers below the bar would save at the bar. */
function lost(layers: readonly Layer[]): number {
  return sum(layers, ({ us, quotient }) => Math.max(0, us * (1 - quotient / ENOUGH)));
}
