// needs: c-compiler
/** `--json`: one line of valid JSON on every command, with the fields of the contract (DESIGN 7), and errors as data. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import test from 'node:test';
import { codes } from '../../src/diagnostics/codes.js';
import { convModel } from '../onnx/tiny-models.js';
import { file, qcc, scratch } from './installed.js';

const conv = file('conv.onnx', convModel());

/** Commands, and the fields their answer has at least. */
const answers: readonly (readonly [readonly string[], readonly string[]])[] = [
  [
    ['build', conv, '-o', `${scratch}/out`, '--target', 'scalar'],
    'model target folder files steps macs weights_bytes arena_bytes arena_lower_bound build_ms'.split(' '),
  ],
  [
    ['inspect', conv, '--target', 'scalar'],
    (
      'model inputs outputs macs weights_bytes float_weights_bytes traffic_bytes float_traffic_bytes arena_bytes ' +
      'arena_lower_bound steps'
    ).split(' '),
  ],
  [
    ['run', conv, '--target', 'scalar'],
    ['model', 'target', 'outputs'],
  ],
  [
    ['run', `${scratch}/out`],
    ['model', 'target', 'outputs'],
  ],
  [
    ['verify', conv, '--target', 'scalar'],
    ['model', 'target', 'reference', 'outputs', 'top1_agree', 'steps'],
  ],
  [['ops'], ['operators', 'ops']],
  [
    ['explain', 'q0304'],
    ['code', 'title', 'explanation'],
  ],
];
for (const [args, fields] of answers)
  test(`qcc ${args.join(' ').replaceAll(`${scratch}/`, '')} --json`, () => {
    const { code, stdout, stderr } = qcc([...args, '--json']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^[^\n]*\n$/, 'one line');
    const answer: unknown = JSON.parse(stdout);
    assert.ok(typeof answer === 'object' && answer !== null);
    for (const field of fields) assert.ok(field in answer, `"${field}" is not in ${stdout.slice(0, 200)}`);
  });

test('NAME=FILE with a name that the model lacks is told, and no file of that name is made', () => {
  for (const option of ['--output', '--input']) {
    const { code, stderr } = qcc(['run', `${scratch}/out`, option, 'nosuch=y.npy']);
    assert.equal(code, 2);
    assert.match(stderr, /^nosuch=y\.npy: no (in|out)put has that name; the model's: "\w+"\n$/);
  }
  assert.equal(existsSync(`${scratch}/nosuch=y.npy`), false);
  assert.equal(qcc(['run', `${scratch}/out`, '--output', './a=b.npy']).code, 0);
  assert.equal(existsSync(`${scratch}/a=b.npy`), true);
});

test('the steps of inspect say what DESIGN promises', () => {
  const { steps } = JSON.parse(qcc(['inspect', conv, '--target', 'x86-avx2', '--json']).stdout);
  assert.ok(steps.length > 0);
  for (const step of steps)
    for (const field of ['index', 'origin', 'op', 'shapes', 'quant', 'kernel', 'refused'])
      assert.ok(field in step, field);
});

test('the text of inspect explains itself, and what is not streamed', () => {
  const text = (...more: string[]) => qcc(['inspect', conv, '--target', 'scalar', ...more]).stdout;
  assert.match(text(), /Tensors between steps are whole: .*\n\nA step: .*q\(scale, zero point\)/);
  assert.doesNotMatch(text('--optimize', 'ram'), /are whole/);
});

for (const command of ['targets', 'passes'])
  test(`qcc ${command} --json is a list of things with a name and a sentence`, () => {
    const list: unknown = JSON.parse(qcc([command, '--json']).stdout);
    assert.ok(Array.isArray(list) && list.length > 2);
    for (const entry of list) assert.ok(typeof entry.name === 'string' && typeof entry.doc === 'string');
  });

test('errors are data too, each with its code, on stderr', () => {
  const bad = file('bad.onnx', 'hello');
  for (const [args, exitCode] of [
    [['build', bad], 1],
    [['inspect', bad], 1],
    [['verify', bad], 1],
    [['build', conv, '--dim', 'x=abc'], 2],
    [['build', conv, '--taget', 'scalar'], 2],
    [['build', conv, '-o', `${scratch}/cc`, '--cc', 'no-such-compiler'], 4],
  ] as const) {
    const { code, stdout, stderr } = qcc([...args, '--json']);
    assert.equal(code, exitCode, stderr);
    assert.equal(stdout, '');
    const last = stderr.trim().split('\n').at(-1) ?? '';
    const { diagnostics } = JSON.parse(last);
    for (const d of diagnostics) {
      assert.ok(Object.hasOwn(codes, d.code));
      for (const field of ['severity', 'title', 'message']) assert.equal(typeof d[field], 'string', field);
    }
  }
});
