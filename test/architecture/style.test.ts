/** What DESIGN 9 asks of every file, as far as a machine can judge it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import test from 'node:test';
import { ts } from 'ts-morph';
import { ops } from '../../src/ops/index.js';
import { graphPasses, programPasses, settledPasses } from '../../src/pipeline.js';
import { filesBelow, root, sourcesBelow } from './sources.js';

const folders = ['src', 'passes', 'test', 'examples'] as const;

function lines(path: string): number {
  return readFileSync(join(root, path), 'utf8').trimEnd().split('\n').length;
}

test('TypeScript files have at most 400 lines, C files at most 300', () => {
  const long = [
    ...filesBelow('.ts', ...folders).map((path) => ({ path, limit: 400 })),
    ...['.c', '.h']
      .flatMap((e) => filesBelow(e, 'runtime-c', 'test', 'examples'))
      .map((path) => ({ path, limit: 300 })),
  ].flatMap(({ path, limit }) => (lines(path) > limit ? [`${path}: ${lines(path)} lines, at most ${limit}`] : []));
  assert.deepEqual(long, []);
});

test('TypeScript files are named in kebab-case, and not utils, helpers or common', () => {
  const odd = filesBelow('.ts', ...folders).filter((path) => {
    const parts = path.split('/');
    return (
      parts.some((part) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.d)?(\.ts)?$/.test(part)) ||
      parts.some((part) => /^(utils?|helpers?|common|misc)(\.ts)?$/.test(part))
    );
  });
  assert.deepEqual(odd, []);
});

/** What writes a file or a folder as a whole, without waiting in between; and a report of a bug, which is to stay. */
const makers = ['src/files.ts', 'src/cli/bug.ts', 'src/toolchain/process.ts'];

test('temporary folders are made where Ctrl-C finds them', () => {
  const found = filesBelow('.ts', 'src').filter((path) => /mkdtemp/.test(readFileSync(join(root, path), 'utf8')));
  assert.deepEqual(found.sort(), makers.toSorted());
});

/** Where the type system is left, and how often: protobuf, and an op's own types where generic code builds nodes. */
const casts: Readonly<Record<string, number>> = {
  'src/ir/build.ts': 2,
  'src/ir/parse.ts': 2,
  'src/ir/rewrite.ts': 2,
  'src/ir/walk.ts': 2,
  'src/onnx/decode.ts': 2,
};

test('no any, no non-null assertion; `as const`, and other casts only where they are listed', () => {
  const found: string[] = [];
  const counts = new Map<string, number>();
  for (const { path, file } of sourcesBelow(...folders)) {
    const visit = (node: ts.Node): void => {
      const at = () => `${path}:${file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1}`;
      if (node.kind === ts.SyntaxKind.AnyKeyword) found.push(`${at()}: any`);
      else if (ts.isNonNullExpression(node)) found.push(`${at()}: !`);
      else if (ts.isTypeAssertionExpression(node)) found.push(`${at()}: <type>`);
      else if (ts.isAsExpression(node) && !ts.isConstTypeReference(node.type)) {
        counts.set(path, (counts.get(path) ?? 0) + 1);
        if (!Object.hasOwn(casts, path)) found.push(`${at()}: as ${node.type.getText(file)}`);
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  assert.deepEqual(found, []);
  assert.deepEqual(Object.fromEntries([...counts].sort()), casts, 'the list says more or fewer casts than there are');
});

test('every pass file is named after the pass it holds, and every pass is in the pipeline', () => {
  const names = new Set([...graphPasses, ...programPasses, ...settledPasses].map((pass) => pass.name));
  assert.deepEqual(
    [...names].sort(),
    filesBelow('.ts', 'passes').map((path) => basename(path, '.ts')),
  );
});

test('every pass and every op says what it does', () => {
  for (const { name, doc } of [...graphPasses, ...programPasses, ...settledPasses])
    assert.match(doc, /\w{3}.*[.]$/s, `pass ${name}`);
  for (const { kind, doc } of Object.values(ops)) assert.match(doc, /\w{3}.*[.]$/s, `op ${kind}`);
});

test('an op lies in the folder of its name, and the list of ops is complete and sorted', () => {
  const inFolders = filesBelow('/op.ts', 'src/ops').map((path) => path.split('/')[2]);
  assert.deepEqual(Object.keys(ops), inFolders.toSorted());
});

test('every op has samples that test/ops runs on every target', () => {
  const tested = filesBelow('/samples.ts', 'src/ops').map((path) => path.split('/')[2]);
  assert.deepEqual(tested.toSorted(), Object.keys(ops));
});

test('a pass shows its graph before and after', () => {
  const silent = filesBelow('.ts', 'passes').filter((path) => {
    const head = readFileSync(join(root, path), 'utf8').split('*/', 1)[0];
    return !/BEFORE[\s\S]*AFTER/.test(head);
  });
  assert.deepEqual(silent, []);
});
