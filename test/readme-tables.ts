/**
 * The tables of the README, from the sources themselves: doc comments of ops and passes, target files, diagnostic codes,
 * and what passes of ONNX's operator tests (`test/onnx-node/counts.json`).
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type JSDoc, Node, Project, type SourceFile } from 'ts-morph';
import { codes } from '../src/diagnostics/codes.js';
import { controlFlowOperators } from '../src/onnx/control-flow.js';
import { graphPasses, programPasses } from '../src/pipeline.js';
import { loadTargets } from '../src/target/load.js';
import { type Cost, recorded } from './models/microcontrollers.js';
import { exceptions } from './onnx-node/listed.js';

const root = new URL('../', import.meta.url);
const project = new Project({ skipAddingFilesFromTsConfig: true, skipFileDependencyResolution: true });

function source(path: string): SourceFile {
  return project.addSourceFileAtPath(decodeURIComponent(new URL(path, root).pathname));
}

function sentence(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** The comment a file opens with, its first paragraph. */
function headComment(file: SourceFile): string {
  const comment = /^\s*\/\*\*([\s\S]*?)\*\//.exec(file.getFullText())?.[1] ?? '';
  const [first] = comment.replace(/^[ \t]*\* ?/gm, '').split(/\n\s*\n/);
  return sentence(first);
}

function docOf(docs: readonly JSDoc[]): string {
  return sentence(docs.map((d) => d.getDescription()).join(' '));
}

/** What the comment of the op says that a folder defines. */
function opDoc(folder: string): string {
  if (!existsSync(new URL(`src/ops/${folder}/op.ts`, root))) return headComment(source(`src/ops/${folder}/import.ts`));
  const file = source(`src/ops/${folder}/op.ts`);
  for (const statement of file.getVariableStatements()) {
    const call = statement.getDeclarations()[0]?.getInitializer();
    if (Node.isCallExpression(call) && call.getExpression().getText() === 'defineOp')
      return docOf(statement.getJsDocs());
  }
  throw new Error(`src/ops/${folder}/op.ts defines no op`);
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map((row) => line(row.map(cell)))].join('\n');
}

interface Count {
  readonly cases: number;
  readonly passed: number;
}

function readCounts(): ReadonlyMap<string, Count> {
  const file = new URL('test/onnx-node/counts.json', root);
  const counts: Record<string, Count> = JSON.parse(readFileSync(file, 'utf8'));
  return new Map(Object.entries(counts));
}

async function operatorTable(): Promise<string> {
  const counts = readCounts();
  const withCounts = (names: readonly string[]) =>
    names
      .map((name) => {
        const count = counts.get(name);
        return count === undefined ? `\`${name}\`` : `\`${name}\` ${count.passed}/${count.cases}`;
      })
      .toSorted()
      .join(', ');
  const rows: string[][] = [];
  for (const entry of readdirSync(new URL('src/ops/', root), { withFileTypes: true })) {
    const file = new URL(`src/ops/${entry.name}/import.ts`, root);
    if (!entry.isDirectory() || !existsSync(file)) continue;
    const { importers }: { readonly importers: Readonly<Record<string, unknown>> } = await import(file.href);
    rows.push([withCounts(Object.keys(importers)), opDoc(entry.name), entry.name]);
  }
  rows.push([withCounts(controlFlowOperators), 'Control flow that does not depend on the data: written out.', '']);
  rows.sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  const total = [...counts.values()].reduce((sum, c) => sum + c.cases, 0);
  const passed = [...counts.values()].reduce((sum, c) => sum + c.passed, 0);
  return [
    `Behind an operator: how many of its cases in ONNX's own operator tests pass, in the interpreter and as compiled C on`,
    `every target. Of all ${total} cases, those of operators qcc does not have included, ${passed} pass; the others are refused with`,
    'a code that says what is missing (`test/onnx-node`). What the operators below lack is',
    `${[...new Set(exceptions.map(([, why]) => why))].join('; ')}.`,
    '',
    table(['ONNX operators', 'meaning', 'op'], rows),
  ].join('\n');
}

function passTable(): string {
  const all = [
    ...graphPasses.map(({ name, numerics }) => ({ name, numerics })),
    ...programPasses.map(({ name }) => ({ name, numerics: 'exact' })),
  ];
  const seen = new Set<string>();
  const rows = all.flatMap(({ name, numerics }) => {
    if (seen.has(name)) return [];
    seen.add(name);
    return [[name, headComment(source(`passes/${name}.ts`)).replace(`${name}: `, ''), numerics]];
  });
  return table(['pass', 'what it does', 'numbers'], rows);
}

function targetTable(): string {
  const rows = [...loadTargets().targets.values()].map((t) => [
    t.name,
    t.doc,
    t.isas.map((isa) => isa.name).join(', '),
    t.aliases.join(', '),
  ]);
  return table(['target', 'machine', 'instruction sets', 'also called'], rows);
}

function codeTable(): string {
  const rows = Object.entries(codes).map(([code, info]) => [code, info.title]);
  return table(['code', 'meaning (`qcc explain CODE` tells more)'], rows);
}

/** Million instructions of CMSIS-NN called directly, gcc 12 -Ofast, in the same emulator: shared/research/embedded-anchors.md 4.3. */
const cmsisNn: Readonly<Record<string, readonly number[]>> = {
  'cortex-m4': [0.58, 2.22, 7.84, 29.9, 24.7],
  'cortex-m55': [0.147, 0.408, 1.79, 4.81, 6.43],
};

function microcontrollerTable(): string {
  const costs = recorded();
  const models = [...new Set(costs.map((c) => c.model))];
  const rows = [...new Set(costs.map((c) => c.target))].flatMap((target) => {
    const of = models.map((model) => costs.find((c) => c.model === model && c.target === target));
    const row = (what: string, text: (c: Cost) => string) => [
      `${target}: ${what}`,
      ...of.map((c) => (c === undefined ? '-' : text(c))),
    ];
    const rival = cmsisNn[target];
    return [
      row('million instructions', (c) => (c.instructions / 1e6).toFixed(3)),
      ...(rival === undefined ? [] : [[`${target}: CMSIS-NN, million instructions`, ...rival.map(String)]]),
      row('flash, KB', (c) => (c.flash_bytes / 1000).toFixed(1)),
      row('arena with scratch, KB', (c) => (c.arena_bytes / 1000).toFixed(1)),
    ];
  });
  return table(['one inference', ...models], rows);
}

/** The README with its tables as they must be: each between `<!-- NAME -->` and `<!-- /NAME -->`. */
export async function withTables(readme: string): Promise<string> {
  const tables = {
    microcontrollers: microcontrollerTable(),
    operators: await operatorTable(),
    passes: passTable(),
    targets: targetTable(),
    codes: codeTable(),
  };
  let text = readme;
  for (const [name, content] of Object.entries(tables)) {
    const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [start, end] = [text.indexOf(open), text.indexOf(close)];
    if (start < 0 || end < start)
      throw new Error(`README.md has no place for the table of ${name}: ${open} ... ${close}`);
    text = `${text.slice(0, start + open.length)}\n${content}\n${text.slice(end)}`;
  }
  return text;
}
