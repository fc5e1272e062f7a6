/**
 * A typed wrapper of the shared library for Node: `bindings/<model>.js` and its `.d.ts`, both made of one TypeScript source.
 * Invariant: text from a model file reaches the source only through `JSON.stringify` and `commentText`, names only as made
 * for C. Imported where bindings are asked for and nowhere else: ts-morph is large.
 */
import { ModuleKind, Project, Scope, ScriptTarget, VariableDeclarationKind } from 'ts-morph';
import type { Element } from '../ir/type.js';
import type { IoBuffer, PlacedProgram } from '../program/program.js';
import { commentText } from './c-text.js';
import { type ModelView, meaningText, type TensorView } from './view.js';

/** What `--bindings` makes of a model: path below the build folder -> text. */
export type BindingsMaker = (program: PlacedProgram, view: ModelView) => ReadonlyMap<string, string>;

const arrays: Readonly<Record<Element, string>> = {
  s8: 'Int8Array',
  u8: 'Uint8Array',
  bool: 'Uint8Array',
  s4: 'Int8Array',
  u4: 'Uint8Array',
  s16: 'Int16Array',
  u16: 'Uint16Array',
  s32: 'Int32Array',
  u32: 'Uint32Array',
  s64: 'BigInt64Array',
  u64: 'BigUint64Array',
  f16: 'Uint16Array',
  bf16: 'Float32Array',
  f32: 'Float32Array',
  f64: 'Float64Array',
};

interface Port {
  readonly field: string;
  readonly array: string;
  readonly doc: string;
  /** An object literal. */
  readonly facts: string;
}

export function typescriptBindings(program: PlacedProgram, view: ModelView): ReadonlyMap<string, string> {
  const inputs = program.inputs.map((buffer, i) => port(buffer, view.inputs[i]));
  const outputs = program.outputs.map((buffer, i) => port(buffer, view.outputs[i]));
  const project = new Project({
    useInMemoryFileSystem: true,
    skipLoadingLibFiles: true,
    compilerOptions: { target: ScriptTarget.ES2022, module: ModuleKind.ESNext, declaration: true },
  });
  const path = `${view.model}.ts`;
  const file = project.createSourceFile(path);
  const type = `${pascal(view.model)}Model`;
  file.addImportDeclarations([
    { moduleSpecifier: 'node:url', namedImports: ['fileURLToPath'] },
    { moduleSpecifier: 'koffi', defaultImport: 'koffi' },
  ]);
  for (const [name, ports] of [
    ['Inputs', inputs],
    ['Outputs', outputs],
  ] as const)
    file.addInterface({
      name: `${type}${name}`,
      isExported: true,
      properties: ports.map((p) => ({ name: p.field, type: p.array, docs: [p.doc] })),
    });
  file.addVariableStatement({
    isExported: true,
    declarationKind: VariableDeclarationKind.Const,
    docs: ['What the model is: names, element types, shapes, scales. real = scale * (stored - zeroPoint).'],
    declarations: [{ name: 'model', initializer: `${factsText(program, view, inputs, outputs)} as const` }],
  });
  file.addStatements([statusText, fieldsText(inputs, 'inputFields'), fieldsText(outputs, 'outputFields'), checkText]);
  file.addClass({
    name: type,
    isExported: true,
    docs: [`The model, loaded. Each has an arena of its own (${view.arenaBytes} bytes): one per thread.`],
    properties: [
      { name: 'call', scope: Scope.Private, isReadonly: true, type: '(...pointers: BigUint64Array[]) => number' },
      { name: 'arena', scope: Scope.Private, isReadonly: true, type: 'Uint8Array' },
    ],
    ctors: [
      {
        docs: ['@param library the shared library; left out: the one in the folder above this file'],
        parameters: [{ name: 'library', type: 'string', initializer: defaultLibrary(view.model) }],
        statements: [
          `this.call = koffi.load(library).func(${JSON.stringify(`int ${view.model}_run(const void *in, const void *out, const void *memory)`)});`,
          `const memory = new Uint8Array(${view.arenaBytes + view.arenaAlign});`,
          `this.arena = memory.subarray(Number(-koffi.address(memory) & ${view.arenaAlign - 1}n));`,
        ],
      },
    ],
    methods: [
      {
        name: 'run',
        docs: ['Runs the model once. Writes into `outputs` and returns it; without it, into new arrays.'],
        parameters: [
          { name: 'inputs', type: `${type}Inputs` },
          { name: 'outputs', type: `${type}Outputs`, initializer: `${type}.outputs()` },
        ],
        returnType: `${type}Outputs`,
        statements: [
          "const status = this.call(pointers('input', inputFields, inputs), pointers('output', outputFields, outputs), BigUint64Array.of(koffi.address(this.arena)));",
          `if (status !== 0) throw new Error(${JSON.stringify(`${view.model}: `)} + (statuses[status] ?? 'status ' + status));`,
          'return outputs;',
        ],
      },
      ...(
        [
          ['inputs', 'Inputs', inputs],
          ['outputs', 'Outputs', outputs],
        ] as const
      ).map(([name, suffix, ports]) => ({
        name,
        isStatic: true,
        docs: [`New arrays of the right types and sizes, all zero.`],
        returnType: `${type}${suffix}`,
        statements: [
          `return { ${ports.map((p) => `${p.field}: new ${p.array}(model.${name}.${p.field}.elements)`).join(', ')} };`,
        ],
      })),
    ],
  });
  file.insertText(0, `${['SPDX-License-Identifier: 0BSD', ...view.banner].map((line) => `// ${line}\n`).join('')}\n`);
  return new Map(
    project
      .emitToMemory()
      .getFiles()
      .map(({ filePath, text }) => [`bindings/${filePath.replace(/^.*\//, '')}`, text]),
  );
}

function port(buffer: IoBuffer, view: TensorView): Port {
  const { type } = buffer;
  const affine = type.kind === 'quant' && type.affine.per === 'tensor' && view.isQuantized ? type.affine : undefined;
  const facts = {
    name: buffer.name,
    element: type.element,
    shape: type.shape,
    elements: view.elements,
    ...(affine === undefined ? {} : { scale: affine.scale, zeroPoint: affine.zeroPoint }),
  };
  const real = affine === undefined ? '' : `, ${meaningText(affine)}`;
  return {
    field: view.field,
    array: arrays[type.element],
    doc: `"${commentText(buffer.name)}" ${type.element}[${type.shape.join(',')}]${real}${type.element === 'f16' ? ', bits of IEEE 754 binary16' : ''}`,
    facts: JSON.stringify(facts),
  };
}

function factsText(program: PlacedProgram, view: ModelView, inputs: readonly Port[], outputs: readonly Port[]): string {
  const members = (ports: readonly Port[]) => `{ ${ports.map((p) => `${p.field}: ${p.facts}`).join(', ')} }`;
  const version = `qccVersion: ${view.version}, modelSha256: ${view.sha256}, target: ${JSON.stringify(program.target)}`;
  return `{ ${version}, arenaBytes: ${view.arenaBytes}, inputs: ${members(inputs)}, outputs: ${members(outputs)} }`;
}

/** Array classes by field, in the order of the struct. */
function fieldsText(ports: readonly Port[], name: string): string {
  const model = ports.map((p) => `  [${JSON.stringify(p.field)}, ${p.array}, ${JSON.parse(p.facts).elements}],`);
  return `const ${name}: readonly Field[] = [\n${model.join('\n')}\n];`;
}

const statusText = `type Field = readonly [name: string, array: { readonly name: string }, elements: number];
/** What qcc/status.h says. */
const statuses: { readonly [status: number]: string } = {
  1: 'a pointer is null',
  2: 'the arena is not aligned',
  3: 'this CPU lacks an instruction set the model was compiled for',
  4: 'an output overlaps the arena or an input',
};`;

const checkText = `/** Addresses of the arrays, in the order of the C struct. Nothing is converted: an array of another type is refused. */
function pointers(kind: string, fields: readonly Field[], given: object): BigUint64Array {
  const arrays = new globalThis.Map<string, unknown>(Object.entries(given));
  const addresses = fields.map(([name, array, elements]) => {
    const value = arrays.get(name);
    if (!ArrayBuffer.isView(value) || value.constructor !== array)
      throw new TypeError(\`\${kind} "\${name}" is no \${array.name}\`);
    if (!('length' in value) || value.length !== elements)
      throw new RangeError(\`\${kind} "\${name}" has not \${elements} elements\`);
    return koffi.address(value);
  });
  return BigUint64Array.from(addresses.length === 0 ? [0n] : addresses);
}`;

function defaultLibrary(model: string): string {
  return `fileURLToPath(new URL(process.platform === 'darwin' ? '../lib${model}.dylib' : '../lib${model}.so', import.meta.url))`;
}

/** `kws_int8_qdq` -> `KwsInt8Qdq`. */
function pascal(model: string): string {
  return model.replace(/(?:^|_+)([a-z0-9])/g, (_, first: string) => first.toUpperCase());
}
