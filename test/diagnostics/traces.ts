/** Q072x: what `qcc verify --trace` finds in a log. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAssets } from '../../src/assets.js';
import { verifyTrace } from '../../src/cli/trace.js';
import { compile } from '../../src/compiler.js';
import { tracedWrites, traceId } from '../../src/emit/trace.js';
import { programSample } from '../../src/ir/seeded.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { logLine } from '../emit/trace-lines.js';
import { convModel } from '../onnx/tiny-models.js';
import { type Case, type Cases, ofCall } from './cases.js';
import { folder as scratch } from './machine.js';

/** A build folder in the scratch folder, of which `verify` needs the manifest, and the lines of a clean run. */
function traced(trace: boolean) {
  const source = { model: convModel(), fileName: 'conv.onnx' };
  const target = findTarget(loadTargets(), 'scalar');
  const options = { emit: { singleFile: false, allowIncbin: true, trace } };
  const { emitted, program, graph, modelSha256 } = compile(source, target, loadAssets(), options);
  const dir = join(scratch, trace ? 'traced' : 'untraced');
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'manifest.json'), emitted.files.get('manifest.json') ?? '');
  writeFileSync(join(scratch, 'conv.onnx'), source.model);
  const id = traceId(program, modelSha256);
  const lines = tracedWrites(program, graph, programSample(graph)).map(({ step, bytes, digest }) =>
    logLine('conv', id, step, bytes, digest ?? 0),
  );
  return { dir, id, lines };
}

function found(what: string, edit: (lines: readonly string[], id: string) => readonly string[], trace = true): Case {
  return ofCall(what, () => {
    const { dir, id, lines } = traced(trace);
    const log = join(scratch, 'device.log');
    writeFileSync(log, edit(lines, id).join('\n').concat('\n'));
    const none = { data: undefined, steps: false, target: undefined, model: undefined };
    return verifyTrace({ path: dir, trace: log, input: [], json: false, ...none });
  });
}

export const traces: Cases = {
  Q0720: [found('a console without a trace', () => ['booting', 'ready'])],
  Q0721: [found('a changed digit', ([first, ...rest]) => [first.replace(/[0-9a-f]{4}$/, 'zzzz'), ...rest])],
  Q0722: [found('another image', () => [logLine('conv', '00000000', 0, 8, 1)])],
  Q0723: [found('a log that stops', (lines) => lines.slice(0, 1))],
  Q0724: [
    found('another number', ([first, ...rest], id) => [
      logLine('conv', id, 0, Number(first.split(' ')[4]), 1),
      ...rest,
    ]),
  ],
  Q0725: [found('a build without a trace', (lines) => lines, false)],
};
