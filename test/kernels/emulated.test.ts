/**
 * What the kernels of an ISA that this machine may lack use of its intrinsics, beside what stands in for them
 * (emulated/<isa>/): where the CPU has the ISA, nothing compiles the emulation, and a missing function shows on other machines only.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { root } from '../cli/command.js';

/** 128 and 256 bits of AVX2 that no kernel of x86-avx2 uses. */
const others = [
  '_mm256_srli_epi16',
  '_mm256_unpackhi_epi8',
  '_mm256_unpacklo_epi8',
  '_mm_add_epi32',
  '_mm_prefetch',
  '_mm_unpackhi_epi16',
  '_mm_unpacklo_epi16',
];

function named(folder: string, pattern: RegExp): Set<string> {
  const headers = readdirSync(join(root, folder)).filter((file) => file.endsWith('.h'));
  const texts = headers.map((file) => readFileSync(join(root, folder, file), 'utf8'));
  return new Set(texts.flatMap((text) => [...text.matchAll(pattern)].map(([, name]) => name)));
}

test('every intrinsic of AVX-512 that a kernel uses is emulated, and none besides', () => {
  const used = named('runtime-c/isa/x86-avx512vnni', /\b(_mm\d*_\w+)/g);
  const emulated = named('test/kernels/emulated/x86-avx512vnni', /#define (_mm\d*_\w+)/g);
  const plain = [...named('runtime-c/isa/x86-avx2', /\b(_mm\d*_\w+)/g), ...others].filter(
    (f) => !f.startsWith('_mm512_'),
  );
  const known = new Set([...emulated, ...plain]);
  assert.ok(used.size > 100 && emulated.size > 100, 'names are found');
  assert.deepEqual(
    [...used].filter((name) => !known.has(name)),
    [],
    'not in test/kernels/emulated/x86-avx512vnni',
  );
  assert.deepEqual(
    [...emulated].filter((name) => !used.has(name)),
    [],
    'emulated, but no kernel uses it',
  );
});
