/**
 * `npm run gen`: writes what is derived from the sources: the tables of importers and lowerings, and with `--readme`, as
 * npm runs it, the tables of the README. `--check` writes nothing and fails if a file is stale.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);
const opsFolder = new URL('src/ops/', root);

function camel(folder: string): string {
  return folder.replace(/-(\w)/g, (_, c: string) => c.toUpperCase());
}

function foldersWith(file: string): string[] {
  return readdirSync(opsFolder, { withFileTypes: true })
    .filter((e) => e.isDirectory() && existsSync(new URL(`${e.name}/${file}`, opsFolder)))
    .map((e) => e.name)
    .sort();
}

function importTable(): string {
  const folders = foldersWith('import.ts');
  return `/** ONNX operators by name: written by \`npm run gen\` from the folders that have an import.ts. Do not edit. */
import type { Importer, Importers } from '../onnx/importer.js';
${folders.map((f) => `import { importers as ${camel(f)} } from './${f}/import.js';`).join('\n')}

const table: ReadonlyMap<string, Importer> = new Map(
  [${folders.map(camel).join(', ')}].flatMap((importers: Importers) => Object.entries(importers)),
);

/** The importer of an operator; undefined if it is not supported. */
export function importerOf(domain: string, operator: string): Importer | undefined {
  return table.get(domain === '' ? operator : \`\${domain}.\${operator}\`);
}

/** Every supported operator, sorted; other domains than ONNX's own are a prefix. */
export function operatorNames(): string[] {
  return [...table.keys()].sort();
}
`;
}

function lowerTable(): string {
  const folders = foldersWith('lower.ts');
  return `/** Lowerings by op: written by \`npm run gen\` from the folders that have a lower.ts. Do not edit. */
import type { AnyNode } from '../ir/graph.js';
import { type LowerContext, NoKernel } from './lowering.js';
${folders.map((f) => `import { lower as ${camel(f)} } from './${f}/lower.js';`).join('\n')}

/** Emits the kernel steps of one node. */
export function lowerNode(node: AnyNode, cx: LowerContext): void {
  switch (node.kind) {
${folders.map((f) => `    case '${f}':\n      return ${camel(f)}(node, cx);`).join('\n')}
    default:
      throw new NoKernel(\`no kernel computes \${node.kind} of \${node.operands.map((v) => v.type.element).join(', ')}\`);
  }
}
`;
}

function exportTable(): string {
  const folders = foldersWith('export.ts');
  return `/** Exporters by op: written by \`npm run gen\` from the folders that have an export.ts. Do not edit. */
import type { AnyNode } from '../ir/graph.js';
import type { ExportContext } from '../onnx/exporter.js';
${folders.map((f) => `import { exportNode as ${camel(f)} } from './${f}/export.js';`).join('\n')}

/** Writes the ONNX operators of one node. */
export function exportNode(node: AnyNode, cx: ExportContext): void {
  cx.begin(node);
  switch (node.kind) {
${folders.map((f) => `    case '${f}':\n      return ${camel(f)}(node, cx);`).join('\n')}
    default:
      return cx.refuse(\`\${node.kind}\`);
  }
}
`;
}

const outputs: (readonly [string, string])[] = [
  ['src/ops/import-table.ts', importTable()],
  ['src/ops/lower-table.ts', lowerTable()],
  ['src/ops/export-table.ts', exportTable()],
];
if (process.argv.includes('--readme')) {
  // Loaded late: it imports the tables that may just have become stale.
  const { withTables } = await import('./readme-tables.js');
  outputs.push(['README.md', await withTables(readFileSync(new URL('README.md', root), 'utf8'))]);
}

let stale = 0;
for (const [path, text] of outputs) {
  const file = new URL(path, root);
  const old = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (old === text) continue;
  stale++;
  if (process.argv.includes('--check')) console.error(`${path} is stale: run npm run gen`);
  else writeFileSync(file, text);
}
if (process.argv.includes('--check') && stale > 0) process.exit(1);
