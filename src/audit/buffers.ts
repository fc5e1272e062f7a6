/** Memory: every range inside its buffer, every buffer inside the arena, pointers in the C where the manifest says. */
import type { CConstant } from './c-constants.js';
import type { CProgram, CStep, Pointer } from './c-program.js';
import type { Findings } from './findings.js';
import type { ClaimedArg, ClaimedBuffer, ClaimedStep, Manifest } from './manifest.js';
import { auditMemory } from './memory.js';
import { auditParts } from './parts.js';

/** @param header text of <model>.h. */
export function auditBuffers(
  manifest: Manifest,
  { steps: program, parts }: CProgram,
  constants: ReadonlyMap<string, CConstant>,
  header: string,
  findings: Findings,
): void {
  const buffers = new Map(manifest.buffers.map((b) => [b.name, b]));
  // Constants of equal bytes share a symbol.
  const own = manifest.buffers.filter((b) => b.role !== 'constant').map((b) => b.name);
  if (new Set(own).size !== own.length) findings.add('Q0645', 'two buffers have one name');
  for (const [macro, value] of [
    ['ARENA_BYTES', manifest.arenaBytes],
    ['ARENA_ALIGN', manifest.arenaAlign],
  ] as const)
    if (!new RegExp(`^#define \\w+_${macro} ${value}$`, 'm').test(header))
      findings.add('Q0646', `the header's ${macro} is not ${value}`);
  if (manifest.arenaLowerBound > manifest.arenaBytes)
    findings.add('Q0645', `an arena of ${manifest.arenaBytes} bytes is below its lower bound`);
  for (const buffer of manifest.buffers)
    if (buffer.offset !== undefined && buffer.offset + buffer.bytes > manifest.arenaBytes)
      findings.add('Q0645', `"${buffer.name}" ends at ${buffer.offset + buffer.bytes}, behind the arena`);
  auditRegions(manifest, header, findings);
  auditIo(manifest, header, findings);
  for (const step of manifest.steps) {
    const emitted = program[step.index];
    if (emitted === undefined) continue;
    if (emitted.kernel !== step.kernel)
      findings.add('Q0646', `the C calls ${emitted.kernel}, not ${step.kernel}`, step);
    if (emitted.pointers.length !== step.args.length)
      findings.add('Q0646', `the C passes ${emitted.pointers.length} pointers, not ${step.args.length}`, step);
    for (const [i, arg] of step.args.entries()) {
      const buffer = arg.buffer === undefined ? undefined : buffers.get(arg.buffer);
      if (arg.buffer !== undefined && buffer === undefined)
        findings.add('Q0645', `"${arg.name}" is in a buffer that is not listed`, step);
      if (!pointsAt(emitted.pointers[i], arg, buffer, constants))
        findings.add('Q0646', `the pointer "${arg.name}" in the C is another one`, step);
      if (buffer !== undefined && buffer.role !== 'constant') auditRange(manifest, step, arg, buffer, findings);
    }
    auditSizes(step, emitted, findings);
  }
  auditMemory(manifest, findings);
  auditParts(manifest, program, parts, findings);
}

/** Memories lie end to end, as large as the header says, and no buffer lies in two. */
function auditRegions({ regions, buffers, arenaBytes, name }: Manifest, header: string, findings: Findings): void {
  let start = 0;
  for (const region of regions) {
    if (region.start !== start)
      findings.add('Q0645', `region "${region.name}" begins at ${region.start}, not ${start}`);
    start += region.bytes;
    const macro = `${name.toUpperCase()}_${region.name.toUpperCase()}_BYTES`;
    if (!new RegExp(`^#define ${macro} ${region.bytes}$`, 'm').test(header))
      findings.add('Q0646', `the header's ${macro} is not ${region.bytes}`);
  }
  if (regions.length > 0 && start !== arenaBytes)
    findings.add('Q0645', `the regions have ${start} bytes together, the arena ${arenaBytes}`);
  for (const { name: buffer, offset, bytes } of buffers) {
    if (offset === undefined || bytes === 0 || regions.length === 0) continue;
    const home = regions.find((r) => offset >= r.start && offset < r.start + r.bytes);
    if (home === undefined || offset + bytes > home.start + home.bytes)
      findings.add('Q0645', `"${buffer}" leaves region "${home?.name ?? '?'}"`);
  }
}

/** The header says of every input and output in the arena where it is, and of no other; none is the caller's besides. */
function auditIo({ ioInArena, buffers, regions, name }: Manifest, header: string, findings: Findings): void {
  const takesMemoryAlone = new RegExp(
    `^QCC_API int ${name}_run\\(const struct ${name}_memory \\*memory\\);$`,
    'm',
  ).test(header);
  if (takesMemoryAlone !== ioInArena.length > 0)
    findings.add('Q0646', 'the header and the manifest differ on whether inputs and outputs lie in the arena');
  const defined = [...header.matchAll(/^#define (\w+_OFFSET) (\d+)\b/gm)].map((m) => [m[1], Number(m[2])] as const);
  for (const [macro] of defined)
    if (!ioInArena.some((io) => io.macro === macro))
      findings.add('Q0646', `the header has a ${macro} that is not listed`);
  for (const io of ioInArena) {
    const { offset = -1, role } = buffers.find((b) => b.name === io.buffer) ?? {};
    if (offset < 0 || role !== io.role) findings.add('Q0645', `${io.role} "${io.name}" is not in the arena`);
    const home = regions.find((r) => offset >= r.start && offset < r.start + r.bytes);
    const found = defined.filter(([macro]) => macro === io.macro).map(([, value]) => value);
    if (found.length !== 1 || found[0] !== offset - (home?.start ?? 0))
      findings.add('Q0646', `the header's ${io.macro} is not ${offset - (home?.start ?? 0)}`);
  }
  const listed = new Set(ioInArena.map((io) => io.buffer));
  for (const buffer of buffers)
    if (
      (buffer.role === 'input' || buffer.role === 'output') &&
      listed.has(buffer.name) !== (buffer.offset !== undefined)
    )
      findings.add('Q0645', `${buffer.role} "${buffer.name}" is listed as what it is not`);
}

function pointsAt(
  pointer: Pointer | undefined,
  arg: ClaimedArg,
  buffer: ClaimedBuffer | undefined,
  constants: ReadonlyMap<string, CConstant>,
): boolean {
  if (pointer === undefined) return false;
  if (buffer === undefined) return pointer.kind === 'null';
  if (buffer.offset !== undefined)
    return buffer.bytes === 0
      ? pointer.kind === 'null'
      : pointer.kind === 'arena' && pointer.offset === buffer.offset + arg.offset;
  if (pointer.kind === 'null' || pointer.kind === 'arena') return false;
  if (pointer.kind !== buffer.role || pointer.offset !== arg.offset) return false;
  return buffer.role !== 'constant' || (pointer.name === buffer.name && constants.has(buffer.name));
}

function auditRange(
  manifest: Manifest,
  step: ClaimedStep,
  arg: ClaimedArg,
  buffer: ClaimedBuffer,
  findings: Findings,
): void {
  const end = arg.offset + arg.bytes;
  if (end > buffer.bytes) findings.add('Q0645', `"${arg.name}" ends at ${end} of ${buffer.bytes} bytes`, step);
  if (arg.access !== 'read') return;
  // What is loaded past the end is never used, but it must be memory.
  const room = buffer.offset === undefined ? buffer.bytes : manifest.arenaBytes - buffer.offset;
  const isActivation = arg.name === 'x' || arg.name === 'a' || arg.name === 'b';
  if (isActivation && end + step.readSlack > room)
    findings.add('Q0645', `"${arg.name}" may be read ${step.readSlack} bytes past its end, beyond memory`, step);
}

/** int16 results of the shared epilogue. */
const OUT_S16 = 3;

/** What a layer reads and writes, from its own literals. */
function auditSizes(step: ClaimedStep, { family, params }: CStep, findings: Findings): void {
  const of = (name: string) => params.get(name) ?? 0;
  const wanted = family === 'dynamic_matmul' ? sizesOfDynamic(of) : sizesOfConvolution(family, of);
  for (const arg of step.args)
    if (wanted[arg.name] !== undefined && arg.bytes < wanted[arg.name])
      findings.add('Q0645', `"${arg.name}" has ${arg.bytes} bytes, the kernel uses ${wanted[arg.name]}`, step);
}

type Param = (name: string) => number;

function sizesOfDynamic(of: Param): Readonly<Record<string, number>> {
  const [rows, k, n] = [of('rows'), of('k'), of('n')];
  const numbers = of('per_row') === 1 ? rows : 1;
  return { x: rows * k, y: rows * n * 4, sums: n * 4, scale: n * 8, x_scale: numbers * 4, zero: numbers };
}

function sizesOfConvolution(family: string, of: Param): Readonly<Record<string, number>> {
  if (!/^(dw)?conv2d_(q8|q16|s16)$/.test(family)) return {};
  const channels = family.startsWith('conv2d') ? of('oc') : of('c') * of('multiplier');
  const isWide = family.endsWith('16');
  const out = of('kind.out');
  const wide = family.endsWith('_s16') || out === OUT_S16 ? 2 : out === 0 ? 1 : 4;
  return {
    x: of('n') * of('h') * of('w') * of('c') * (isWide ? 2 : 1),
    y: of('n') * of('oh') * of('ow') * channels * wide,
    // Joined constants are all in the scale.
    ...(of('kind.constants') === 1 ? { scale: channels * 8 } : { bias: channels * (of('is_wide') === 1 ? 8 : 4) }),
  };
}
