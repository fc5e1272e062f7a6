// needs: c-compiler emulator
/**
 * TFLite's fixed-point rules: src/quant/fixed-point.ts and runtime-c's requantize.h against exact integer arithmetic written
 * here, on ties, next to them, at the ends of every shift; and the multiplier that stands for a scaling in double, against
 * that scaling on every accumulator.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fixedDouble, fixedSingle, nearestPair, quantizeMultiplier } from '../../src/quant/fixed-point.js';

const source = fileURLToPath(new URL('fixed-point.c', import.meta.url));
const include = fileURLToPath(new URL('../../runtime-c/include', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'qcc-fixed-point-'));
after(() => rmSync(dir, { recursive: true, force: true }));

let state = 12345;
function random(): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state;
}

/** floor(a / b), b > 0. */
function floorDivide(a: bigint, b: bigint): bigint {
  return a >= 0n ? a / b : -((-a + b - 1n) / b);
}

/** gemmlowp's definition, word for word: the doubled product's high half, then a division by a power of two. */
function exactDouble(acc: bigint, multiplier: bigint, shift: number): bigint {
  const shifted = shift > 0 ? acc << BigInt(shift) : acc;
  const high = floorDivide(shifted * multiplier + (1n << 30n), 1n << 31n);
  const divisor = 1n << BigInt(Math.max(-shift, 0));
  const size = high < 0n ? -high : high;
  const rounded = (2n * size + divisor) / (2n * divisor);
  return high < 0n ? -rounded : rounded;
}

function exactSingle(acc: bigint, multiplier: bigint, shift: number): bigint {
  const numerator = (acc < 0n ? -acc : acc) * multiplier;
  const divisor = 1n << BigInt(31 - shift);
  const rounded = (2n * numerator + divisor) / (2n * divisor);
  return acc < 0n ? -rounded : rounded;
}

interface Record {
  readonly words: readonly [number, number, number, number];
  readonly expected: number;
}

function makeRecords(): Record[] {
  const records: Record[] = [];
  for (let shift = -31; shift <= 30; shift++)
    for (let i = 0; i < 300; i++) {
      const multiplier = [2 ** 30, 2 ** 31 - 1, 2 ** 30 + 2 ** (i % 30), 2 ** 30 + (random() >>> 2)][i % 4];
      // |acc| * 2^max(shift, 0) < 2^31 and |result| <= 2^30.
      const most = Math.min(2 ** 31 - 1, Math.floor(2 ** 30 / 2 ** Math.max(shift, 0)));
      const near = Math.round(((random() % 600) - 299.5) * 2 ** (31 - shift - Math.log2(multiplier)));
      const acc = [near, near + 1, near - 1, (random() | 0) % (most + 1), most, -most, 0, 1, -1][i % 9];
      if (Math.abs(acc) > most) continue;
      const exact = (f: typeof exactDouble) => Number(f(BigInt(acc), BigInt(multiplier), shift));
      records.push({ words: [0, acc, multiplier, shift], expected: exact(exactDouble) });
      records.push({ words: [1, acc, multiplier, shift], expected: exact(exactSingle) });
    }
  records.push({ words: [0, 123456, 0, 0], expected: 0 }, { words: [1, -123456, 0, 0], expected: 0 });
  return records;
}

const records = makeRecords();

test('TypeScript rounds as exact arithmetic says', () => {
  assert.ok(records.length > 25000);
  const wrong = records.filter(({ words: [rule, acc, multiplier, shift], expected }) => {
    return (rule === 0 ? fixedDouble : fixedSingle)(acc, { multiplier, shift }) !== expected;
  });
  assert.deepEqual(wrong.slice(0, 5), []);
});

const strict = ['-Wall', '-Wextra', '-Wconversion', '-Wshadow', '-Wvla', '-pedantic', '-Werror'];
const builds: readonly { readonly command: readonly string[]; readonly emulator?: string }[] = [
  { command: ['gcc', '-std=c11', '-O2', ...strict] },
  { command: ['gcc', '-std=c11', '-O0', '-fsanitize=undefined', '-fno-sanitize-recover=all', ...strict] },
  { command: ['clang-16', '-std=gnu11', '-O3', '-mavx2', ...strict] },
  { command: ['aarch64-linux-gnu-gcc', '-std=gnu11', '-O3', '-static', ...strict], emulator: 'qemu-aarch64' },
];

for (const [i, { command, emulator }] of builds.entries())
  test(`C rounds as exact arithmetic says: ${command.filter((w) => !w.startsWith('-W')).join(' ')}`, () => {
    const exe = join(dir, `program${i}`);
    const compiled = spawnSync(command[0], [...command.slice(1), `-I${include}`, source, '-o', exe], {
      encoding: 'utf8',
    });
    assert.equal(compiled.status, 0, compiled.stderr);
    const input = Buffer.from(Int32Array.from(records.flatMap((r) => r.words)).buffer);
    const run = spawnSync(emulator ?? exe, emulator === undefined ? [] : [exe], { input, maxBuffer: 1 << 26 });
    assert.equal(run.status, 0, String(run.stderr));
    assert.equal(run.stdout.length, records.length * 4);
    const wrong = records.filter((r, at) => run.stdout.readInt32LE(at * 4) !== r.expected);
    assert.deepEqual(wrong.slice(0, 5), []);
  });

test('a multiplier is the nearest one of 31 bits', () => {
  assert.deepEqual(quantizeMultiplier(1), { multiplier: 2 ** 30, shift: 1 });
  assert.deepEqual(quantizeMultiplier(0.5), { multiplier: 2 ** 30, shift: 0 });
  assert.deepEqual(quantizeMultiplier(0), { multiplier: 0, shift: 0 });
  assert.deepEqual(quantizeMultiplier(1 - 2 ** -40), { multiplier: 2 ** 30, shift: 1 });
  assert.deepEqual(quantizeMultiplier(2 ** -33), { multiplier: 0, shift: 0 });
  assert.deepEqual(quantizeMultiplier(2 ** -32), { multiplier: 2 ** 30, shift: -31 });
  for (let i = 0; i < 1000; i++) {
    const real = (1 + random() / 2 ** 32) * 2 ** ((random() % 50) - 30);
    const { multiplier, shift } = quantizeMultiplier(real);
    assert.ok(Math.abs(multiplier * 2 ** (shift - 31) - real) <= 2 ** (shift - 32), String(real));
  }
});

/** C's round() of a double product. */
function roundOf(acc: number, real: number): number {
  const product = acc * real;
  const toward = Math.trunc(product);
  return Math.abs(product - toward) >= 0.5 ? toward + Math.sign(product) : toward;
}

test('the multiplier that stands for a scaling in double gives its answer on every accumulator', () => {
  let shifted = 0;
  for (let i = 0; i < 60; i++) {
    const reach = [500, 20000, 300000][i % 3];
    // Powers of two tie; reals next to (v + 1/2) / acc put an accumulator next to a tie.
    const tied = (random() % 200) + 0.5;
    const real = [
      2 ** -(i % 14),
      (tied / ((random() % reach) + 1)) * (1 + (i - 30) * 2 ** -50),
      (random() / 2 ** 32) * 0.02,
    ][i % 3];
    if (real * reach > 2 ** 29) continue;
    const [least, most] = i % 2 === 0 ? [-128 - 5, 127 - 5] : [-3, 252];
    const pair = nearestPair(real, -reach, reach, least, most);
    assert.ok(pair, `no multiplier for ${real} within ${reach}`);
    if (pair.multiplier !== quantizeMultiplier(real).multiplier) shifted++;
    for (let acc = -reach; acc <= reach; acc += reach > 20000 ? 1 + (random() % 7) : 1) {
      const clamp = (v: number) => Math.min(most, Math.max(least, v)) + 0;
      assert.equal(clamp(fixedSingle(acc, pair)), clamp(roundOf(acc, real)), `${acc} * ${real}`);
    }
  }
  assert.ok(shifted > 0, 'no case needed another multiplier than the nearest');
});
