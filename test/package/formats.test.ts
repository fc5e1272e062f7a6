// needs: c-compiler cmake firmware xmllint
/** `--package`: each format against its own rules, compiled as its build system would, and audited. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { unzipSync } from 'fflate';
import { loadAssets } from '../../src/assets.js';
import { packageInfo as parsedInfo } from '../../src/cli/package-options.js';
import { compile } from '../../src/compiler.js';
import type { PackageKind } from '../../src/emit/package.js';
import { writeTree } from '../../src/files.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { audited } from '../audit/tampered.js';
import { fashion, firmwareFashion, qcc, root, shared } from '../cli/command.js';
import { run, strict } from '../generated-c/emitted.js';

const dir = mkdtempSync(join(tmpdir(), 'qcc-packages-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const schemas = new URL('schemas/', import.meta.url);
const model = readFileSync(fashion);
const assets = loadAssets();
const targets = loadTargets();
const m4 = ['-mcpu=cortex-m4', '-mthumb', '-mfloat-abi=hard'];

const packageInfo = { version: '1.4.0', vendor: 'acme', url: 'https://example.org/net' };

/** Writes a package as the command line does; its folder. */
function made(
  kind: PackageKind,
  target: string,
  selftest = false,
  bytes: Uint8Array = model,
  ioInArena = false,
): string {
  const emit = { singleFile: false, allowIncbin: true, package: kind, packageInfo, selftest };
  const options = { emit, ...(ioInArena ? { ioInArena } : {}) };
  const { emitted } = compile({ model: bytes, fileName: 'fashion.onnx' }, findTarget(targets, target), assets, options);
  const folder = join(dir, `${kind}-${target}`);
  writeTree(folder, emitted.files);
  const contents = [...emitted.files].map(([path, c]) => [path, typeof c === 'string' ? Buffer.from(c) : c] as const);
  const report = audited({ model: bytes, files: new Map(contents) });
  assert.deepEqual([report.findings, report.derived > 0], [[], true]);
  return folder;
}

function succeeds(command: readonly string[], cwd: string): string {
  const { code, said } = run(command, cwd);
  assert.equal(code, 0, `${command.join(' ')}\n${said}`);
  return said;
}

const text = (folder: string, path: string) => readFileSync(join(folder, path), 'utf8');

/** Maps of scalars, indented by two blanks: all the YAML our packages have. */
function yaml(source: string): Map<string, string> {
  const found = new Map<string, string>();
  const path: string[] = [];
  for (const line of source.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const parts = /^((?: {2})*)([\w.-]+):(?: (.*))?$/.exec(line);
    assert.ok(parts !== null, `no YAML of ours: ${line}`);
    path.splice(parts[1].length / 2);
    path.push(parts[2]);
    if (parts[3] !== undefined) found.set(path.join('.'), parts[3].replace(/^"(.*)"$/, '$1'));
  }
  return found;
}

/** Every value matches the pattern of its member, and there is no other. */
function fits(values: ReadonlyMap<string, string>, schema: string): void {
  const patterns = new Map<string, string>();
  const collect = (value: unknown, at: readonly string[]): void => {
    if (typeof value === 'string') patterns.set(at.join('.'), value);
    else if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) collect(inner, [...at, key]);
  };
  collect(JSON.parse(readFileSync(new URL(schema, schemas), 'utf8')), []);
  for (const [key, value] of values) {
    const pattern = patterns.get(key);
    assert.ok(pattern !== undefined, `${schema} has no "${key}"`);
    assert.match(value, new RegExp(pattern), key);
  }
}

/** A rule that nothing breaks is none: the package with any of these changes is refused. */
function refuses(
  values: ReadonlyMap<string, string>,
  schema: string,
  changes: readonly (readonly [string, string])[],
): void {
  for (const [key, value] of changes)
    assert.throws(() => fits(new Map([...values, [key, value]]), schema), assert.AssertionError, `${key}: ${value}`);
}

/** A CMake project that offers what a firmware framework does, for a bare-metal compiler. */
function buildsInFramework(
  folder: string,
  functions: string,
  compiler: string,
  flags: readonly string[],
  sub = '',
): void {
  const project = `${folder}-project`;
  writeTree(
    project,
    new Map([
      ['manifest.json', '{"qcc":"","files":[]}'],
      [
        'CMakeLists.txt',
        `cmake_minimum_required(VERSION 3.13)
project(firmware C)
${functions}
add_subdirectory("${join(folder, sub)}" component)
`,
      ],
    ]),
  );
  const settings = [
    '-DCMAKE_SYSTEM_NAME=Generic',
    `-DCMAKE_C_COMPILER=${compiler}`,
    '-DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY',
    `-DCMAKE_C_FLAGS=${flags.join(' ')}`,
  ];
  succeeds(['cmake', '-S', project, '-B', `${project}/build`, ...settings], dir);
  succeeds(['cmake', '--build', `${project}/build`], dir);
}

test('cmake: installed, found by another project, and its self-test passes there', () => {
  const folder = made('cmake', 'scalar', true);
  const consumer = join(dir, 'consumer');
  writeTree(
    consumer,
    new Map([
      ['manifest.json', '{"qcc":"","files":[]}'],
      [
        'CMakeLists.txt',
        `cmake_minimum_required(VERSION 3.13)
project(consumer C)
find_package(qcc_fashion 1.2 REQUIRED)
add_executable(consumer main.c)
target_link_libraries(consumer PRIVATE qcc_fashion::qcc_fashion)
`,
      ],
      [
        'main.c',
        `#include <fashion.h>
static _Alignas(FASHION_ARENA_ALIGN) unsigned char arena[FASHION_ARENA_BYTES];
static float scores[16];
int main(void) {
  const struct fashion_outputs out = {scores};
  const struct fashion_memory memory = {arena};
  return fashion_selftest(&out, &memory);
}
`,
      ],
    ]),
  );
  succeeds(['cmake', '-S', folder, '-B', 'b1', `-DCMAKE_INSTALL_PREFIX=${dir}/prefix`], dir);
  succeeds(['cmake', '--build', 'b1', '--target', 'install'], dir);
  succeeds(['cmake', '-S', consumer, '-B', 'b2', `-DCMAKE_PREFIX_PATH=${dir}/prefix`], dir);
  succeeds(['cmake', '--build', 'b2'], dir);
  succeeds([join(dir, 'b2/consumer')], dir);
  // A newer one than there is: the version file is read.
  const wanting = text(consumer, 'CMakeLists.txt').replace('qcc_fashion 1.2', 'qcc_fashion 9.9');
  writeFileSync(join(consumer, 'CMakeLists.txt'), wanting);
  const refused = run(['cmake', '-S', consumer, '-B', 'b2'], dir);
  assert.deepEqual([refused.code === 0, /compatible with requested version "9.9"/.test(refused.said)], [false, true]);
});

test('zephyr: a module whose parts are where it says, compiled where its option is on', () => {
  const folder = made('zephyr', 'cortex-m4');
  const yml = yaml(text(folder, 'zephyr/module.yml'));
  fits(yml, 'zephyr-module.json');
  refuses(yml, 'zephyr-module.json', [
    ['build.cmake', '/zephyr'],
    ['build.sources', 'fashion.c'],
    ['name', 'a b'],
  ]);
  assert.ok(readdirSync(join(folder, yml.get('build.cmake') ?? '')).includes('CMakeLists.txt'));
  const kconfig = text(folder, yml.get('build.kconfig') ?? '');
  assert.match(kconfig, /^config QCC_FASHION\n\tbool ".+"\n(\timply \w+( if \w+)?\n)?\thelp\n(\t {2}\S.*\n)+$/m);
  buildsInFramework(
    folder,
    `set(CONFIG_QCC_FASHION y)
macro(zephyr_include_directories)
  include_directories(\${ARGN})
endmacro()
macro(zephyr_library_named name)
  set(ZEPHYR_CURRENT_LIBRARY \${name})
  add_library(\${name} STATIC "")
endmacro()
function(zephyr_library_sources)
  target_sources(\${ZEPHYR_CURRENT_LIBRARY} PRIVATE \${ARGN})
endfunction()
function(zephyr_library_compile_options)
  target_compile_options(\${ZEPHYR_CURRENT_LIBRARY} PRIVATE \${ARGN})
endfunction()`,
    'arm-none-eabi-gcc',
    ['-std=c99', '-Os', ...m4],
    'zephyr',
  );
});

test('esp-idf: a component', () => {
  const folder = made('esp-idf', 'riscv32');
  const yml = yaml(text(folder, 'idf_component.yml'));
  fits(yml, 'idf-component.json');
  refuses(yml, 'idf-component.json', [
    ['version', '1.4'],
    ['licence', 'MIT'],
    ['dependencies.idf', 'newest'],
  ]);
  buildsInFramework(
    folder,
    `function(idf_component_register)
  cmake_parse_arguments(A "" "" "SRCS;INCLUDE_DIRS" \${ARGN})
  if(A_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "unknown: \${A_UNPARSED_ARGUMENTS}")
  endif()
  set(COMPONENT_LIB __idf_fashion PARENT_SCOPE)
  add_library(__idf_fashion STATIC \${A_SRCS})
  target_include_directories(__idf_fashion PUBLIC \${A_INCLUDE_DIRS})
endfunction()`,
    'riscv64-unknown-elf-gcc',
    ['-std=gnu17', '-Og', '-march=rv32imc', '-mabi=ilp32', '--specs=picolibc.specs'],
  );
});

test('arduino: a library by the rules of arduino-lint, and its sketch compiles as C++', () => {
  // Inputs and outputs of the one sketch are arrays of its own, of the other they lie in the arena.
  for (const isInside of [false, true]) sketch(made('arduino', 'cortex-m4', false, model, isInside));
});

function sketch(folder: string): void {
  const properties = new Map(
    text(folder, 'library.properties')
      .trim()
      .split('\n')
      .map((line): [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const rules: unknown = JSON.parse(readFileSync(new URL('arduino-library.json', schemas), 'utf8'));
  assert.ok(typeof rules === 'object' && rules !== null && 'required' in rules && Array.isArray(rules.required));
  for (const key of rules.required) assert.ok(properties.has(String(key)), String(key));
  const given = new Map([...properties].map(([key, value]) => [`patterns.${key}`, value]));
  fits(given, 'arduino-library.json');
  refuses(given, 'arduino-library.json', [
    ['patterns.version', '1.4'],
    ['patterns.name', 'Arduino net'],
    ['patterns.category', 'Networks'],
    ['patterns.licence', 'MIT'],
  ]);
  assert.ok(readdirSync(join(folder, 'src')).includes(properties.get('includes') ?? ''));
  for (const file of ['fashion.c', 'fashion_weights.c'])
    succeeds(['arm-none-eabi-gcc', '-std=gnu11', '-Os', ...m4, ...strict, '-c', `src/${file}`, '-o', 'x.o'], folder);
  const stub = join(dir, 'stub');
  writeTree(
    stub,
    new Map([
      ['manifest.json', '{"qcc":"","files":[]}'],
      [
        'Arduino.h',
        `#include <stdint.h>
struct Port { void begin(long); template <class T> void print(T); template <class T> void println(T); void println(double, int); };
extern Port Serial;
unsigned long micros();
void delay(unsigned long);
void setup();
void loop();
`,
      ],
    ]),
  );
  succeeds(
    [
      'arm-none-eabi-g++',
      '-std=gnu++11',
      '-Wall',
      '-Wextra',
      '-Werror',
      ...m4,
      '-include',
      join(stub, 'Arduino.h'),
      '-Isrc',
      '-x',
      'c++',
      '-c',
      'examples/Run/Run.ino',
      '-o',
      'x.o',
    ],
    folder,
  );
}

test('cmsis-pack: a description that its schema accepts, and an archive with everything in it', () => {
  const folder = made('cmsis-pack', 'cortex-m4');
  const xsd = new URL('pdsc.xsd', schemas).pathname;
  succeeds(['xmllint', '--noout', '--schema', xsd, 'acme.fashion.pdsc'], folder);
  const archive = unzipSync(readFileSync(join(folder, 'acme.fashion.1.4.0.pack')));
  for (const [path, content] of Object.entries(archive))
    assert.ok(readFileSync(join(folder, path)).equals(content), path);
  for (const [, path] of text(folder, 'acme.fashion.pdsc').matchAll(/ name="([^"]+\.[ch])"/g))
    assert.ok(path in archive, path);
  assert.ok('qcc/base.h' in archive && 'LICENSE' in archive && 'acme.fashion.pdsc' in archive);
  // The rules themselves are rules: a broken description is refused.
  writeFileSync(join(folder, 'bad.pdsc'), text(folder, 'acme.fashion.pdsc').replace('Cversion="1.4.0"', ''));
  assert.notEqual(run(['xmllint', '--noout', '--schema', xsd, 'bad.pdsc'], folder).code, 0);
});

test('clang of the family of armclang compiles a package too', () => {
  const folder = made('cmake', 'cortex-m4');
  for (const file of ['fashion.c', 'fashion_weights.c'])
    succeeds(
      [
        'clang-16',
        '--target=thumbv7em-none-eabihf',
        '-mcpu=cortex-m4',
        '-std=c11',
        '-O2',
        '-ffreestanding',
        ...strict,
        '-c',
        file,
        '-o',
        'x.o',
      ],
      folder,
    );
});

test('large weights are C text in a package, and the same input gives the same bytes', () => {
  const large = readFileSync(join(shared, 'models/peers/mobilenetv2.qdq_u8.onnx'));
  const options = { emit: { singleFile: false, allowIncbin: true, package: 'cmsis-pack' } } as const;
  const once = () =>
    compile({ model: large, fileName: 'm.onnx' }, findTarget(targets, 'scalar'), assets, options).emitted.files;
  const [files, again] = [once(), once()];
  assert.deepEqual(
    [...files.keys()].filter((path) => /\.bin$|^host/.test(path)),
    [],
  );
  assert.deepEqual([...again.keys()], [...files.keys()]);
  assert.ok(Buffer.from(files.get('qcc.m.1.0.0.pack') ?? '').equals(Buffer.from(again.get('qcc.m.1.0.0.pack') ?? '')));
});

test('the command line: sources and nothing else', () => {
  const built = qcc(['build', firmwareFashion, '--target', 'cortex-m4', '--package', 'zephyr', '-o', join(dir, 'cli')]);
  assert.equal(built.status, 0, built.stderr);
  assert.ok(readdirSync(join(dir, 'cli')).includes('zephyr'));
  for (const kind of ['arduino', 'cmsis-pack', 'esp-idf'] as const) {
    const options = { emit: { singleFile: false, allowIncbin: true, package: kind } };
    const { files } = compile({ model, fileName: 'm.onnx' }, findTarget(targets, 'scalar'), assets, options).emitted;
    for (const [path, content] of files)
      if (/properties$|pdsc$|yml$/.test(path))
        assert.doesNotMatch(String(content), /https?:\/\/(?!www\.w3\.org)/, path);
  }
  assert.throws(() => parsedInfo({ package: 'cmake', packageVersion: '1.2' }), { exitCode: 2 });
  assert.throws(() => parsedInfo({ package: 'cmake', packageVendor: 'a b' }), { exitCode: 2 });
  assert.throws(() => parsedInfo({ package: 'arduino', packageUrl: 'acme.org' }), { exitCode: 2 });
  assert.throws(() => parsedInfo({ packageVersion: '1.2.3' }), { exitCode: 2 });
  const refused = qcc(['build', fashion, '--package', 'cmake', '--emit', 'exe', '-o', join(dir, 'cli2')]);
  assert.equal(refused.status, 2);
  assert.match(refused.stderr, /Q0605.*--package cmake/);
  assert.equal(qcc(['build', fashion, '--package', 'yocto', '-o', join(dir, 'cli3')]).status, 2);
  assert.ok(readdirSync(root).length > 0);
});
