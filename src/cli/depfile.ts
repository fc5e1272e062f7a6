/** `--depfile`: which files a build read, for make, Ninja and CMake, in the form that compilers write with -MF. */
import { readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { writeWhole } from '../files.js';
import { decodeModel } from '../onnx/decode.js';
import { isOnnx } from './onnx-file.js';
import type { Session } from './session.js';

/** Says that `manifest.json` of the build folder was made from the model, the files it refers to, and the samples. */
export function writeDepfile(path: string, folder: string, model: string, session: Session, samples?: string): void {
  const read = [model, ...externalFiles(model, session), ...(samples === undefined ? [] : filesBelow(samples))];
  const words = [...new Set(read.map((file) => resolve(file)))].map(escaped);
  writeWhole(path, `${escaped(resolve(folder, 'manifest.json'))}: ${words.join(' \\\n  ')}\n`);
}

/** Files beside the model that hold parts of it. */
function externalFiles(model: string, { source }: Session): readonly string[] {
  const { externalData } = source;
  if (externalData === undefined || !isOnnx(source.model)) return [];
  const found = new Set<string>();
  decodeModel(source.model, (location, offset, length) => {
    found.add(join(dirname(model), location));
    return externalData(location, offset, length);
  });
  return [...found];
}

function filesBelow(path: string): readonly string[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return [];
  if (!stat.isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function escaped(path: string): string {
  return path.replaceAll('\\', '/').replace(/[ #]/g, '\\$&').replaceAll('$', '$$$$');
}
