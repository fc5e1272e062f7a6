/** The arithmetic of `qcc bench`: summing up times, gates, instruction marks, the float model beside a quantized one. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { checkComparable, parseBaseline, parseShare, regression } from '../../src/cli/baseline.js';
import { floatSibling } from '../../src/cli/peers.js';
import { perCall, stepCounts } from '../../src/cli/profile.js';
import { interleaved, timesOf } from '../../src/cli/timing.js';
import { QccError } from '../../src/diagnostics/diagnostic.js';
import { parseMarks } from '../../src/toolchain/count.js';

test('times of single runs: smallest, middle, 99th percentile by nearest rank', () => {
  assert.deepEqual(timesOf([3, 1, 2]), { min_us: 1, median_us: 2, p99_us: 3 });
  const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
  assert.deepEqual(timesOf(hundred), { min_us: 1, median_us: 50.5, p99_us: 99 });
});

test('rivals take turns', async () => {
  const order: string[] = [];
  const rival = (name: string, us: number) => ({
    measure: async (runs: number) => {
      order.push(name);
      return { min_us: us, median_us: us + runs / 1e6, p99_us: us };
    },
  });
  const [a, b] = await interleaved([rival('a', 100), rival('b', 10_000)]);
  assert.equal(order.join(''), 'ab'.repeat(order.length / 2));
  assert.ok(order.length >= 10);
  assert.equal(a.min_us, 100);
  assert.equal(b.median_us, 10_000 + 4e-6, 'b is slower and runs less often in a round');
});

test('a bound on the time leaves two rounds', async () => {
  const rounds: number[] = [];
  const rival = { measure: async () => ({ min_us: 1, median_us: 1, p99_us: 1 }) };
  await interleaved([rival], Number.MIN_VALUE, (round) => rounds.push(round));
  assert.deepEqual(rounds, [1, 2]);
});

test('a share is a number or a percentage, nothing else', () => {
  assert.equal(parseShare('--x', '5%'), 0.05);
  assert.equal(parseShare('--x', '0.25'), 0.25);
  for (const bad of ['', '%', '-5%', '5 percent', 'NaN', '1e2'])
    assert.throws(
      () => parseShare('--x', bad),
      (e) => e instanceof QccError && e.exitCode === 2,
      bad,
    );
});

test('a baseline is an answer of bench --json for the same thing', () => {
  const now = { model: 'm', target: 't', threads: 1, unit: 'min_us', value: 106 } as const;
  assert.equal(parseBaseline({ model: 'm', target: 't', qcc: { min_us: 100, median_us: 110 } })?.value, 100);
  assert.equal(parseBaseline({ model: 'm', target: 't', qcc: { instructions: 7 } })?.unit, 'instructions');
  for (const bad of [null, 1, {}, { model: 'm', target: 't' }, { model: 'm', target: 't', qcc: { min_us: 'x' } }])
    assert.equal(parseBaseline(bad), undefined);
  const before = { ...now, value: 100 };
  assert.equal(regression(now, before, 0.07), undefined);
  assert.equal(regression(now, before, 0.05)?.code, 'Q0611');
  assert.equal(regression({ ...now, value: 50 }, before, 0), undefined, 'faster is no fault');
  for (const other of [{ model: 'n' }, { target: 'u' }, { unit: 'instructions' as const }, { threads: 2 }])
    assert.throws(() => checkComparable({ ...now, ...other }, before), /Q0612/);
  checkComparable({ ...now, threads: 2 }, { ...before, threads: undefined });
});

test('instructions of steps are what lies between marks, less what a mark costs', () => {
  const marks = parseMarks('4 100\n4 110\n0 200\n1 260\n2 300\n0 1000\n1 1060\n2 1100\n');
  assert.deepEqual(stepCounts(marks), { ok: true, total: 80, steps: [50, 30] });
  assert.equal(stepCounts([]).ok, false);
  const looped = { ok: true, total: 100, steps: [10, 20, 30, 21, 31, 40] } as const;
  assert.deepEqual(perCall(looped, [0, 1, 2, 1, 2, 3]), { ok: true, total: 100, steps: [10, 41, 61, 40] });
});

test('the float model beside a quantized one has the longest stem', () => {
  const dir = mkdtempSync(join(tmpdir(), 'qcc-sibling-'));
  try {
    for (const name of ['kws_fp32.onnx', 'kws_big_fp32.onnx', 'mobilenetv2.fp32.onnx', 'k_fp32.onnx'])
      writeFileSync(join(dir, name), '');
    const of = (name: string) => floatSibling(join(dir, name))?.slice(dir.length + 1);
    assert.equal(of('kws_int8_qdq.onnx'), 'kws_fp32.onnx');
    assert.equal(of('kws_big_int8.onnx'), 'kws_big_fp32.onnx');
    assert.equal(of('mobilenetv2.qdq_u8.onnx'), 'mobilenetv2.fp32.onnx');
    assert.equal(of('kwsx_int8.onnx'), undefined);
    assert.equal(of('kws_fp32.onnx'), undefined);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
