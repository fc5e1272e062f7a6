/** Q08xx: calibration, data sources, evaluation. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkRepeatable } from '../../src/cli/reconstruct.js';
import { fitted } from '../../src/data/fit.js';
import { openSource } from '../../src/data/open.js';
import { noPreprocess, parsePreprocess } from '../../src/data/preprocess.js';
import { parseStatistics } from '../../src/data/qstats.js';
import { selected } from '../../src/data/select.js';
import { param } from '../../src/ir/build.js';
import { floatType } from '../../src/ir/type.js';
import { type Cases, ofCall } from './cases.js';
import { folder } from './machine.js';

const x = param('x', floatType([1, 3, 4, 4]));

/** Opens a source with these files in it and reads all of it. */
async function readAll(name: string, files: Readonly<Record<string, string>>): Promise<void> {
  const dir = join(folder, name);
  mkdirSync(dir, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(dir, file), text);
  const selection = { samples: undefined, seed: 0, shard: undefined };
  for (const sample of selected(await openSource(dir, [x]), selection)) fitted(sample, [x], noPreprocess);
}

export const calibration: Cases = {
  Q0801: [
    ofCall('a file of another kind', () => parseStatistics('0.1,0.2\n', 'ranges.csv')),
    ofCall('another version', () => parseStatistics('{"qstats":9}\n', 'ranges.qstats')),
  ],
  Q0804: [
    ofCall('an empty folder', () => readAll('no-samples', {})),
    ofCall('a folder of other things', () => readAll('notes', { 'notes.txt': 'hello' })),
  ],
  Q0805: [ofCall('a web page called .jpg', () => readAll('pictures', { 'page.jpg': '<html>' }))],
  Q0806: [
    ofCall('an image of another size', () => {
      const array = { element: 'u8', shape: [8, 8, 3], data: new Uint8Array(192) } as const;
      return fitted({ name: 'a.png', label: undefined, arrays: [{ array, kind: 'image' }] }, [x], noPreprocess);
    }),
    ofCall('an array of another layout', () => {
      const array = { element: 'f32', shape: [4, 4, 3], data: new Float32Array(48) } as const;
      return fitted({ name: 'a.npy', label: undefined, arrays: [{ array, kind: 'tensor' }] }, [x], noPreprocess);
    }),
    ofCall('an array of doubles', () => {
      const array = { element: 'f64', shape: [3, 4, 4], data: new Float64Array(48) } as const;
      return fitted({ name: 'a.npy', label: undefined, arrays: [{ array, kind: 'tensor' }] }, [x], noPreprocess);
    }),
  ],
  Q0807: [
    ofCall('a setting that does not exist', () => parsePreprocess('imagenet,resise=256')),
    ofCall('a preset that does not exist', () => parsePreprocess('imgnet')),
  ],
  Q0818: [
    ofCall('statistics', () => checkRepeatable(3, 'model.qstats')),
    ofCall('a pipe', () => checkRepeatable(3, '-')),
  ],
};
