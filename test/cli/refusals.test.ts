// needs: processes
/** What a stranger does wrong with files and folders, and streams that end: never a stack trace, never exit code 70. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import test from 'node:test';
import { convModel } from '../onnx/tiny-models.js';
import { file, filesIn, mainFile, qcc, scratch } from './installed.js';

const conv = file('conv.onnx', convModel());
const empty = `${scratch}/empty`;
mkdirSync(empty);
const damaged = file('damaged/manifest.json', '{').replace(/\/[^/]*$/, '');
const built = file('built/manifest.json', '{"qcc":"0","name":"m","target":"scalar","files":[]}').replace(
  /\/[^/]*$/,
  '',
);
/** The first bytes of any TFLite file: where its tables begin, and the format's name. */
const tflite = file('kws.tflite', Buffer.from('1c00000054464c33', 'hex'));

/** Arguments, exit code, and what the message says. */
const wrong: readonly (readonly [readonly string[], number, RegExp])[] = [
  [['run', damaged], 1, /^error\[Q0603\]: .*manifest\.json is no JSON object: it is damaged/],
  [['eval', damaged, '--data', empty], 1, /^error\[Q0603\]: .*manifest\.json is no JSON object/],
  [['run', empty], 1, /^error\[Q0603\]: .*empty holds no manifest\.json of qcc/],
  [['run', built, '--dim', 'n=1'], 2, /^error\[Q0605\]: --dim says how to compile a model, and .*compiled already/],
  [['run', built, '--target', 'x86-avx2'], 2, /--target says how to compile .*already, for scalar/],
  [['eval', built, '--data', empty, '--rounding', 'onnx'], 2, /--rounding says how to compile/],
  // An alias of its own target is no contradiction: what is missing is the program.
  [['run', built, '--target', 'generic'], 1, /^error\[Q0604\]: .*does not exist\n.*--emit exe/],
  [['opt', empty], 1, /^error\[Q0604\]: .*empty is a folder, not a \.qir file/],
  [['calibrate', tflite, empty, '-o', `${scratch}/x`], 1, /^error\[Q0718\]/],
  // A pipe is a source.
  [['calibrate', tflite, '-', '-o', `${scratch}/x`], 1, /^error\[Q0718\]/],
  [['quantize', tflite, '--calibrate', 'x.qstats', '-o', `${scratch}/x`], 1, /^error\[Q0718\]/],
  [['calibrate', 'merge', empty, '-o', `${scratch}/x`], 1, /^error\[Q0604\]: .*empty cannot be read: it is a folder/],
  [
    ['build', conv, '--emit', 'c', '-o', `${scratch}/d`, '--depfile', `${scratch}/none/x.d`],
    1,
    /^error\[Q0604\]: .*x\.d cannot be written: there is no folder .*none\n/m,
  ],
  [
    ['build', conv, '--emit', 'c', '-o', `${conv}/out`],
    1,
    /^error\[Q0604\]: .*written: a file is where a folder should be/m,
  ],
];
for (const [args, exitCode, message] of wrong)
  test(`qcc ${args.join(' ').replaceAll(`${scratch}/`, '')}`, () => {
    const { code, stdout, stderr } = qcc(args);
    assert.match(stderr, message);
    assert.equal(code, exitCode);
    assert.equal(stdout, '');
  });

test('nothing of it is left half-written', () => {
  assert.deepEqual([filesIn(empty), filesIn(damaged), filesIn(built)], [[], ['manifest.json'], ['manifest.json']]);
});

/** Runs a shell line in which `qcc` is the command line. */
function shell(line: string) {
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['-c', line.replace('qcc', `"${process.execPath}" "${mainFile()}"`)],
    {
      encoding: 'utf8',
      cwd: scratch,
    },
  );
  return { status, stdout, stderr };
}

test('a reader that has enough changes nothing; a disk that is full is an error', () => {
  // The reader is gone before the first byte is written.
  const closed = shell('set -o pipefail; qcc ops | { exec <&-; sleep 2; }');
  assert.deepEqual(closed, { status: 0, stdout: '', stderr: '' });
  const full = shell('qcc ops > /dev/full');
  assert.equal(full.status, 1);
  assert.match(
    full.stderr,
    /^error\[Q0604\]: standard output cannot be written: no space is left on the device\n.*\n$/,
  );
});

test('opt --json holds the text and the passes', () => {
  const graph = file('g.qir', 'graph "g" (%in0 "x": f32[1]) {\n  return %in0 as "y"\n}\n');
  const { passes, text } = JSON.parse(qcc(['opt', graph, '--pass', 'canonicalize', '--json']).stdout);
  assert.deepEqual(passes, ['canonicalize']);
  assert.match(text, /^graph "g"/);
});
