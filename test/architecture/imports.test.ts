/**
 * The import law (DESIGN 2). The parts of the compiler stand in one order; a part imports itself and parts before it,
 * and of those only what its row allows. So no two parts can need each other.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { resolved, type Source, sourcesBelow } from './sources.js';

interface Part {
  readonly name: string;
  /** Files of the part; the first part that matches a file owns it. */
  readonly files: RegExp;
  readonly mayImport: readonly string[];
}

const everyOp = '^src/ops/[^/]+/';
const graphLevel = ['types', 'diagnostics', 'quant', 'op', 'op definitions', 'ir'];
const parts: readonly Part[] = [
  { name: 'diagnostics', files: /^src\/diagnostics\//, mayImport: [] },
  { name: 'types', files: /^src\/ir\/type\.ts$/, mayImport: [] },
  { name: 'op', files: /^src\/ir\/op\.ts$/, mayImport: ['types'] },
  { name: 'quant', files: /^src\/quant\//, mayImport: ['types'] },
  {
    name: 'op definitions',
    files: new RegExp(
      String.raw`${everyOp}(op|quantized|residual)\.ts$|^src/ops/(index|broadcast|moves|permute|planes|recurrent|window)\.ts$`,
    ),
    mayImport: ['types', 'op', 'quant'],
  },
  { name: 'ir', files: /^src\/ir\//, mayImport: ['types', 'diagnostics', 'quant', 'op', 'op definitions'] },
  {
    name: 'program',
    files: /^src\/program\/(?!build\.ts)/,
    mayImport: ['types', 'diagnostics', 'ir'],
  },
  { name: 'target', files: /^src\/target\//, mayImport: ['diagnostics', 'program'] },
  { name: 'onnx', files: /^src\/onnx\/(?!(import|export)\.ts)/, mayImport: graphLevel },
  {
    name: 'op importers',
    files: new RegExp(
      String.raw`${everyOp}(([a-z0-9-]+-)?import|fully-connected)\.ts$|^src/ops/(arithmetic|dynamic-import|layout|quantized-import|recurrent-import|spatial|volume)\.ts$`,
    ),
    mayImport: [...graphLevel, 'onnx'],
  },
  {
    name: 'op exporters',
    files: new RegExp(String.raw`${everyOp}export\.ts$|^src/ops/recurrent-export\.ts$`),
    mayImport: [...graphLevel, 'onnx', 'op importers'],
  },
  { name: 'rules of ops', files: /^src\/ops\/(dynamic|move|quant|transposed|view)-forms\.ts$/, mayImport: graphLevel },
  {
    name: 'op lowerings',
    files: new RegExp(
      String.raw`${everyOp}(lower|bounds|constants|linear|pairs|run-time|ties|weights|work)\.ts$|^src/ops/(any|element-codes|epilogue|fixed-scales|loops|lowering|[a-z0-9-]+-lower)\.ts$`,
    ),
    mayImport: [...graphLevel, 'program', 'target'],
  },
  {
    name: 'op samples',
    files: new RegExp(String.raw`${everyOp}samples\.ts$|^src/ops/recurrent-samples\.ts$`),
    mayImport: graphLevel,
  },
  {
    name: 'tables of ops',
    files: /^src\/ops\/(import|lower|export)-table\.ts$/,
    mayImport: ['ir', 'onnx', 'op importers', 'op exporters', 'op lowerings'],
  },
  {
    name: 'tflite files',
    files: /^src\/tflite\/(decode|flat-file|model|operator-names|schema)\.ts$/,
    mayImport: ['diagnostics'],
  },
  { name: 'tflite', files: /^src\/tflite\//, mayImport: [...graphLevel, 'tflite files'] },
  { name: 'import', files: /^src\/onnx\/(import|export)\.ts$/, mayImport: [...graphLevel, 'onnx', 'tables of ops'] },
  {
    name: 'program builder',
    files: /^src\/program\/build\.ts$/,
    mayImport: [...graphLevel, 'program', 'target', 'op lowerings'],
  },
  {
    name: 'passes',
    files: /^passes\//,
    mayImport: [...graphLevel, 'program', 'target', 'rules of ops', 'op lowerings', 'tables of ops', 'program builder'],
  },
  { name: 'pipeline', files: /^src\/pipeline\.ts$/, mayImport: ['ir', 'passes'] },
  { name: 'emit', files: /^src\/emit\//, mayImport: ['types', 'diagnostics', 'ir', 'program', 'target'] },
  { name: 'report', files: /^src\/report\//, mayImport: ['emit'] },
  { name: 'arrays', files: /^src\/npy(-header)?\.ts$/, mayImport: ['types', 'diagnostics', 'quant', 'ir'] },
  { name: 'data', files: /^src\/data\//, mayImport: ['types', 'diagnostics', 'quant', 'ir', 'onnx', 'arrays'] },
  { name: 'assets', files: /^src\/(assets|version)\.ts$/, mayImport: ['program', 'target'] },
  { name: 'files', files: /^src\/files\.ts$/, mayImport: ['diagnostics'] },
  { name: 'toolchain', files: /^src\/toolchain\//, mayImport: ['diagnostics', 'target'] },
  { name: 'audit', files: /^src\/audit\//, mayImport: ['diagnostics', 'onnx', 'tflite files'] },
  {
    name: 'quantizer',
    files: /^src\/quantizer\.ts$/,
    mayImport: [...graphLevel, 'onnx', 'import', 'passes', 'pipeline'],
  },
  {
    name: 'analysis',
    files: /^src\/analysis\//,
    mayImport: [...graphLevel, 'passes', 'quantizer'],
  },
  {
    name: 'compiler',
    files: /^src\/compiler\.ts$/,
    mayImport: [
      ...graphLevel,
      'onnx',
      'tflite',
      'tflite files',
      'import',
      'program',
      'target',
      'passes',
      'pipeline',
      'quantizer',
      'emit',
      'assets',
    ],
  },
  {
    name: 'library',
    files: /^src\/index\.ts$/,
    mayImport: ['types', 'diagnostics', 'ir', 'program', 'onnx', 'target', 'emit', 'assets', 'files', 'compiler'],
  },
  {
    name: 'cli',
    files: /^src\/cli\//,
    mayImport: [
      ...graphLevel,
      'onnx',
      'tflite',
      'tflite files',
      'program',
      'target',
      'tables of ops',
      'pipeline',
      'emit',
      'report',
      'arrays',
      'data',
      'assets',
      'files',
      'toolchain',
      'quantizer',
      'analysis',
      'audit',
      'compiler',
    ],
  },
];

const sources = sourcesBelow('src', 'passes');
const importsOf = ({ path, imports }: Source): string[] => imports.flatMap((i) => resolved(path, i.specifier) ?? []);
const partOf = (path: string): number => parts.findIndex((part) => part.files.test(path));

test('every file belongs to a part of the compiler', () => {
  const homeless = sources.map(({ path }) => path).filter((path) => partOf(path) < 0);
  assert.deepEqual(homeless, [], 'say in this file where they belong and what they may import');
});

test('parts stand in one order: a row allows only rows above it', () => {
  const wrong = parts.flatMap((part, i) =>
    part.mayImport.filter((name) => {
      const at = parts.findIndex((p) => p.name === name);
      return at < 0 || at >= i;
    }),
  );
  assert.deepEqual(wrong, []);
});

test('files import only what their part may', () => {
  const violations: string[] = [];
  for (const source of sources) {
    const { path } = source;
    const from = parts[partOf(path)];
    for (const imported of importsOf(source)) {
      const to = parts[partOf(imported)];
      if (to === undefined) violations.push(`${path} imports ${imported}, which is not the compiler's`);
      else if (to !== from && !from.mayImport.includes(to.name))
        violations.push(`${path} (${from.name}) imports ${imported} (${to.name})`);
    }
  }
  assert.deepEqual(violations, []);
});

test('passes do not import each other', () => {
  const violations = sources
    .filter(({ path }) => path.startsWith('passes/'))
    .flatMap((source) => importsOf(source).filter((imported) => imported.startsWith('passes/')));
  assert.deepEqual(violations, []);
});

/** Who alone may use a package or a part of Node. */
const owners: readonly { readonly module: RegExp; readonly files: RegExp }[] = [
  { module: /^(onnx-proto|protobufjs)/, files: /^src\/onnx\/(decode|encode)\.ts$/ },
  { module: /^flatbuffers$/, files: /^src\/tflite\/flat-file\.ts$/ },
  { module: /^execa$/, files: /^src\/toolchain\// },
  { module: /^yargs/, files: /^src\/cli\// },
  { module: /^handlebars$/, files: /^src\/emit\/render\.ts$/ },
  { module: /^(pngjs|jpeg-js)$/, files: /^src\/data\// },
  { module: /^fflate$/, files: /^src\/(data\/|emit\/package\/cmsis-pack\.ts)/ },
  { module: /^picocolors$/, files: /^src\/diagnostics\/render\.ts$/ },
  {
    module: /^node:(fs|child_process|process|os|net|http|https|readline|worker_threads)/,
    files: /^src\/(cli\/|data\/|toolchain\/|target\/(load|host)\.ts|onnx\/external\.ts|(files|assets|version)\.ts)/,
  },
];

test('packages and the system are used by their owners only, so that compile() stays pure', () => {
  const violations = sources.flatMap(({ path, imports }) =>
    imports
      .filter(({ specifier }) => owners.some((o) => o.module.test(specifier) && !o.files.test(path)))
      .map(({ specifier }) => `${path} imports ${specifier}`),
  );
  assert.deepEqual(violations, []);
});

test('no file of the compiler needs a file that needs it back', () => {
  // Types cost nothing, and a dynamic import waits until it is called: neither can be needed before it is there.
  const edges = new Map(
    sources.map(({ path, imports }) => [
      path,
      imports.filter((i) => !i.isType).flatMap((i) => resolved(path, i.specifier) ?? []),
    ]),
  );
  const state = new Map<string, 'open' | 'done'>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === 'done') return;
    if (state.get(path) === 'open') {
      cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
      return;
    }
    state.set(path, 'open');
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    state.set(path, 'done');
  };
  for (const path of edges.keys()) visit(path, []);
  assert.deepEqual(cycles, []);
});
