/** Plots as rectangles: numbers -> places in an SVG. Pure; the template draws what it is told. */

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Two bars in one column: what is compared with, wide and pale, and what is built, slim and strong. */
export interface Column {
  readonly index: number;
  readonly label: string;
  readonly centre: number;
  readonly hit: Rect;
  readonly wide: Rect | null;
  readonly slim: Rect | null;
  readonly isBad: boolean;
  readonly title: string;
}

export interface Strip {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly base: number;
  readonly labelY: number;
  readonly ticks: readonly { readonly y: number; readonly textY: number; readonly text: string }[];
  readonly columns: readonly Column[];
}

export interface Bar {
  readonly wide: number | null;
  readonly slim: number | null;
  readonly isBad: boolean;
  readonly title: string;
}

const LEFT = 54;
const TOP = 10;
const PLOT = 132;
const BOTTOM = 24;
const SPACE = 880;

/** One column for each layer; `text` labels the ticks. */
export function stripOf(bars: readonly Bar[], text: (value: number) => string): Strip {
  const pitch = round(Math.min(72, Math.max(17, SPACE / Math.max(1, bars.length))));
  const largest = Math.max(0, ...bars.flatMap((bar) => [bar.wide ?? 0, bar.slim ?? 0]));
  const steps = ticksTo(largest);
  const top = steps[steps.length - 1];
  const base = TOP + PLOT;
  const high = (value: number): number => round((Math.max(0, value) / top) * PLOT);
  const rect = (centre: number, width: number, value: number | null): Rect | null =>
    value === null
      ? null
      : { x: round(centre - width / 2), y: round(base - high(value)), width: round(width), height: high(value) };
  return {
    width: round(LEFT + pitch * bars.length + 8),
    height: base + BOTTOM,
    left: LEFT,
    right: round(LEFT + pitch * bars.length),
    base,
    labelY: base + 16,
    ticks: steps.map((value) => ({
      y: round(base - high(value)),
      textY: round(base - high(value) + 4),
      text: text(value),
    })),
    columns: bars.map((bar, index) => {
      const centre = round(LEFT + pitch * (index + 0.5));
      return {
        index,
        label: pitch >= 22 || index % 2 === 0 ? String(index) : '',
        centre,
        hit: { x: round(centre - pitch / 2), y: TOP, width: pitch, height: PLOT + BOTTOM },
        wide: rect(centre, pitch * 0.72, bar.wide),
        slim: rect(centre, pitch * 0.34, bar.slim),
        isBad: bar.isBad,
        title: bar.title,
      };
    }),
  };
}

/** 0 and up to five round numbers, the last at least `largest`. */
export function ticksTo(largest: number): readonly number[] {
  if (!(largest > 0)) return [0, 1];
  const rough = largest / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.999) ?? 10 * power;
  const count = Math.ceil(largest / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(12)));
}

export interface HistogramPlot {
  readonly width: number;
  readonly height: number;
  readonly base: number;
  readonly bars: readonly Rect[];
  /** What the range cuts, at either end; null where it cuts nothing. */
  readonly cutLow: Rect | null;
  readonly cutHigh: Rect | null;
  readonly lines: readonly { readonly x: number }[];
  readonly zero: number | null;
}

const HISTOGRAM = { width: 320, height: 96 };

/** Heights are logarithms of counts: tails of one in a million are what ranges are about. */
export function histogramOf(
  { from, to, counts }: { readonly from: number; readonly to: number; readonly counts: readonly number[] },
  range: readonly [number, number],
): HistogramPlot {
  const { width, height } = HISTOGRAM;
  const base = height - 4;
  const most = Math.log1p(Math.max(1, ...counts));
  const bar = width / Math.max(1, counts.length);
  const at = (x: number): number => round(to > from ? ((x - from) / (to - from)) * width : 0);
  const bars = counts.flatMap((count, i): Rect[] => {
    if (count === 0) return [];
    const high = round(Math.max(1, (Math.log1p(count) / most) * (base - 6)));
    return [{ x: round(i * bar), y: round(base - high), width: round(bar * 0.9), height: high }];
  });
  const [low, up] = [at(range[0]), at(range[1])];
  return {
    ...{ width, height, base, bars },
    cutLow: low > 0.5 ? { x: 0, y: 0, width: low, height: base } : null,
    cutHigh: up < width - 0.5 ? { x: up, y: 0, width: round(width - up), height: base } : null,
    lines: [{ x: Math.max(0.75, low) }, { x: Math.min(width - 0.75, up) }],
    zero: from < 0 && to > 0 ? at(0) : null,
  };
}

function round(x: number): number {
  return Number(x.toFixed(2));
}
