/** WAV files of PCM -> float32 samples in [-1, 1), cut into windows of the model's input. */
import type { NpyArray } from '../npy.js';
import { classFiles, readFile } from './files.js';
import { type IndexedSource, unusable } from './source.js';

export const soundEnding = /\.wav$/i;

/** Mono samples: integers over the largest power of two of their width, several channels averaged. Throws Q0804. */
export function readWav(bytes: Buffer, file: string): Float32Array {
  const wrong = (what: string) => unusable(file, what, 'PCM WAV of 8, 16, 24 or 32 bits, or 32-bit float, is read');
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE')
    throw wrong('not a WAV file');
  let format: { code: number; channels: number; bits: number } | undefined;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const id = bytes.toString('latin1', at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    const start = at + 8;
    if (id === 'fmt ' && start + 16 <= bytes.length) {
      const code = bytes.readUInt16LE(start);
      const isExtended = code === 0xfffe && size >= 26 && start + 26 <= bytes.length;
      format = {
        code: isExtended ? bytes.readUInt16LE(start + 24) : code,
        channels: bytes.readUInt16LE(start + 2),
        bits: bytes.readUInt16LE(start + 14),
      };
    } else if (id === 'data') {
      if (format === undefined) throw wrong('no format before the data');
      if (start + size > bytes.length) throw wrong(`the data is cut off: ${bytes.length - start} bytes of ${size}`);
      return mono(bytes.subarray(start, start + size), format, wrong);
    }
    at = start + size + (size % 2);
  }
  throw wrong('it holds no data');
}

function mono(
  data: Buffer,
  { code, channels, bits }: { code: number; channels: number; bits: number },
  wrong: (what: string) => Error,
): Float32Array {
  const size = bits / 8;
  const isFloat = code === 3 && bits === 32;
  if (!isFloat && !(code === 1 && [8, 16, 24, 32].includes(bits))) throw wrong(`format ${code} of ${bits} bits`);
  if (channels === 0 || data.length % (size * channels) !== 0) throw wrong('the data does not divide into samples');
  const read = (at: number): number => {
    if (isFloat) return data.readFloatLE(at);
    return bits === 8 ? (data[at] - 128) / 128 : data.readIntLE(at, size) / 2 ** (bits - 1);
  };
  return Float32Array.from({ length: data.length / (size * channels) }, (_, i) => {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += read((i * channels + c) * size);
    return sum / channels;
  });
}

/** Windows of `length` samples, end to end; what is left over is left out. Undefined if there is no WAV file. */
export function soundSource(
  paths: readonly { path: string; label: number | undefined }[],
  classes: readonly string[] | undefined,
  length: number,
): IndexedSource | undefined {
  if (paths.length === 0) return undefined;
  const windows = paths.flatMap((file) => {
    const count = readWav(readFile(file.path), file.path).length;
    if (count < length || length === 0)
      throw unusable(file.path, `${count} samples, the model takes ${length}`, 'pad or resample it; qcc does neither');
    return Array.from({ length: Math.floor(count / length) }, (_, i) => ({ ...file, start: i * length }));
  });
  let open: { path: string; sound: Float32Array } | undefined;
  return {
    kind: 'indexed',
    count: windows.length,
    classes,
    at(index) {
      const { path, label, start } = windows[index];
      if (open?.path !== path) open = { path, sound: readWav(readFile(path), path) };
      const array: NpyArray = { element: 'f32', shape: [length], data: open.sound.slice(start, start + length) };
      return { name: start === 0 ? path : `${path}@${start}`, label, arrays: [{ array, kind: 'tensor' }] };
    },
  };
}

export function soundFolder(folder: string, length: number): IndexedSource | undefined {
  const { files, classes } = classFiles(folder, soundEnding);
  return soundSource(files, classes, length);
}
