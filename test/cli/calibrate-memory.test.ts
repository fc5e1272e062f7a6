// needs: c-compiler
/** Calibration streams: what it holds does not depend on how many samples there are. */
import assert from 'node:assert/strict';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { calibrate } from '../../src/cli/calibrate.js';
import { terminal } from '../../src/cli/session.js';
import { parseStatistics } from '../../src/data/qstats.js';
import { writeNpy } from '../../src/npy.js';
import { model, node, value } from '../onnx/model-builder.js';

const dir = mkdtempSync(join(tmpdir(), 'qcc-calibrate-memory-'));
after(() => rmSync(dir, { recursive: true, force: true }));

const shape = [3, 64, 128];
const SAMPLE_BYTES = 4 * 3 * 64 * 128;
const net = join(dir, 'net.onnx');
writeFileSync(
  net,
  model({ inputs: [value('x', 'f32', [1, ...shape])], outputs: ['y'], nodes: [node('Relu', ['x'], ['y'])] }),
);

/** `count` samples that differ in one number; the zeros between are holes of the file. */
function samples(count: number): string {
  const path = join(dir, `${count}.npy`);
  const one = writeNpy({ element: 'f32', shape: [1, ...shape], data: new Float32Array(SAMPLE_BYTES / 4) });
  const start = one.length - SAMPLE_BYTES;
  const header = Buffer.from(one.subarray(0, start)).toString('latin1');
  // The number of samples takes blanks of the padding, so that the header keeps its length.
  const digits = String(count);
  writeFileSync(path, header.replace('(1,', `(${digits},`).replace(' '.repeat(digits.length), ' '), 'latin1');
  truncateSync(path, start + count * SAMPLE_BYTES);
  const file = openSync(path, 'r+');
  for (let i = 0; i < count; i++)
    writeSync(file, new Uint8Array(Float32Array.of((i % 100) / 16 - 2).buffer), 0, 4, start + i * SAMPLE_BYTES);
  closeSync(file);
  return path;
}

/** Peak memory of this process in bytes after calibrating on so many samples. */
async function peakAfter(count: number): Promise<number> {
  const output = join(dir, `${count}.qstats`);
  const { out, say } = terminal;
  Object.assign(terminal, { out: () => {}, say: () => {} });
  try {
    const options = { dim: [], cc: undefined, preprocess: undefined, samples: undefined, seed: 0, shard: undefined };
    await calibrate({ ...options, model: net, sources: [samples(count)], output, json: false });
  } finally {
    Object.assign(terminal, { out, say });
  }
  assert.equal(parseStatistics(readFileSync(output, 'utf8'), output).samples.length, count);
  return process.resourceUsage().maxRSS * 1024;
}

test('five times the samples take no more memory', async () => {
  const few = await peakAfter(500);
  const growth = (await peakAfter(2500)) - few;
  assert.ok(
    growth < (2000 * SAMPLE_BYTES) / 4,
    `${Math.round(growth / 2 ** 20)} MiB more for ${2000 * SAMPLE_BYTES} bytes more of data`,
  );
});
