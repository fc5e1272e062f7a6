/**
 * CSV: a sample per line. A first line without numbers is a heading; a column named label, class or target in it is the
 * class. Separators are commas, semicolons or tabs.
 */
import type { NpyArray } from '../npy.js';
import { type IndexedSource, unusable } from './source.js';

const LABEL = /^"?(label|class|target|y)"?$/i;

export function csvSource(text: string, file: string, elements: number): IndexedSource {
  const lines = text.split(/\r?\n/).flatMap((line, i) => (line.trim() === '' ? [] : [{ line, number: i + 1 }]));
  const first = lines[0]?.line ?? '';
  const separator = [',', ';', '\t'].find((s) => first.includes(s)) ?? ',';
  const cells = (line: string) => line.split(separator).map((cell) => cell.trim());
  const heading = cells(first).some((cell) => Number.isNaN(Number(cell)) && !/^[-+]?(nan|inf)/i.test(cell));
  const label = heading ? cells(first).findIndex((cell) => LABEL.test(cell)) : -1;
  const rows = heading ? lines.slice(1) : lines;
  return {
    kind: 'indexed',
    count: rows.length,
    classes: undefined,
    at(index) {
      const { line, number } = rows[index];
      const words = cells(line);
      const values = words.filter((_, i) => i !== label);
      const wrong = (what: string) => unusable(`${file}:${number}`, what);
      if (values.length !== elements)
        throw wrong(
          `${values.length} values, the model takes ${elements}${label < 0 ? '; a heading "label" marks a class' : ''}`,
        );
      const data = Float32Array.from(values, (word, i) => {
        const isNumber = /^[-+]?(nan|inf(inity)?|\d+\.?\d*(e[-+]?\d+)?|\.\d+(e[-+]?\d+)?)$/i.test(word);
        if (!isNumber) throw wrong(`value ${i + 1}, ${JSON.stringify(word)}, is not a number`);
        if (/nan/i.test(word)) return Number.NaN;
        return /inf/i.test(word) ? Number.POSITIVE_INFINITY : Number(word);
      });
      const array: NpyArray = { element: 'f32', shape: [elements], data };
      const classOf = label < 0 ? undefined : Number(words[label]);
      if (classOf !== undefined && !Number.isSafeInteger(classOf)) throw wrong('the label is not a whole number');
      return { name: `${file}:${number}`, label: classOf, arrays: [{ array, kind: 'tensor' }] };
    },
  };
}
