// needs: processes
/** What the command line refuses, and how: exit codes of DESIGN 7, a message that says what to type instead. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { convModel } from '../onnx/tiny-models.js';
import { file, filesIn, qcc, scratch } from './installed.js';

const conv = file('conv.onnx', convModel());

/** Arguments, and what the message must say. */
const wrong: readonly (readonly [readonly string[], RegExp])[] = [
  [[], /name a command/],
  [['bild', conv], /Did you mean build\?/],
  [['frobnicate'], /Unknown command: frobnicate|Unknown argument: frobnicate/],
  [['build'], /the command line ends too early: qcc build <model>/],
  [['build', conv, 'other.onnx'], /Unknown (argument|command): other\.onnx/],
  [['build', conv, '--taget', 'scalar'], /Unknown argument: taget.*did you mean --target/s],
  [['build', conv, '--frobnicate'], /Unknown argument: frobnicate/],
  [['build', conv, '--target'], /--target needs a value/],
  [['build', conv, '--target', 'z80'], /unknown target "z80"/],
  [['build', conv, '--target', 'scaler'], /did you mean "scalar"/],
  [['build', conv, '--emit', 'rust'], /"rust" is not one of c, exe, lib, shared/],
  [['build', conv, '--emit', 'c,'], /"" is not one of c, exe, lib, shared/],
  [['build', conv, '--emit', 'toString'], /"toString" is not one of/],
  [['build', conv, '--rounding', 'up'], /--rounding "up": expected one of onnx, fixed, tflite\n/],
  [['build', conv, '-Q', '4'], /-Q 4: expected one of 0, 1, 2, 3\n/],
  [['build', conv, '--samples', '3'], /--samples takes some of the samples of --calibrate/],
  [['build', conv, '--calibrate', 'x.qstats', '--samples', '3'], /give --samples to qcc calibrate/],
  [['calibrate', 'merge', 'x.qstats', '-o', 'y', '--samples', '3'], /--samples is for the runs that gather/],
  [['build', conv, '--dim', 'batch=abc'], /--dim batch=abc: expected NAME=N with N at least 1/],
  [['build', conv, '--dim', 'batch=NaN'], /--dim batch=NaN: expected NAME=N/],
  [['build', conv, '--dim', 'batch='], /--dim batch=: expected NAME=N/],
  [['build', conv, '--dim', 'batch=0'], /--dim batch=0: expected NAME=N/],
  [['build', conv, '--dim', 'batch=-1'], /--dim batch=-1: expected NAME=N/],
  [['build', conv, '--dim', 'batch=1.5'], /--dim batch=1.5: expected NAME=N/],
  [['build', conv, '--dim', 'batch=1e99'], /--dim batch=1e99: expected NAME=N/],
  [['build', conv, '--dim', 'batch=0x10'], /--dim batch=0x10: expected NAME=N/],
  [['build', conv, '--dim', '=1'], /--dim =1: expected NAME=N/],
  [['build', conv, '--dim', '1'], /--dim 1: expected NAME=N/],
  [['build', conv, '--dim', 'batch=abc', '--dim', 'other=1'], /--dim batch=abc: expected NAME=N/],
  [['build', conv, '--target', 'z79', '--target', 'z80'], /unknown target "z80"/],
  [['build', conv, '--report', 'report.txt'], /--report report\.txt: expected a name that ends in \.json or \.html/],
  [['build', conv, '--dim'], /--dim needs a value/],
  [['build', conv, '--name', ''], /--name : expected a C name/],
  [['build', conv, '--name', 'a b'], /--name a b: expected a C name/],
  [['build', conv, '--name', '../a'], /--name \.\.\/a: expected a C name/],
  [['build', conv, '--name', '_a'], /--name _a: expected a C name/],
  [['build', conv, '--dump-ir', 'no-such-pass'], /--dump-ir no-such-pass: no such pass/],
  [['explain', 'Q9999'], /Q9999 is not a diagnostic code/],
  [['explain'], /the command line ends too early: qcc explain <code>/],
  [
    ['opt', file('g.qir', 'graph "g" (%in0 "x": f32[1]) {\n  return %in0 as "y"\n}\n'), '--pass', 'fuse'],
    /no such pass/,
  ],
];
for (const [args, message] of wrong)
  test(`usage error: qcc ${args.join(' ').replaceAll(scratch, '')}`, () => {
    const { code, stdout, stderr } = qcc(args);
    assert.match(stderr, message);
    assert.match(stderr, /^error\[Q0(605|401)\]: /);
    assert.equal(code, 2);
    assert.equal(stdout, '');
  });

test('usage errors leave nothing behind', () => {
  assert.deepEqual(filesIn(`${scratch}/qcc-out`), []);
});

test('options before and after the positional: a list does not swallow it', () => {
  for (const args of [
    ['--dim', 'batch=2', '--emit', 'c', conv],
    [conv, '--dim', 'batch=2', '--emit', 'c'],
    ['--emit=c', '--dim=batch=2', conv],
  ]) {
    const { code, stdout, stderr } = qcc(['build', '--json', '-o', `${scratch}/swallow`, ...args]);
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(stdout).model, 'conv');
    // Batch 2 doubles the work: the option was understood, not dropped.
    assert.equal(JSON.parse(stdout).macs, 2 * 6912);
  }
});

test('an option that is given twice: all of a list count, of any other the last', () => {
  const dims = ['--dim', 'batch=1', '--dim', 'batch=2'];
  const { code, stdout, stderr } = qcc(['build', conv, '--emit', 'exe', '--emit', 'c', '--json', '--json', ...dims]);
  assert.equal(code, 0, stderr);
  assert.deepEqual(JSON.parse(stdout).files, []);
  assert.equal(JSON.parse(stdout).macs, 2 * 6912);
  const bad = qcc(['build', conv, '--dim', 'batch', '--dim', 'batch=2']);
  assert.match(bad.stderr, /--dim batch: expected NAME=N/);
  const run = qcc(['run', conv, '--input', 'one.npy', '--input', 'two.npy', '--target', 'scalar']);
  assert.match(run.stderr, /more files than inputs/);
  const outputs = ['--output', 'one.npy', '--output', 'two.npy', '--output', 'three.npy'];
  assert.match(qcc(['run', conv, ...outputs, '--target', 'scalar']).stderr, /more files than outputs/);
});

test('a model that is wrong or not there: exit code 1', () => {
  for (const [path, message] of [
    ['no-such.onnx', /^error\[Q0604\]: .*no-such\.onnx does not exist/],
    [scratch, /^error\[Q0604\]: .* is a folder/],
    [file('text.onnx', 'hello'), /^error\[Q0102\]: this is a text file/],
    [file('empty.onnx', ''), /^error\[Q0101\]/],
    [file('checkpoint.pt', 'hello'), /^error\[Q0102\]: .*\n {2}--> .*checkpoint\.pt\n/],
  ] as const) {
    const { code, stdout, stderr } = qcc(['build', path]);
    assert.match(stderr, message);
    assert.equal(code, 1);
    assert.equal(stdout, '');
  }
});

test('text that is no .qir: exit code 1, with the line', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['graph "g" (%in0 "x": f32[1]) {\n  return %in7 as "y"\n}\n', /line 2: %in7 is not defined/],
    ['graph "g" (%in0 "x": f32[1]) {\n  %0 = frob(%in0) : f32[1]\n}\n', /line 2: "frob" is not an op/],
    ['graph "g" (%in0 "x": f32[1]) {\n  %0 = reshape(%in0) {shape [2]} : f32[2]\n  return %0 as "y"\n}\n', /line 2: /],
    [
      'graph "g" (%in0 "x": f32[1]) {\n  %0 = clamp(%in0) {min 1, max 0} : f32[1]\n  return %0 as "y"\n}\n',
      /line 2: .*min 1 is above max 0/,
    ],
    ['graph "g" (%in0 "x": f32[1]) {\n  %0 = clamp() {min 0, max 1} : f32[1]\n}\n', /line 2: /],
    ['nonsense', /line 1: /],
    ['', /no graph/],
    ['graph "g" (%in0 "x": f32[1]) {\n const @c0 : f32[1000000,1000000] = seed 1\n}\n', /line 2: .*too large/],
    ['graph "g" (%in0 "x": f32[1]) {\n const @c0 : f32[-3] = seed 1\n}\n', /line 2: /],
  ];
  for (const [i, [text, message]] of cases.entries()) {
    const { code, stderr } = qcc(['opt', file(`bad${i}.qir`, text)]);
    assert.match(stderr, /^error\[Q0606\]: /);
    assert.match(stderr, message);
    assert.equal(code, 1);
  }
});

test('a bug of qcc: exit code 70, a bundle to report, and where it lies', () => {
  const breaker = file('break.mjs', 'String.prototype.padEnd = () => { throw new Error("broken on purpose"); };\n');
  const { code, stderr } = qcc(['passes'], { node: ['--import', breaker], env: { TMPDIR: scratch } });
  assert.equal(code, 70);
  assert.match(stderr, /^error\[Q0901\]: broken on purpose\n/);
  const folder = /please report it with (\S+?)\.? /.exec(stderr)?.[1] ?? '';
  assert.deepEqual(filesIn(folder), ['report.txt']);
});

test('help and version: exit code 0', () => {
  const help = qcc(['--help']);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /qcc build <model>/);
  assert.match(qcc(['--version']).stdout, /^\d+\.\d+\.\d+\n$/);
  for (const command of ['build', 'run', 'inspect', 'targets', 'ops', 'passes', 'explain', 'opt']) {
    const { code, stdout } = qcc([command, '--help']);
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`^qcc ${command}`), command);
  }
});

test('qcc --help starts within three times the start of node and a fixed allowance', () => {
  // Medians of alternating runs, so that a busy machine slows both sides alike.
  const idle = file('idle.mjs', '');
  const times = { node: [0], qcc: [0] };
  times.node.pop();
  times.qcc.pop();
  for (let i = 0; i < 7; i++) {
    let start = performance.now();
    qcc([], { node: [idle] });
    times.node.push(performance.now() - start);
    start = performance.now();
    qcc(['--help']);
    times.qcc.push(performance.now() - start);
  }
  const median = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[3];
  const ratio = median(times.qcc) / median(times.node);
  assert.ok(
    ratio < 4,
    `qcc --help takes ${ratio.toFixed(1)} times as long as node alone (${median(times.qcc).toFixed(0)} ms)`,
  );
});

test('--rounding fixed makes what onnx makes', () => {
  const [fixed, onnx] = ['fixed', 'onnx'].map((rounding) => {
    const folder = join(scratch, `rounding-${rounding}`);
    const args = ['build', conv, '-o', folder, '--emit', 'c', '--target', 'cortex-m3', '--rounding', rounding];
    assert.equal(qcc(args).code, 0);
    return filesIn(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]);
  });
  assert.ok(fixed.length > 3);
  assert.deepEqual(fixed, onnx);
});
