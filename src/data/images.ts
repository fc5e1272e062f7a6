/** PNG and JPEG files -> arrays [height, width, 3] of uint8, grey ones [height, width, 1]. Alpha is left out. */
import { error, QccError } from '../diagnostics/diagnostic.js';
import type { NpyArray } from '../npy.js';
import { classFiles, readFile } from './files.js';
import type { IndexedSource, RawSample } from './source.js';

export const imageEnding = /\.(png|jpe?g)$/i;

/** The decoders, loaded when the first image is. */
export interface Decoders {
  readonly png: (bytes: Buffer) => Pixels;
  readonly jpeg: (bytes: Buffer) => Pixels;
}

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Four bytes a pixel. */
  readonly data: Uint8Array;
}

export async function loadDecoders(): Promise<Decoders> {
  const [{ PNG }, jpeg] = await Promise.all([import('pngjs'), import('jpeg-js')]);
  return {
    png: (bytes) => PNG.sync.read(bytes),
    jpeg: (bytes) => jpeg.default.decode(bytes, { useTArray: true, maxMemoryUsageInMB: 2048, tolerantDecoding: false }),
  };
}

const END_OF_JPEG = Buffer.from([0xff, 0xd9]);

/** Throws QccError Q0805 naming the file. */
export function decodeImage(bytes: Buffer, file: string, decoders: Decoders): NpyArray {
  const isPng = bytes.subarray(0, 8).equals(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'));
  const isJpeg = bytes.length > 2 && bytes[0] === 0xff && bytes[1] === 0xd8;
  const wrong = (what: string): QccError =>
    new QccError([
      error('Q0805', `${file}: ${what}`, undefined, 'remove it, or save it anew as 8-bit PNG or baseline JPEG'),
    ]);
  if (!isPng && !isJpeg) throw wrong(bytes.length === 0 ? 'the file is empty' : 'neither PNG nor JPEG');
  let pixels: Pixels;
  try {
    pixels = isPng ? decoders.png(bytes) : decoders.jpeg(bytes);
  } catch (cause) {
    if (!bytes.includes(isPng ? 'IEND' : END_OF_JPEG)) throw wrong('the file ends early');
    throw wrong(`cannot be decoded: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  const { width, height, data } = pixels;
  if (data.length !== width * height * 4) throw wrong('the picture is cut off');
  return isGrey(data) ? picked(width, height, data, 1) : picked(width, height, data, 3);
}

function isGrey(data: Uint8Array): boolean {
  for (let i = 0; i < data.length; i += 4) if (data[i] !== data[i + 1] || data[i] !== data[i + 2]) return false;
  return true;
}

function picked(width: number, height: number, data: Uint8Array, channels: number): NpyArray {
  const out = new Uint8Array(width * height * channels);
  for (let i = 0, to = 0; i < data.length; i += 4) for (let c = 0; c < channels; c++) out[to++] = data[i + c];
  return { element: 'u8', shape: [height, width, channels], data: out };
}

/** Images of a folder, or of its subfolders: classes. Undefined if there is none. */
export function imageFolder(folder: string, decoders: Decoders): IndexedSource | undefined {
  const { files, classes } = classFiles(folder, imageEnding);
  return files.length === 0 ? undefined : imageFiles(files, classes, decoders);
}

export function imageFiles(
  files: readonly { readonly path: string; readonly label: number | undefined }[],
  classes: readonly string[] | undefined,
  decoders: Decoders,
): IndexedSource {
  return {
    kind: 'indexed',
    count: files.length,
    classes,
    at(index): RawSample {
      const { path, label } = files[index];
      return { name: path, label, arrays: [{ array: decodeImage(readFile(path), path, decoders), kind: 'image' }] };
    },
  };
}
