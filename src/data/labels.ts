/**
 * `--labels`: a class per sample of the source. Invariant: as many labels as samples, or an error; a label is a whole
 * number from 0, or the name of a class that the source knows.
 */
import { basename } from 'node:path';
import { error, QccError } from '../diagnostics/diagnostic.js';
import { readNpy } from '../npy.js';
import { readIdx } from './binaries.js';
import { readFile } from './files.js';
import type { Source } from './source.js';

function wrong(file: string, what: string, help?: string): QccError {
  return new QccError([error('Q0816', `${file}: ${what}`, undefined, help)]);
}

/**
 * A .npy or IDX file of integers; text with a label at the end of each line; else a byte per label. `classes` are the
 * names that may stand for numbers.
 */
export function readLabels(file: string, classes: readonly string[] | undefined): readonly number[] {
  const bytes = readFile(file);
  if (file.endsWith('.npy')) return wholeNumbers(readNpy(bytes, file).data, file);
  const idx = readIdx(bytes, file);
  if (idx !== undefined) return wholeNumbers(idx.data, file);
  if (!/\.(txt|csv|tsv|lst)$/i.test(basename(file))) return [...bytes];
  const lines = bytes
    .toString('utf8')
    .split(/\r?\n/)
    .map(
      (line) =>
        line
          .split(/[,;\t ]/)
          .at(-1)
          ?.trim() ?? '',
    );
  while (lines.at(-1) === '') lines.pop();
  const isHeading = lines[0] !== undefined && /^"?(label|class|target|y)"?$/i.test(lines[0]);
  return lines.slice(isHeading ? 1 : 0).map((word, i) => {
    if (/^\d+$/.test(word)) return Number(word);
    const at = classes?.indexOf(word) ?? -1;
    if (at >= 0) return at;
    throw wrong(
      file,
      `line ${i + (isHeading ? 2 : 1)}: ${JSON.stringify(word)} is no class`,
      'a label is a whole number from 0',
    );
  });
}

function wholeNumbers(data: ArrayLike<number | bigint>, file: string): readonly number[] {
  return Array.from({ length: data.length }, (_, i) => {
    const label = Number(data[i]);
    if (Number.isSafeInteger(label) && label >= 0) return label;
    throw wrong(file, `label ${i} is ${label}`, 'a label is a whole number from 0; use labels.astype(int)');
  });
}

/** The source with these labels in place of its own. */
export function labelled(source: Source, labels: readonly number[], file: string): Source {
  if (source.kind === 'indexed') {
    if (labels.length !== source.count)
      throw wrong(
        file,
        `${labels.length} labels for ${source.count} samples`,
        'labels follow the order of the samples',
      );
    return { ...source, at: (index) => ({ ...source.at(index), label: labels[index] }) };
  }
  let next = 0;
  return {
    kind: 'stream',
    next() {
      const sample = source.next();
      if (sample === undefined) return undefined;
      if (next >= labels.length) throw wrong(file, `only ${labels.length} labels, but more samples`);
      return { ...sample, label: labels[next++] };
    },
  };
}
