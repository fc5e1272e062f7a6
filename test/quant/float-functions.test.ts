// needs: c-compiler emulator
/**
 * The float functions of runtime-c and of src/quant are twins: the same bits from every compiler, under flags that
 * invite contraction too, on another ISA too. Arguments: special values, every exponent, the thresholds of the
 * functions with their neighbours, random bits.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { floatType, type Tensor } from '../../src/ir/type.js';
import { activation } from '../../src/ops/activation/op.js';
import { binary } from '../../src/ops/binary/op.js';
import { unary } from '../../src/ops/unary/op.js';
import { erfcLarge64, erfSmall64 } from '../../src/quant/erf.js';
import { exp64, expm164, log1p64, log64, tanh64 } from '../../src/quant/math.js';

const source = fileURLToPath(new URL('float-functions.c', import.meta.url));
const include = fileURLToPath(new URL('../../runtime-c/include', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'qcc-float-'));
after(() => rmSync(dir, { recursive: true, force: true }));

/** xorshift32 */
function randomBits(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

const f32 = new Float32Array(1);
const u32 = new Uint32Array(f32.buffer);
function ofBits(bits: number): number {
  u32[0] = bits;
  return f32[0];
}
function bitsOf(value: number): number {
  f32[0] = value;
  return u32[0];
}

/** Where a formula changes, overflows or saturates. */
const thresholds = [
  0.35,
  0.175,
  0.41,
  0.5,
  1 / Math.sqrt(2),
  Math.SQRT2,
  0.71,
  1,
  2,
  3,
  4,
  6,
  8.49,
  9.01,
  10,
  14.5,
  16,
  17.33,
  20,
  30,
  88.72,
  87.34,
  103.97,
  104,
  120,
  150,
  354.5,
  708,
  709,
  8388607.5,
  8388608,
  16777216,
  2147483648,
  1e10,
  3e38,
];

function args(seed: number): Float32Array {
  const next = randomBits(seed);
  const xs: number[] = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let exponent = 0; exponent < 255; exponent++)
    for (const mantissa of [0, 1, 0x7fffff, 0x400000, next() & 0x7fffff, next() & 0x7fffff])
      for (const sign of [0, 0x80000000]) xs.push(ofBits((sign | (exponent << 23) | mantissa) >>> 0));
  for (const t of thresholds)
    for (let step = -3; step <= 3; step++)
      for (const sign of [0, 0x80000000]) xs.push(ofBits((bitsOf(t) + step + sign) >>> 0));
  for (let i = -300; i <= 300; i++) xs.push(i / 2, i / 37);
  for (let i = 0; i < 6000; i++) xs.push(ofBits(next()), (next() / 2 ** 32 - 0.5) * 20, (next() / 2 ** 32 - 0.5) * 240);
  return Float32Array.from(xs);
}

interface Record {
  readonly name: string;
  readonly fn: number;
  readonly alpha: number;
  readonly beta: number;
  /** What the file holds: floats, or doubles of a function inside. */
  readonly operands: readonly (Float32Array | Float64Array)[];
  readonly expected: Float32Array | Float64Array;
}

/** The order is that of `apply_double` in the program; arguments from the range a function is made for. */
const inside: readonly { readonly name: string; of(x: number): number; argument(random: number): number }[] = [
  { name: 'exp64', of: exp64, argument: (r) => (r - 0.5) * 1500 },
  { name: 'expm164', of: expm164, argument: (r) => (r - 0.5) * 2 },
  { name: 'log64', of: log64, argument: (r) => r * 4 },
  { name: 'log1p64', of: log1p64, argument: (r) => r },
  { name: 'tanh64', of: tanh64, argument: (r) => (r - 0.5) * 8 },
  { name: 'erfSmall64', of: erfSmall64, argument: (r) => r - 0.5 },
  { name: 'erfcLarge64', of: (x) => erfcLarge64(x, x * x), argument: (r) => 0.5 + r * 10 },
];

function tensor(data: Float32Array): Tensor {
  return { type: floatType([data.length]), data };
}

function result(tensors: readonly Tensor[]): Float32Array {
  return Float32Array.from(tensors[0].data, Number);
}

/** Pairs for functions of two numbers: what C's Annex F lists, small whole exponents, random. */
function pairs(seed: number): [Float32Array, Float32Array] {
  const special = [
    0,
    -0,
    1,
    -1,
    2,
    -2,
    0.5,
    -0.5,
    3,
    -3,
    1.5,
    4097,
    66049,
    1e-40,
    16777216,
    16777215,
    3e38,
    Number.NaN,
  ];
  special.push(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
  const a: number[] = [];
  const b: number[] = [];
  const put = (x: number, y: number) => {
    a.push(x);
    b.push(y);
  };
  for (const x of special) for (const y of special) put(x, y);
  const next = randomBits(seed);
  for (let n = -20; n <= 20; n++) for (let i = 0; i < 40; i++) put((next() / 2 ** 32 - 0.3) * 30, n);
  for (let i = 0; i < 9000; i++) {
    put(ofBits(next()), ofBits(next()));
    put((next() / 2 ** 32) * 10, (next() / 2 ** 32 - 0.5) * 60);
    put(ofBits(next()), (next() % 64) / 8 - 4);
  }
  return [Float32Array.from(a), Float32Array.from(b)];
}

function records(): Record[] {
  const x = args(1);
  const out: Record[] = unary.attrs.fn.map((fn, i) => ({
    name: fn,
    fn: i,
    alpha: 0,
    beta: 0,
    operands: [x],
    expected: result(unary.evaluate({ fn }, [tensor(x)], [floatType([x.length])])),
  }));
  out.push({ name: 'portable sqrt', fn: -1, alpha: 0, beta: 0, operands: [x], expected: x.map(Math.sqrt) });
  const parameters = [
    [0.01, 0.5],
    [1.702, -0.25],
    [-0.3, 0.2],
  ].map((p) => p.map(Math.fround));
  for (const [i, fn] of activation.attrs.fn.entries())
    for (const [alpha, beta] of parameters)
      out.push({
        name: `${fn} ${alpha}`,
        fn: unary.attrs.fn.length + i,
        alpha,
        beta,
        operands: [x],
        expected: result(activation.evaluate({ fn, alpha, beta }, [tensor(x)], [floatType([x.length])])),
      });
  const [a, b] = pairs(7);
  for (const [i, fn] of binary.attrs.fn.entries()) {
    const type = floatType([1]);
    if (binary.check({ fn }, [type, type], [type]).length > 0) continue;
    out.push({
      name: fn,
      fn: i,
      alpha: 0,
      beta: 0,
      operands: [a, b],
      expected: result(binary.evaluate({ fn }, [tensor(a), tensor(b)], [floatType([a.length])])),
    });
  }
  const next = randomBits(11);
  for (const [i, { name, of, argument }] of inside.entries()) {
    const xs = Float64Array.from({ length: 4000 }, () => argument(next() / 2 ** 32));
    out.push({ name, fn: i, alpha: 0, beta: 0, operands: [xs], expected: xs.map(of) });
  }
  return out;
}

const all = records();
const input = join(dir, 'arguments.bin');
writeFileSync(
  input,
  Buffer.concat(
    all.flatMap((r) => [
      Buffer.from(Int32Array.of(r.fn, r.expected instanceof Float64Array ? 0 : r.operands.length).buffer),
      Buffer.from(Float32Array.of(r.alpha, r.beta).buffer),
      Buffer.from(Int32Array.of(r.expected.length).buffer),
      ...r.operands.map((o) => Buffer.from(o.buffer)),
    ]),
  ),
);

function compile(compiler: string, flags: readonly string[], exe: string) {
  return spawnSync(compiler, [...flags, `-I${include}`, source, '-o', exe], { encoding: 'utf8' });
}

/** The first argument whose bits differ; NaNs are all alike. */
function difference(r: Record, got: Float32Array | Float64Array): string | undefined {
  for (const [i, y] of r.expected.entries())
    if (!Object.is(y, got[i]))
      return `${r.name}(${r.operands.map((o) => o[i]).join(', ')}): TypeScript ${y}, C ${got[i]}`;
  return undefined;
}

const strict = ['-Wall', '-Wextra', '-Wconversion', '-Wshadow', '-Wvla', '-pedantic', '-Werror'];
interface Build {
  readonly compiler: string;
  readonly flags: readonly string[];
  readonly emulator?: readonly string[];
}
const qemu = ['qemu-aarch64'];
const builds: readonly Build[] = [
  { compiler: 'gcc', flags: ['-std=c11', '-O0', ...strict] },
  { compiler: 'gcc', flags: ['-std=c11', '-O3', '-ffp-contract=off', '-DQCC_CONTRACTION_OFF', ...strict] },
  { compiler: 'gcc', flags: ['-std=gnu11', '-O3', '-mavx2', '-mfma', '-ffp-contract=fast'] },
  { compiler: 'clang-16', flags: ['-std=c11', '-O0', ...strict] },
  { compiler: 'clang-16', flags: ['-std=gnu11', '-O3', '-mavx2', '-mfma', '-ffp-contract=fast', ...strict] },
  { compiler: 'aarch64-linux-gnu-gcc', flags: ['-std=gnu11', '-O3', '-static'], emulator: qemu },
  { compiler: 'aarch64-linux-gnu-gcc', flags: ['-std=c11', '-O0', '-static', ...strict], emulator: qemu },
];

for (const [i, { compiler, flags, emulator }] of builds.entries())
  test(`${compiler} ${flags.filter((f) => !f.startsWith('-W')).join(' ')} makes the bits of TypeScript`, () => {
    const exe = join(dir, `program${i}`);
    const compiled = compile(compiler, flags, exe);
    assert.equal(compiled.status, 0, compiled.stderr);
    const command = [...(emulator ?? []), exe, input];
    const run = spawnSync(command[0], command.slice(1), { maxBuffer: 1 << 28 });
    assert.equal(run.status, 0, String(run.stderr));
    let at = 0;
    const differences: string[] = [];
    for (const r of all) {
      const bytes = run.stdout.subarray(at, at + r.expected.byteLength);
      const { buffer } = new Uint8Array(bytes);
      const got = r.expected instanceof Float64Array ? new Float64Array(buffer) : new Float32Array(buffer);
      assert.equal(got.length, r.expected.length, `${r.name}: the program wrote too little`);
      at += bytes.length;
      const found = difference(r, got);
      if (found !== undefined) differences.push(found);
    }
    assert.equal(at, run.stdout.length);
    assert.deepEqual(differences, []);
  });

for (const compiler of ['gcc', 'clang-16'])
  test(`${compiler} -ffast-math is refused`, () => {
    const compiled = compile(compiler, ['-std=c11', '-O2', '-ffast-math'], join(dir, 'fast'));
    assert.notEqual(compiled.status, 0);
    assert.match(compiled.stderr, /exact float arithmetic is needed/);
  });
