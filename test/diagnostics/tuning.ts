/** Q0655 to Q0658: measured times. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAssets } from '../../src/assets.js';
import { tune, unkept } from '../../src/cli/tune.js';
import { CACHE_FILE, readCache, usableSection } from '../../src/cli/tune-cache.js';
import { lowerModel } from '../../src/compiler.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { convModel } from '../onnx/tiny-models.js';
import { type Cases, ofCall, ofList } from './cases.js';
import { folder } from './machine.js';

const machine = { target: 'x86-avx2', cpu: 'this', qcc: '1.1.0', kernels: 'abc', level: '-O3' };
const section = { ...machine, compiler: 'gcc', times: new Map() };

function crossBuild() {
  const source = { model: convModel(), fileName: 'm.onnx' };
  const target = findTarget(loadTargets(), 'cortex-m4');
  const what = { source, lowered: lowerModel(source), target, assets: loadAssets(), options: {} };
  return tune(what, { model: join(folder, 'm.onnx'), fallback: undefined, cc: undefined }, silent);
}
const silent = { out: () => {}, say: () => {}, color: false };

export const tuning: Cases = {
  Q0655: [
    ofCall('a cache with conflict marks', () => {
      const place = join(folder, 'damaged');
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, CACHE_FILE), '<<<<<<< ours\n{}\n');
      readCache(place);
    }),
  ],
  Q0656: [
    ofList('times of another version', () => usableSection([{ ...section, qcc: '1.0.0' }], machine, true).notes),
    ofList('times of other kernels', () => usableSection([{ ...section, kernels: 'def' }], machine, false).notes),
    ofList('times of another CPU', () => usableSection([{ ...section, cpu: 'other' }], machine, true).notes),
  ],
  Q0657: [{ what: 'a microcontroller', diagnostics: async () => (await crossBuild()).notes }],
  Q0658: [ofList('a folder of somebody else', () => [unkept('/usr/share/models')])],
};
