/**
 * Bilinear resize of images [height, width, channels], as Pillow does it: pixel centres at half-integers; the triangle is
 * as wide as the scale when shrinking, so that every source pixel counts. Rows first, then columns, in double; uint8
 * results are rounded once, half up.
 */
export interface Image {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly data: Float64Array;
}

interface Taps {
  readonly first: number;
  readonly weights: readonly number[];
}

/** Which source positions make each position of `to`. */
function tapsOf(from: number, to: number): readonly Taps[] {
  const scale = from / to;
  const support = Math.max(1, scale);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - support + 0.5));
    const end = Math.min(from, Math.floor(centre + support + 0.5));
    const raw = Array.from({ length: end - first }, (_, k) =>
      Math.max(0, 1 - Math.abs((first + k + 0.5 - centre) / support)),
    );
    const sum = raw.reduce((a, b) => a + b, 0);
    return { first, weights: raw.map((w) => w / sum) };
  });
}

export function resized(image: Image, height: number, width: number): Image {
  const { channels } = image;
  if (image.height === height && image.width === width) return image;
  const across = tapsOf(image.width, width);
  const rows = new Float64Array(image.height * width * channels);
  for (let y = 0; y < image.height; y++)
    for (const [x, { first, weights }] of across.entries())
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (const [k, w] of weights.entries()) sum += w * image.data[(y * image.width + first + k) * channels + c];
        rows[(y * width + x) * channels + c] = sum;
      }
  const down = tapsOf(image.height, height);
  const data = new Float64Array(height * width * channels);
  const stride = width * channels;
  for (const [y, { first, weights }] of down.entries())
    for (const [k, w] of weights.entries())
      for (let i = 0; i < stride; i++) data[y * stride + i] += w * rows[(first + k) * stride + i];
  return { height, width, channels, data };
}

/** The middle of an image; its odd pixel is cut off above and on the left less than below, as torchvision rounds. */
export function cropped(image: Image, height: number, width: number): Image {
  const { channels } = image;
  const top = Math.round((image.height - height) / 2);
  const left = Math.round((image.width - width) / 2);
  const data = new Float64Array(height * width * channels);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * image.width + left) * channels;
    data.set(image.data.subarray(from, from + width * channels), y * width * channels);
  }
  return { height, width, channels, data };
}
