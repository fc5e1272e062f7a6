/** `npm run demo`: builds the classifier, runs it on a test picture and prints what it sees. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const root = here('../..');
const out = 'qcc-out/fashion';
mkdirSync(`${root}/qcc-out`, { recursive: true });
const qcc = ['--import', 'tsx', 'src/cli/main.ts'];
execFileSync(process.execPath, [...qcc, 'build', here('fashion.onnx'), '-o', out], { cwd: root, stdio: 'inherit' });
execFileSync(`${root}/${out}/fashion`, ['--input', here('sample.npy'), '--output', `${root}/qcc-out/scores.npy`], {
  cwd: root,
});
const bytes = readFileSync(`${root}/qcc-out/scores.npy`);
const data = bytes.subarray(10 + bytes.readUInt16LE(8));
const scores = Array.from({ length: 10 }, (_, i) => data.readFloatLE(4 * i));
const best = scores.indexOf(Math.max(...scores));
const labels = readFileSync(here('labels.txt'), 'utf8').trim().split('\n');
console.log(`\nlabel    ${labels[best]} (score ${scores[best].toFixed(3)})`);
execFileSync(`${root}/${out}/fashion`, ['--bench', '200'], { cwd: root, stdio: 'inherit' });
