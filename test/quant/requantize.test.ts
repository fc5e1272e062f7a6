// needs: c-compiler emulator
/**
 * THE rounding rule at its boundaries: src/quant/requantize.ts, runtime-c's requantize.h and qcc_fmaf against exact
 * rational arithmetic written here, on accumulators whose scaled value is a tie, next to one, rounds onto one in
 * float32, saturates, or overflows.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fma32 } from '../../src/quant/fma.js';
import {
  dequantizeValue,
  quantizeValue,
  requantize,
  roundHalfEven,
  roundToStored,
} from '../../src/quant/requantize.js';

const source = fileURLToPath(new URL('requantize.c', import.meta.url));
const include = fileURLToPath(new URL('../../runtime-c/include', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'qcc-requantize-'));
after(() => rmSync(dir, { recursive: true, force: true }));

const bits = new DataView(new ArrayBuffer(8));
function bitsOf(value: number): number {
  bits.setFloat32(0, value);
  return bits.getUint32(0);
}
function ofBits(word: number): number {
  bits.setUint32(0, word >>> 0);
  return bits.getFloat32(0);
}

/** numerator / 2^shift, exactly. */
interface Dyadic {
  readonly numerator: bigint;
  readonly shift: number;
}

/** A finite double (float32 included) as what it is. */
function exact(value: number): Dyadic {
  bits.setFloat64(0, value);
  const word = bits.getBigUint64(0);
  const exponent = Number((word >> 52n) & 0x7ffn);
  const fraction = word & 0xfffffffffffffn;
  const magnitude = exponent === 0 ? fraction : fraction | (1n << 52n);
  const numerator = word >> 63n === 1n ? -magnitude : magnitude;
  const shift = 1075 - Math.max(exponent, 1);
  return shift < 0 ? { numerator: numerator << BigInt(-shift), shift: 0 } : { numerator, shift };
}

/** |numerator| / denominator rounded to the nearest integer, ties to even, with its sign. */
function nearest(numerator: bigint, denominator: bigint): bigint {
  const magnitude = numerator < 0n ? -numerator : numerator;
  const whole = magnitude / denominator;
  const twice = 2n * (magnitude % denominator);
  const up = twice > denominator || (twice === denominator && (whole & 1n) === 1n);
  return (numerator < 0n ? -1n : 1n) * (up ? whole + 1n : whole);
}

/** The float32 nearest to numerator / denominator; `zero` is what an exact zero is. */
function float32Of(numerator: bigint, denominator: bigint, zero = 0): number {
  if (numerator === 0n) return zero;
  const magnitude = numerator < 0n ? -numerator : numerator;
  let exponent = magnitude.toString(2).length - denominator.toString(2).length;
  const scaled = (e: number) =>
    e >= 0 ? [magnitude, denominator << BigInt(e)] : [magnitude << BigInt(-e), denominator];
  let [n, d] = scaled(exponent);
  if (n < d) [n, d] = scaled(--exponent);
  const last = Math.max(exponent, -126) - 23;
  [n, d] = scaled(last);
  const value = Number(nearest(n, d)) * 2 ** last;
  const rounded = value >= 2 ** 128 ? Number.POSITIVE_INFINITY : value;
  return numerator < 0n ? -rounded : rounded;
}

function product32(a: number, b: number): number {
  if (!Number.isFinite(a) || !Number.isFinite(b)) return a * b;
  const [x, y] = [exact(a), exact(b)];
  return float32Of(x.numerator * y.numerator, 1n << BigInt(x.shift + y.shift), a * b);
}

function quotient32(a: number, b: number): number {
  if (!Number.isFinite(a) || !Number.isFinite(b) || b === 0) return a / b;
  const [x, y] = [exact(a), exact(b)];
  const sign = y.numerator < 0n ? -1n : 1n;
  return float32Of(sign * (x.numerator << BigInt(y.shift)), sign * (y.numerator << BigInt(x.shift)), a / b);
}

function fused32(a: number, b: number, c: number): number {
  if (![a, b, c].every(Number.isFinite)) return a * b + c;
  const [x, y, z] = [exact(a), exact(b), exact(c)];
  const shift = x.shift + y.shift;
  const most = Math.max(shift, z.shift);
  const sum = ((x.numerator * y.numerator) << BigInt(most - shift)) + (z.numerator << BigInt(most - z.shift));
  // An exact zero is -0 only if both terms are.
  const isNegativeZero = (Object.is(a * b, -0) || (a * b < 0 && x.numerator * y.numerator === 0n)) && Object.is(c, -0);
  return float32Of(sum, 1n << BigInt(most), isNegativeZero ? -0 : 0);
}

function rne(value: number): number {
  const { numerator, shift } = exact(value);
  return Number(nearest(numerator, 1n << BigInt(shift)));
}

function stored(value: number, zp: number, lo: number, hi: number): number {
  if (Number.isNaN(value) || value === Number.NEGATIVE_INFINITY) return lo;
  if (value === Number.POSITIVE_INFINITY) return hi;
  return Math.max(lo, Math.min(hi, rne(value) + zp));
}

interface Record {
  readonly text: string;
  readonly words: readonly number[];
  readonly expected: number;
  /** What TypeScript answers, where it has the function. */
  readonly twin: number | undefined;
  readonly isFloat: boolean;
}

let state = 2463534242;
function random(): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return state >>> 0;
}
const pick = <T>(list: readonly T[]): T => list[random() % list.length];

const storages = [
  { zps: [0, 255, 128, 1, 127, 254, 113], lo: 0, hi: 255 },
  { zps: [-128, 127, 0, -1, 3, -127, 77], lo: -128, hi: 127 },
  { zps: [0, 65535, 32767], lo: 0, hi: 65535 },
  { zps: [0, -32768, 32767, -7], lo: -32768, hi: 32767 },
];

/** Accumulators at which something happens for multiplier m. */
function accumulators(m: number): number[] {
  const out = [0, 1, -1, 2147483647, -2147483648, 16777215, 16777216, 16777217, -16777217, 33554433, 2147483583];
  for (let i = 0; i < 24; i++) {
    const at = Math.round(((random() % 600) - 300 + 0.5) / m);
    for (const near of [at - 1, at, at + 1]) out.push(near);
  }
  for (let i = 0; i < 8; i++) out.push(random() | 0);
  return out.filter((acc) => acc >= -2147483648 && acc <= 2147483647);
}

/** Scaled accumulators that are no tie, yet whose float32 product is one. */
function roundedOntoTie(): { acc: number; m: number }[] {
  const out: { acc: number; m: number }[] = [];
  while (out.length < 200) {
    const m = Math.fround((1 + random() / 2 ** 32) * 2 ** -(10 + (random() % 12)));
    const tie = (random() % 200) + 0.5;
    const acc = Math.round(tie / m);
    if (acc < 2 ** 31 && Math.fround(Math.fround(acc) * m) === tie && Math.fround(acc) * m !== tie)
      out.push({ acc, m });
  }
  return out;
}

function integer(text: string, words: readonly number[], expected: number, twin?: number): Record {
  return { text, words, expected, twin, isFloat: false };
}

function requantizeRecords(): Record[] {
  const out: Record[] = [];
  const put = (acc: number, m: number): void => {
    const { zps, lo, hi } = pick(storages);
    const zp = pick(zps);
    const [low, high] = random() % 2 === 0 ? [lo, hi] : [Math.max(lo, Math.min(hi, zp)), hi];
    const scaled = product32(float32Of(BigInt(acc), 1n), m);
    const expected = stored(scaled, zp, low, high);
    const words = [acc, bitsOf(m), zp, low, high];
    const text = `requantize(${acc}, ${m}, ${zp}, ${low}, ${high})`;
    out.push(integer(text, [0, ...words], expected, requantize(acc, m, zp, low, high)));
    if (Math.abs(scaled) < 2147483392) out.push(integer(`${text} proved`, [1, ...words], expected));
  };
  for (const m of [0.5, 0.25, 0.125, 1, 2, 0, 1e-40, 3e38, 2 ** -24, 2 ** -31])
    for (const acc of accumulators(m)) put(acc, Math.fround(m));
  for (let i = 0; i < 300; i++) {
    const m = Math.fround((1 + random() / 2 ** 32) * 2 ** -(random() % 26));
    for (const acc of accumulators(m)) put(acc, m);
  }
  for (const { acc, m } of roundedOntoTie()) put(acc, m);
  return out;
}

function floats(): number[] {
  const out = [
    0,
    -0,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    3.4e38,
    -3.4e38,
    1e-45,
    2147483520,
  ];
  for (let i = -40; i <= 40; i++)
    for (const near of [-1, 0, 1]) out.push(ofBits(bitsOf(i / 2) + near), ofBits(bitsOf(i * 13 + 0.5) + near));
  for (let i = 0; i < 4000; i++) out.push(ofBits(random()));
  return out;
}

function quantizeRecords(): Record[] {
  const out: Record[] = [];
  for (const x of floats())
    for (const scale of [
      1,
      0.25,
      3,
      Math.fround(0.0187),
      Math.fround(1e-3 * (1 + random() / 2 ** 32)),
      1e-38,
      1e30,
    ].map(Math.fround)) {
      const { zps, lo, hi } = pick(storages);
      const zp = pick(zps);
      const args = `(${x}, ${scale}, ${zp}, ${lo}, ${hi})`;
      const words = [bitsOf(x), bitsOf(scale), zp, lo, hi];
      out.push(
        integer(
          `quantize${args}`,
          [2, ...words],
          stored(quotient32(x, scale), zp, lo, hi),
          quantizeValue(x, scale, zp, lo, hi),
        ),
      );
      out.push(integer(`round to stored${args}`, [7, ...words], stored(x, zp, lo, hi), roundToStored(x, zp, lo, hi)));
      if (Math.abs(x) < 2147483648) {
        out.push(integer(`round half even(${x})`, [4, ...words], rne(x), roundHalfEven(x)));
        out.push(integer(`round half even, portable(${x})`, [5, ...words], rne(x)));
      }
    }
  return out;
}

function dequantizeRecords(): Record[] {
  const out: Record[] = [];
  for (let i = 0; i < 4000; i++) {
    const q = i < 512 ? i - 256 : random() | 0;
    const zp = i < 512 ? pick(pick(storages).zps) : 0;
    const scale = ofBits(random() & 0x7fffffff);
    if (!Number.isFinite(scale)) continue;
    const expected = product32(float32Of(BigInt(q - zp), 1n), scale);
    const twin = dequantizeValue(q, scale, zp);
    out.push({
      text: `dequantize(${q}, ${scale}, ${zp})`,
      words: [3, q, bitsOf(scale), zp, 0, 0],
      expected,
      twin,
      isFloat: true,
    });
  }
  return out;
}

/** Random ones, and sums in which the product nearly cancels c or nearly ties. */
function fmaRecords(): Record[] {
  const out: Record[] = [];
  const put = (a: number, b: number, c: number): void => {
    const words = [6, bitsOf(a), bitsOf(b), bitsOf(c), 0, 0];
    out.push({
      text: `fmaf(${a}, ${b}, ${c})`,
      words,
      expected: fused32(a, b, c),
      twin: fma32(a, b, c),
      isFloat: true,
    });
  };
  const special = [
    0,
    -0,
    1,
    -1,
    1e-45,
    -1e-45,
    3.4e38,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** -126,
    1 + 2 ** -23,
  ].map(Math.fround);
  for (const a of special) for (const b of special) for (const c of special) put(a, b, c);
  for (let i = 0; i < 20000; i++) {
    const [a, b] = [ofBits(random()), ofBits(random())];
    const near = Math.fround(-a * b);
    put(a, b, ofBits(random()));
    put(a, b, Number.isFinite(near) ? ofBits(bitsOf(near) + (random() % 3) - 1) : near);
    // c of the size of the product's last bit: ties of the float32 sum.
    const [u, v] = [ofBits(0x3f800000 | (random() & 0x7fffff)), ofBits(0x3f800000 | (random() & 0x7fff00))];
    put(u, v, Math.fround(pick([1, -1]) * 2 ** -(22 + (random() % 28))));
  }
  return out;
}

const records = [...requantizeRecords(), ...quantizeRecords(), ...dequantizeRecords(), ...fmaRecords()];

test('TypeScript rounds as exact arithmetic says', () => {
  const wrong = records.filter(
    (r) => r.twin !== undefined && !(r.isFloat ? Object.is(r.twin, r.expected) : r.twin === r.expected),
  );
  assert.deepEqual(
    wrong.slice(0, 5).map((r) => `${r.text}: ${r.twin}, exactly ${r.expected}`),
    [],
  );
});

const strict = ['-Wall', '-Wextra', '-Wconversion', '-Wshadow', '-Wvla', '-pedantic', '-Werror'];
const builds: readonly { readonly command: readonly string[]; readonly emulator?: string }[] = [
  { command: ['gcc', '-std=c11', '-O2', '-ffp-contract=off', '-DQCC_CONTRACTION_OFF', ...strict] },
  { command: ['gcc', '-std=gnu11', '-O3', '-mavx2', '-mfma', '-ffp-contract=fast', ...strict] },
  { command: ['gcc', '-std=c11', '-O0', '-fsanitize=undefined', '-fno-sanitize-recover=all', ...strict] },
  { command: ['clang-16', '-std=gnu11', '-O3', '-mavx2', '-mfma', '-ffp-contract=fast', ...strict] },
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
    const run = spawnSync(emulator ?? exe, emulator === undefined ? [] : [exe], { input, maxBuffer: 1 << 28 });
    assert.equal(run.status, 0, String(run.stderr));
    assert.equal(run.stdout.length, records.length * 4);
    const wrong = records.filter((r, at) => {
      const got = r.isFloat ? run.stdout.readFloatLE(at * 4) : run.stdout.readInt32LE(at * 4);
      return !(r.isFloat ? Object.is(got, r.expected) : got === r.expected);
    });
    assert.deepEqual(
      wrong.slice(0, 5).map((r) => `${r.text}: not ${r.expected}`),
      [],
    );
  });
