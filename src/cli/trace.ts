/**
 * `qcc verify BUILD_DIR --trace LOG`: what a device said of its steps against the interpreter. Exit code 3 names the first
 * step that differs. Nothing is run here: the log may come from any board.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { error, QccError } from '../diagnostics/diagnostic.js';
import { tracedWrites, traceId } from '../emit/trace.js';
import type { Graph } from '../ir/graph.js';
import { programSample, type Sample } from '../ir/seeded.js';
import { npyTensor, readNpy } from '../npy.js';
import { stepsOf } from '../program/program.js';
import { type GivenBack, givenBack } from './given-options.js';
import { showLines } from './result-lines.js';
import { compileFile, terminal, usage } from './session.js';
import { readTraceLog, type TraceLog } from './trace-log.js';

export interface TraceOptions {
  /** The build folder. */
  readonly path: string;
  readonly trace: string;
  readonly input: readonly string[];
  readonly model: string | undefined;
  readonly json: boolean;
  readonly target: string | undefined;
  readonly data: string | undefined;
  readonly steps: boolean;
}

interface TracedFolder {
  readonly qcc: string;
  readonly name: string;
  readonly model: string;
  readonly modelSha256: string;
  readonly target: string;
  readonly id: string;
  readonly options: GivenBack['options'];
  readonly edges: GivenBack['edges'];
}

export async function verifyTrace(options: TraceOptions): Promise<number> {
  if (options.data !== undefined || options.steps || options.target !== undefined)
    throw usage(
      '--trace LOG compares a log with a build folder, which says all else',
      'leave out --data, --steps, --target',
    );
  const folder = folderOf(options.path);
  const log = readText(options.trace);
  const { options: given, edges } = folder;
  const session = await compileFile(
    options.model ?? modelOf(options.path, folder),
    { ...given, target: folder.target, name: folder.name },
    edges === undefined ? { asModel: true } : { edges },
  );
  const { program, graph, modelSha256 } = session.compiled;
  if (modelSha256 !== folder.modelSha256)
    throw refused(`${options.path} was made of another model: its digest is ${folder.modelSha256}`, '--model FILE');
  if (traceId(program, modelSha256) !== folder.id)
    throw refused(
      `${options.path} was made by qcc ${folder.qcc}, whose steps are not those of this qcc (${session.assets.version})`,
      'verify with the qcc that made the folder, or build again and run the new program',
    );
  const writes = tracedWrites(program, graph, sampleOf(graph, options.input));
  const read = readTraceLog(log, folder, writes);
  const steps = stepsOf(program.body).map((step, index) => ({ index, step, ...read.compared.get(index) }));
  const faults = [...read.faults];
  const { first } = read;
  if (first !== undefined) {
    const { step: index, bytes, digest } = writes[first.write];
    const { op, origin, kernel } = steps[index].step;
    const names = origin.names.map((n) => `"${n}"`).join(', ');
    const crc = (value: number) => value.toString(16).padStart(8, '0');
    faults.unshift(
      error(
        'Q0724',
        `the first step that differs is ${index}, ${op} from ${names}, kernel ${kernel.symbol}: ${bytes} bytes with CRC-32 ${crc(first.digest)}, the interpreter has ${crc(digest ?? 0)}`,
        undefined,
        options.input.length === 0
          ? 'was the seeded input used? Else name it with --input. Then: weights in flash, the memory this step reads, compiler flags'
          : 'its weights in flash, the memory it reads, the flags it was compiled with',
      ),
    );
  }
  if (options.json)
    terminal.out(
      JSON.stringify({
        ...{ model: folder.name, target: folder.target, reference: 'interpreter' },
        ...{ log: options.trace, runs: read.complete, agrees: faults.length === 0 },
        first_difference: first === undefined ? null : { step: writes[first.write].step, run: first.run },
        steps: steps.map(({ index, step, writes, equal }) => ({
          ...{ index, origin: step.origin.names, op: step.op },
          equal_fraction: writes === undefined || equal === undefined ? null : equal / writes,
        })),
      }),
    );
  else if (faults.length === 0) showLines(report(options.trace, folder, read, steps));
  if (faults.length > 0) throw new QccError(faults, first === undefined ? 1 : 3, options.trace);
  return 0;
}

function report(
  path: string,
  { name, target }: TracedFolder,
  { complete, before, after }: TraceLog,
  steps: readonly { readonly writes?: number }[],
): readonly string[] {
  const compared = steps.filter((s) => s.writes !== undefined).length;
  const lines = [
    `model    ${name} for ${target}`,
    `log      ${path}: ${complete} ${complete === 1 ? 'run' : 'runs'}, every line whole`,
    `steps    ${compared} of ${steps.length} compared, all as the interpreter has them`,
  ];
  if (compared < steps.length)
    lines.push(`open     ${steps.length - compared} steps whose bytes the interpreter has no number for`);
  if (before + after > 0)
    lines.push(`left out ${before} lines before the first run, ${after} of a last one that is not whole`);
  return lines;
}

function refused(message: string, help: string): QccError {
  return new QccError([error('Q0725', message, undefined, help)]);
}

function folderOf(dir: string): TracedFolder {
  const path = join(dir, 'manifest.json');
  const value: unknown =
    existsSync(dir) && statSync(dir).isDirectory() && existsSync(path) ? parsed(readFileSync(path, 'utf8')) : undefined;
  const m = new Map<string, unknown>(typeof value === 'object' && value !== null ? Object.entries(value) : []);
  const text = (key: string): string => {
    const found = m.get(key);
    if (typeof found === 'string') return found;
    throw new QccError([
      error(
        'Q0603',
        `${dir} holds no manifest.json of qcc`,
        undefined,
        'make one: qcc build model.onnx --trace -o DIR',
      ),
    ]);
  };
  const [qcc, name, model, modelSha256, target] = ['qcc', 'name', 'model', 'model_sha256', 'target'].map(text);
  const id = m.get('trace');
  if (typeof id !== 'string')
    throw refused(`${dir} was built without --trace`, 'qcc build MODEL --trace -o DIR, then run that program');
  return { qcc, name, model, modelSha256, target, id, ...givenBack(m.get('options')) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The file the manifest names: in the current folder, beside the build folder, or in it. */
function modelOf(dir: string, { model, modelSha256 }: TracedFolder): string {
  const isName = model === model.replace(/[/\\]/g, '');
  const places = isName ? [model, join(dirname(dir), model), join(dir, model)] : [];
  const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
  const there = places.filter((path) => existsSync(path) && statSync(path).isFile());
  const found = there.find((path) => digest(path) === modelSha256);
  if (found !== undefined) return found;
  const what = there.length > 0 ? `${there[0]} is not the model` : `the model "${model}" is not here that`;
  throw refused(`${what} ${dir} was made of`, 'name it: qcc verify BUILD_DIR --trace LOG --model FILE');
}

/** `[NAME=]FILE.npy`, as the program takes them; without any, what the program makes up. */
function sampleOf(graph: Graph, files: readonly string[]): Sample {
  if (files.length === 0) return programSample(graph);
  const given = new Map<string, string>();
  for (const text of files) {
    const named = graph.inputs
      .filter(({ name }) => text.startsWith(`${name}=`))
      .sort((a, b) => b.name.length - a.name.length);
    const name = named[0]?.name ?? graph.inputs.find((p) => !given.has(p.name))?.name;
    if (name === undefined) throw usage(`--input ${text}: more files than inputs`);
    if (given.has(name)) throw usage(`--input ${text}: given twice`);
    given.set(name, named.length > 0 ? text.slice(name.length + 1) : text);
  }
  return graph.inputs.map(({ name, type }) => {
    const file = given.get(name);
    if (file === undefined) throw usage(`no --input for "${name}"`, 'all inputs or none');
    if (!existsSync(file)) throw new QccError([error('Q0604', `${file} does not exist`)]);
    return npyTensor(readNpy(readFileSync(file), file), type, file, name);
  });
}

function readText(path: string): string {
  if (!existsSync(path)) throw new QccError([error('Q0604', `${path} does not exist`)]);
  if (statSync(path).isDirectory()) throw new QccError([error('Q0604', `${path} is a folder, not a log`)]);
  return readFileSync(path, 'latin1');
}
