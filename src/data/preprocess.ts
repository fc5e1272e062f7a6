/**
 * `--preprocess`: what is done to data before the model sees it. Invariant: the order is fixed, whatever the order of the
 * words: layout, colours, resize, crop, channel order, then (x * scale - mean) / std in double, rounded to float32 once.
 *
 *     imagenet | caffe | inception | unit    presets, which words after them change
 *     resize=S | HxW     the shorter side to S, or both sides; bilinear as in Pillow (resize.ts)
 *     crop=S | HxW       the middle
 *     scale=F | 1/255    mean=M[,M..]   std=S[,S..]   per channel, or one for all
 *     order=rgb | bgr    layout=nchw | nhwc: of the data given; the model's own follows from its input
 */
import { error, QccError } from '../diagnostics/diagnostic.js';

export interface Size {
  /** Undefined: the shorter side becomes `width`. */
  readonly height: number | undefined;
  readonly width: number;
}

export interface Preprocess {
  readonly layout: 'nchw' | 'nhwc' | undefined;
  /** `model`: what leaves the share of a preset after cropping to the model's own size. */
  readonly resize: Size | 'model' | undefined;
  readonly crop: Size | 'model' | undefined;
  readonly order: 'rgb' | 'bgr';
  readonly scale: number | undefined;
  readonly mean: readonly number[] | undefined;
  readonly std: readonly number[] | undefined;
}

export const noPreprocess: Preprocess = {
  layout: undefined,
  resize: undefined,
  crop: undefined,
  order: 'rgb',
  scale: undefined,
  mean: undefined,
  std: undefined,
};

/** The shorter side of what a preset resizes to, over the side it then crops. */
export const PRESET_MARGIN = 256 / 224;

const cropsMiddle = { ...noPreprocess, resize: 'model', crop: 'model' } as const;
const presets: Readonly<Record<string, Preprocess>> = {
  imagenet: { ...cropsMiddle, scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  caffe: { ...cropsMiddle, order: 'bgr', mean: [103.939, 116.779, 123.68] },
  inception: { ...cropsMiddle, scale: 1 / 255, mean: [0.5], std: [0.5] },
  unit: { ...noPreprocess, scale: 1 / 255 },
};

const example = 'for example --preprocess imagenet, or resize=256,crop=224,scale=1/255,mean=0.5,std=0.5';

/** Throws QccError Q0807, exit code 2. */
export function parsePreprocess(text: string): Preprocess {
  const wrong = (what: string) =>
    new QccError([error('Q0807', `--preprocess ${text}: ${what}`, undefined, example)], 2);
  let result = noPreprocess;
  for (const [i, { word, values }] of words(text).entries()) {
    if (values === undefined) {
      if (!Object.hasOwn(presets, word))
        throw wrong(`"${word}" is no preset; there are ${Object.keys(presets).join(', ')}`);
      if (i > 0) throw wrong(`the preset "${word}" comes first`);
      result = presets[word];
    } else result = { ...result, ...setting(word, values, wrong) };
  }
  return result;
}

/** `a=1,2,b=3` -> a: [1, 2], b: [3]. */
function words(text: string): readonly { word: string; values: readonly string[] | undefined }[] {
  const found: { word: string; values: string[] | undefined }[] = [];
  for (const piece of text.split(',').map((p) => p.trim())) {
    const at = piece.indexOf('=');
    const last = found.at(-1);
    if (at >= 0) found.push({ word: piece.slice(0, at).trim(), values: [piece.slice(at + 1).trim()] });
    else if (last?.values !== undefined) last.values.push(piece);
    else found.push({ word: piece, values: undefined });
  }
  return found;
}

function setting(word: string, values: readonly string[], wrong: (what: string) => Error): Partial<Preprocess> {
  const [value] = values;
  const one = (): void => {
    if (values.length > 1) throw wrong(`${word} takes one value`);
  };
  const choice = <T extends string>(...of: readonly T[]): T => {
    one();
    const found = of.find((o) => o === value);
    if (found === undefined) throw wrong(`${word}=${value}: expected ${of.join(' or ')}`);
    return found;
  };
  const size = (): Size => {
    one();
    const match = /^(?:(\d+)x)?(\d+)$/.exec(value);
    if (match === null || Number(match[2]) < 1 || Number(match[1] ?? 1) < 1)
      throw wrong(`${word}=${value}: expected a size such as 224 or 224x224`);
    return { height: match[1] === undefined ? undefined : Number(match[1]), width: Number(match[2]) };
  };
  const number = (from: string): number => {
    const match = /^([-+.\deE]+)(?:\/([-+.\deE]+))?$/.exec(from);
    const x = match === null ? Number.NaN : Number(match[1]) / Number(match[2] ?? 1);
    if (!Number.isFinite(x)) throw wrong(`${word}=${from}: expected a number or a fraction`);
    return x;
  };
  switch (word) {
    case 'layout':
      return { layout: choice('nchw', 'nhwc') };
    case 'order':
      return { order: choice('rgb', 'bgr') };
    case 'resize':
      return { resize: size() };
    case 'crop':
      return { crop: size() };
    case 'scale':
      one();
      return { scale: number(value) };
    case 'mean':
      return { mean: values.map(number) };
    case 'std':
      if (values.some((v) => number(v) === 0)) throw wrong('std is 0');
      return { std: values.map(number) };
    default:
      throw wrong(`there is no "${word}"; there are resize, crop, scale, mean, std, order, layout`);
  }
}

/** The canonical spelling, which statistics keep: equal texts are equal preprocessing. */
export function printPreprocess(p: Preprocess): string {
  const size = (s: Size | 'model') =>
    s === 'model' ? s : s.height === undefined ? `${s.width}` : `${s.height}x${s.width}`;
  const parts = [
    p.layout === undefined ? [] : [`layout=${p.layout}`],
    p.resize === undefined ? [] : [`resize=${size(p.resize)}`],
    p.crop === undefined ? [] : [`crop=${size(p.crop)}`],
    p.order === 'rgb' ? [] : ['order=bgr'],
    p.scale === undefined ? [] : [`scale=${p.scale}`],
    p.mean === undefined ? [] : [`mean=${p.mean.join(',')}`],
    p.std === undefined ? [] : [`std=${p.std.join(',')}`],
  ];
  return parts.flat().join(',');
}
