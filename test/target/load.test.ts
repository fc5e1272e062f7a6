import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { loadAssets } from '../../src/assets.js';
import { QccError } from '../../src/diagnostics/diagnostic.js';
import { isaCFlags, linkFlags } from '../../src/target/flags.js';
import { buildsNatively, featuresOfCpuinfo, type Host, runsNatively } from '../../src/target/host.js';
import { findTarget, hostDefault, loadTargets } from '../../src/target/load.js';
import { peakOf } from '../../src/target/target.js';

const haswell: Host = { arch: 'x64', platform: 'linux', features: new Set(['sse2', 'avx2', 'fma']) };
const pentium: Host = { arch: 'x64', platform: 'linux', features: new Set(['sse2']) };
const pi: Host = { arch: 'arm64', platform: 'linux', features: new Set(['fp', 'asimd']) };
const mac: Host = { arch: 'x64', platform: 'darwin', features: new Set(['AVX2', 'FMA']) };
const vnni = ['avx512f', 'avx512bw', 'avx512dq', 'avx512vl', 'avx512_vnni'];
const genoa: Host = { ...haswell, features: new Set([...haswell.features, ...vnni]) };
const set = loadTargets(undefined, haswell);

test('the targets and instruction sets of this repository are valid', () => {
  for (const name of ['scalar', 'x86-avx2', 'x86-avx512vnni', 'arm-neon'])
    assert.ok(set.targets.has(name) && set.isas.has(name), name);
  assert.equal(findTarget(set, 'armhf').name, 'armv7-a');
  assert.deepEqual(isaCFlags(findTarget(set, 'armhf')), ['-mfpu=neon']);
  assert.ok(isaCFlags(findTarget(set, 'armhf'), 'clang').includes('-fno-slp-vectorize'));
  for (const target of set.targets.values()) {
    assert.equal(target.isas.at(-1)?.name, 'scalar');
    assert.ok(![...target.cFlags, ...isaCFlags(target)].some((flag) => /native|fast-math/.test(flag)), target.name);
  }
  assert.deepEqual(isaCFlags(findTarget(set, 'x86-avx2')), ['-mavx2', '-mfma']);
});

test('a target is found by name, by alias, in any case', () => {
  assert.equal(findTarget(set, 'RaspberryPi4').name, 'arm-neon');
  assert.equal(findTarget(set, 'haswell').name, 'x86-avx2');
  assert.equal(findTarget(set, 'scalar').name, 'scalar');
});

test('peaks of this repository are of kernels and loops that exist', () => {
  const { runtime, kernels } = loadAssets();
  let known = 0;
  for (const isa of loadTargets().isas.values())
    for (const peak of isa.peaks) {
      known++;
      assert.ok(
        (kernels.get(isa.name) ?? []).some((k) => k.family === peak.family && k.tile === peak.tile),
        `${isa.name}: ${peak.family} ${peak.tile}`,
      );
      const loops = [...runtime].filter(([path]) => path.endsWith('/peak.h')).map(([, text]) => text);
      assert.ok(
        loops.some((text) => text.includes(`qcc_peak_${peak.scheme}(int`) || text.includes(`LOOP(${peak.scheme},`)),
        peak.scheme,
      );
    }
  assert.ok(known > 10);
});

test('the words of preconditions in kernels.def are those that runtime-c/README.md explains', () => {
  const pattern = (word: string) => word.replaceAll(/\d+(?=_|$)/g, '<n>');
  const used = [...loadAssets().kernels.values()].flat().flatMap((kernel) => kernel.needs);
  const readme = readFileSync(new URL('../../runtime-c/README.md', import.meta.url), 'utf8');
  const table = readme.split('## Words of preconditions')[1].split('##')[0];
  const words = [...table.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell]) => [
    ...cell.matchAll(/`([A-Z0-9_<n>]+)`/g),
  ]);
  const explained = new Set(words.map(([, word]) => pattern(word)));
  assert.deepEqual([...new Set(used.map(pattern))].toSorted(), [...explained].toSorted());
});

test('every x86 kernel of convolutions and products has a peak that `qcc bench` states a share of', () => {
  const { kernels } = loadAssets();
  const { isas } = findTarget(set, 'x86-avx512vnni');
  const own = isas.filter(({ name }) => name !== 'scalar').flatMap(({ name }) => kernels.get(name) ?? []);
  const products = own.filter(({ family }) => /^(dw)?conv2d_|matmul|^linear_|^lstm_|^gru_|^rnn_/.test(family));
  assert.ok(products.length > 30);
  const without = products.filter((kernel) => peakOf(isas, kernel) === undefined).map(({ symbol }) => symbol);
  assert.deepEqual(without, []);
});

test('an unknown target lists the known ones and guesses', () => {
  assert.throws(
    () => findTarget(set, 'arm-neom'),
    (e) => {
      assert.ok(e instanceof QccError && e.exitCode === 2);
      const [diagnostic] = e.diagnostics;
      assert.equal(diagnostic.code, 'Q0401');
      assert.match(diagnostic.message, /unknown target "arm-neom".*arm-neon.*scalar.*x86-avx2/);
      assert.match(diagnostic.help ?? '', /did you mean "arm-neon"/);
      return true;
    },
  );
});

test('the default is the best target the CPU runs', () => {
  const byHost = (host: Host) => hostDefault(set, host).name;
  assert.deepEqual([haswell, pentium, pi, mac].map(byHost), ['x86-avx2', 'scalar', 'arm-neon', 'x86-avx2']);
  assert.equal(byHost(genoa), 'x86-avx512vnni');
  assert.equal(byHost({ arch: 'arm', platform: 'linux', features: new Set(['vfpv3', 'neon']) }), 'armv7-a');
  assert.equal(byHost({ arch: 'arm', platform: 'linux', features: new Set(['vfpv3']) }), 'armv7-a-nosimd');
  assert.equal(byHost({ arch: 'riscv64', platform: 'linux', features: new Set() }), 'scalar');
  const avx2 = findTarget(set, 'x86-avx2');
  assert.ok(buildsNatively(avx2, pentium) && !runsNatively(avx2, pentium));
});

test('CPU features are those all cores share', () => {
  const text = 'flags\t\t: fpu avx2 fma\nother: x\nflags\t\t: fpu avx2\n';
  assert.deepEqual([...featuresOfCpuinfo(text)], ['fpu', 'avx2']);
  assert.equal(featuresOfCpuinfo('processor : 0\n').size, 0);
});

test('"host" object format follows the host, cross builds make ELF', () => {
  const onMac = loadTargets(undefined, mac);
  assert.equal(findTarget(onMac, 'x86-avx2').objectFormat, 'macho');
  assert.deepEqual(linkFlags(findTarget(onMac, 'x86-avx2'), ['m.c']), ['-Wl,-dead_strip']);
  assert.equal(findTarget(onMac, 'arm-neon').objectFormat, 'elf');
  assert.equal(findTarget(set, 'scalar').objectFormat, 'elf');
});

const scalarIsa = '{"name":"scalar","doc":"d","cFlags":[],"guard":"1"}';
const scalarTarget = '{"name":"scalar","doc":"d","isas":["scalar"],"objectFormat":"host"}';

/** Loads a runtime-c folder made of these files on top of a valid scalar pair. */
function load(files: Readonly<Record<string, string>>) {
  const root = mkdtempSync(join(tmpdir(), 'qcc-targets-'));
  try {
    const all = { 'isa/scalar/isa.json': scalarIsa, 'target/scalar.json': scalarTarget, ...files };
    for (const [name, text] of Object.entries(all)) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), text);
    }
    return loadTargets(root, haswell);
  } finally {
    rmSync(root, { recursive: true });
  }
}

test('a new folder and a new file are all it takes', () => {
  const more = load({
    'isa/x/isa.json': '{"name":"x","extends":"scalar","doc":"d","cFlags":["-mx"],"guard":"defined(X)"}',
    'target/board.json':
      '{"name":"board","doc":"d","isas":["x","scalar"],"objectFormat":"elf","hostArch":[],"triple":"x-none","aliases":["b1"]}',
  });
  assert.deepEqual(isaCFlags(findTarget(more, 'b1')), ['-mx']);
});

const bad: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
  ['syntax', { 'isa/scalar/isa.json': '{\n "name": \n}' }, /isa\/scalar\/isa\.json(:3)?: not JSON/],
  ['no object', { 'isa/scalar/isa.json': '[]' }, /expected one JSON object, found an array/],
  ['wrong name', { 'target/s.json': scalarTarget }, /target\/s\.json:1: field "name": is "scalar"/],
  [
    'missing field',
    { 'isa/scalar/isa.json': '{"name":"scalar","doc":"d","cFlags":[]}' },
    /field "guard": expected a non-empty string, it is missing/,
  ],
  [
    'unknown field',
    { 'isa/scalar/isa.json': '{"name":"scalar","doc":"d","cFlags":[],"guard":"1",\n"cflags":[]}' },
    /isa\.json:2: field "cflags": unknown field/,
  ],
  [
    'wrong item',
    { 'isa/scalar/isa.json': '{"name":"scalar","doc":"d",\n\n"cFlags":["-a",3],"guard":"1"}' },
    /isa\.json:3: field "cFlags\[1\]": expected a non-empty string, found 3/,
  ],
  [
    'a number of shapes that is none',
    { 'isa/scalar/isa.json': '{"name":"scalar","doc":"d","cFlags":[],"guard":"1",\n"shapesWorthSharing":0}' },
    /isa\.json:2: field "shapesWorthSharing": expected a whole number of at least 1, found 0/,
  ],
  [
    'a peak of no kernel',
    {
      'isa/scalar/isa.json':
        '{"name":"scalar","doc":"d","cFlags":[],"guard":"1",\n"peaks":{"fma":["conv2d_f32 3x4","conv2d_f32"]}}',
    },
    /field "peaks\.fma\[1\]": expected a kernel as "family tile"/,
  ],
  [
    'unknown ISA',
    { 'target/scalar.json': scalarTarget.replace('["scalar"]', '["mmx"]') },
    /field "isas\[0\]": there is no folder isa\/mmx/,
  ],
  [
    'broken chain',
    { 'target/scalar.json': scalarTarget.replace('["scalar"]', '["scalar","scalar"]') },
    /"scalar" extends nothing, but "scalar" follows/,
  ],
  [
    'object format',
    { 'target/scalar.json': scalarTarget.replace('host', 'exe') },
    /expected "elf" or "macho" or "coff" or "host", found "exe"/,
  ],
  [
    'no triple',
    { 'target/scalar.json': scalarTarget.replace('"doc"', '"hostArch":["x64"],"doc"') },
    /field "hostArch".*needs a "triple"/,
  ],
  [
    'nested unknown',
    { 'target/scalar.json': scalarTarget.replace('"doc"', '"compilers":{"icc":"icc"},"doc"') },
    /field "compilers\.icc": unknown field/,
  ],
  [
    'alias twice',
    { 'target/t.json': scalarTarget.replace('"scalar"', '"t"').replace('"doc"', '"aliases":["scalar"],"doc"') },
    /"scalar" already means target "scalar"/,
  ],
];
for (const [what, files, message] of bad)
  test(`an invalid description is refused: ${what}`, () => {
    assert.throws(
      () => load(files),
      (e) => e instanceof QccError && e.diagnostics[0].code === 'Q0402' && message.test(e.message),
    );
  });
