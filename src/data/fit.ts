/**
 * A sample as it lies in its source -> tensors of the model's inputs. Invariant: nothing is converted that --preprocess
 * does not ask for, but for three things that lose nothing: a batch axis of 1 is put before, pixels become numbers, and an
 * image takes the layout and the number of channels of the input.
 */
import { error, QccError } from '../diagnostics/diagnostic.js';
import type { Param } from '../ir/graph.js';
import { type Picture, pictureOf } from '../ir/picture.js';
import type { Sample } from '../ir/seeded.js';
import { allocate, elements, numberData, type Shape, sameShape, type Tensor, type TensorType } from '../ir/type.js';
import { describeArray, type NpyArray } from '../npy.js';
import { ofChannel, scaledPixel } from '../quant/pixels.js';
import { quantizeValue } from '../quant/requantize.js';
import { PRESET_MARGIN, type Preprocess, type Size } from './preprocess.js';
import { cropped, type Image, resized } from './resize.js';
import type { RawArray, RawSample } from './source.js';

/** Throws QccError Q0806 naming the sample, what it is, what the input wants, and the option that helps. */
export function fitted(sample: RawSample, inputs: readonly Param[], preprocess: Preprocess): Sample {
  return inputs.map((input, i) => fittedArray(sample.arrays[i], input, preprocess, sample.name));
}

function fittedArray(raw: RawArray, input: Param, p: Preprocess, where: string): Tensor {
  const { array, kind } = raw;
  const { type } = input;
  const asImage = kind === 'image' || p.resize !== undefined || p.crop !== undefined || p.layout !== undefined;
  if (asImage || p.order === 'bgr') return fittedImage(raw, input, p, where);
  const isPlain = p.scale === undefined && p.mean === undefined && p.std === undefined;
  if (elements(array.shape) !== elements(type.shape)) throw misfit(where, array, input, shapeHelp(array, type));
  const isSame =
    sameShape(array.shape, type.shape) || (type.shape[0] === 1 && sameShape(array.shape, type.shape.slice(1)));
  if (!isSame && !(array.shape.length === 1 || isUnbatched(array.shape, type.shape)))
    throw misfit(where, array, input, shapeHelp(array, type));
  if (isPlain && sameElement(array, type)) return { type, data: array.data };
  if (isPlain && !isLossless(array, type)) throw misfit(where, array, input, elementHelp(type));
  return stored(
    normalized(numberData({ type, data: array.data }), channelsOf(array.shape), p, where),
    type,
    where,
    input,
  );
}

/** Shapes that differ in dimensions of 1 alone. */
function isUnbatched(a: Shape, b: Shape): boolean {
  return sameShape(
    a.filter((d) => d !== 1),
    b.filter((d) => d !== 1),
  );
}

function sameElement(array: NpyArray, type: TensorType): boolean {
  return array.element === type.element && (type.kind !== 'quant' || isUnit(type));
}

function isUnit(type: TensorType): boolean {
  return (
    type.kind === 'quant' && type.affine.per === 'tensor' && type.affine.scale === 1 && type.affine.zeroPoint === 0
  );
}

/** Stored integers go into the integers they are; everything else needs to be asked for. */
function isLossless(array: NpyArray, type: TensorType): boolean {
  return array.element === type.element || (array.element === 'f32' && type.kind === 'quant' && !isUnit(type));
}

function elementHelp(type: TensorType): string {
  return type.kind === 'float'
    ? '--preprocess scale=1 makes float32 of the numbers as they are, scale=1/255 of pixels in 0..1'
    : `use array.astype("${describeArray(type.element, []).split(' ')[0]}")`;
}

function shapeHelp(array: NpyArray, type: TensorType): string | undefined {
  const [have, want] = [pictureOf(array.shape), pictureOf(type.shape)];
  if (have === undefined || want === undefined) return 'use array.reshape(...); a batch axis of 1 may be left out';
  if (have.height !== want.height || have.width !== want.width)
    return `--preprocess resize=${want.height}x${want.width}`;
  return have.layout === want.layout ? undefined : `--preprocess layout=${have.layout}`;
}

function misfit(where: string, array: NpyArray, input: Param, help: string | undefined): QccError {
  const want = describeArray(input.type.element, input.type.shape);
  const found = describeArray(array.element, array.shape);
  return new QccError([
    error('Q0806', `${where}: found ${found}, input "${input.name}" takes ${want}`, undefined, help),
  ]);
}

function channelsOf(shape: Shape): (index: number) => number {
  const picture = pictureOf(shape);
  if (picture === undefined) return () => 0;
  const { layout, channels, height, width } = picture;
  return layout === 'nchw' ? (i) => Math.floor(i / (height * width)) : (i) => i % channels;
}

/** (x * scale - mean) / std in double, rounded to float32. */
function normalized(
  data: ArrayLike<number>,
  channelOf: (index: number) => number,
  p: Preprocess,
  where: string,
): Float32Array {
  const { scale = 1, mean = [0], std = [1] } = p;
  const at = (list: readonly number[], c: number): number => {
    const value = ofChannel(list, c);
    if (value === undefined)
      throw new QccError([
        error('Q0806', `${where}: --preprocess has ${list.length} values for channel ${c + 1} of the data`),
      ]);
    return value;
  };
  return Float32Array.from(data, (x, i) => {
    const c = channelOf(i);
    return scaledPixel(x, scale, at(mean, c), at(std, c));
  });
}

/** Reals as the input stores them. */
function stored(reals: Float32Array, type: TensorType, where: string, input: Param): Tensor {
  if (type.kind === 'float' && type.element === 'f32') return { type, data: reals };
  const data = allocate(type);
  if (
    type.kind !== 'quant' ||
    type.affine.per !== 'tensor' ||
    data instanceof BigInt64Array ||
    data instanceof BigUint64Array
  ) {
    const found = { element: 'f32', shape: type.shape, data: reals } as const;
    throw misfit(where, found, input, 'give arrays of exactly this type');
  }
  const { scale, zeroPoint } = type.affine;
  const [low, high] = type.range;
  for (const [i, x] of reals.entries()) data[i] = quantizeValue(x, scale, zeroPoint, low, high);
  return { type, data };
}

function fittedImage(raw: RawArray, input: Param, p: Preprocess, where: string): Tensor {
  const { type } = input;
  const image = imageOf(raw, p, where, input);
  const want = wanted(type, image, p, where, raw, input);
  let at = recoloured(image, want.channels);
  if (p.resize !== undefined) at = rounded(resizedTo(at, p.resize, want), raw);
  if (p.crop !== undefined) at = croppedTo(at, p.crop, want, where);
  if (at.height !== want.height || at.width !== want.width) {
    const help =
      want.height * want.width < (at.height * at.width) / 4
        ? `--preprocess resize=${want.height}x${want.width}, or imagenet to crop the middle`
        : `--preprocess resize=${want.height}x${want.width}`;
    throw new QccError([
      error(
        'Q0806',
        `${where}: the image is ${at.height}x${at.width}, input "${input.name}" takes ${want.height}x${want.width}`,
        undefined,
        help,
      ),
    ]);
  }
  const { height, width, channels } = at;
  const pixels = at.data;
  const ordered = new Float64Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) {
    const c = i % channels;
    const from = p.order === 'bgr' && channels >= 3 && c < 3 ? i - c + 2 - c : i;
    const place = want.layout === 'nhwc' ? i : c * height * width + Math.floor(i / channels);
    ordered[place] = pixels[from];
  }
  const channelOf =
    want.layout === 'nhwc' ? (i: number) => i % channels : (i: number) => Math.floor(i / (height * width));
  return stored(normalized(ordered, channelOf, p, where), type, where, input);
}

/** Any array of an image as [height, width, channels]. */
function imageOf(raw: RawArray, p: Preprocess, where: string, input: Param): Image {
  const { array, kind } = raw;
  const data = numberData({ type: input.type, data: array.data });
  const shape = array.shape.length === 4 && array.shape[0] === 1 ? array.shape.slice(1) : array.shape;
  if (kind === 'image') return { height: shape[0], width: shape[1], channels: shape[2], data: Float64Array.from(data) };
  if (shape.length === 2) return { height: shape[0], width: shape[1], channels: 1, data: Float64Array.from(data) };
  const layout = p.layout ?? pictureOf(shape)?.layout;
  if (shape.length !== 3 || layout === undefined)
    throw misfit(where, array, input, 'an image has 2 or 3 dimensions; --preprocess layout=nhwc or nchw says which');
  if (layout === 'nhwc')
    return { height: shape[0], width: shape[1], channels: shape[2], data: Float64Array.from(data) };
  const [channels, height, width] = shape;
  const plane = height * width;
  const turned = Float64Array.from(
    { length: data.length },
    (_, i) => data[(i % channels) * plane + Math.floor(i / channels)],
  );
  return { height, width, channels, data: turned };
}

function wanted(type: TensorType, image: Image, p: Preprocess, where: string, raw: RawArray, input: Param): Picture {
  const shape = pictureOf(type.shape);
  if (shape !== undefined) return shape;
  const { height, width, channels } = image;
  const count = elements(type.shape);
  const long = type.shape.filter((d) => d !== 1);
  if (long.length === 2 && p.resize === undefined)
    return { layout: 'flat', channels: 1, height: long[0], width: long[1] };
  for (const c of [channels, 1])
    if (c * height * width === count) return { layout: 'flat', channels: c, height, width };
  throw misfit(where, raw.array, input, 'the input has no shape of an image');
}

/** Grey to colour and back; the weights of grey are those of ITU-R 601, as in Pillow. */
function recoloured(image: Image, channels: number): Image {
  if (image.channels === channels) return image;
  const { height, width, data } = image;
  const out = new Float64Array(height * width * channels);
  for (let i = 0; i < height * width; i++) {
    const at = i * image.channels;
    const grey =
      image.channels < 3
        ? data[at]
        : Math.floor((data[at] * 19595 + data[at + 1] * 38470 + data[at + 2] * 7471 + 32768) / 65536);
    for (let c = 0; c < channels; c++)
      out[i * channels + c] = channels === 1 || image.channels < 3 ? grey : (data[at + c] ?? 255);
  }
  return { height, width, channels, data: out };
}

function resizedTo(image: Image, size: Size | 'model', want: Picture): Image {
  if (size !== 'model' && size.height !== undefined) return resized(image, size.height, size.width);
  const side = size === 'model' ? Math.round(Math.min(want.height, want.width) * PRESET_MARGIN) : size.width;
  const [short, long] = [Math.min(image.height, image.width), Math.max(image.height, image.width)];
  const other = Math.floor((side * long) / short);
  return image.height < image.width ? resized(image, side, other) : resized(image, other, side);
}

/** Pixels stay whole numbers. */
function rounded(image: Image, raw: RawArray): Image {
  return raw.array.element === 'u8' ? { ...image, data: image.data.map((x) => Math.floor(x + 0.5)) } : image;
}

function croppedTo(image: Image, size: Size | 'model', want: Picture, where: string): Image {
  const [height, width] = size === 'model' ? [want.height, want.width] : [size.height ?? size.width, size.width];
  if (height > image.height || width > image.width)
    throw new QccError([
      error(
        'Q0806',
        `${where}: cannot crop ${height}x${width} out of ${image.height}x${image.width}`,
        undefined,
        `--preprocess resize=${Math.max(height, width)} first`,
      ),
    ]);
  return cropped(image, height, width);
}
