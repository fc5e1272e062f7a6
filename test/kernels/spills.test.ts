// needs: c-compiler emulator
/** No kernel that multiplies moves vectors to the stack in its loops, whichever compiler made it; and the check sees those that do. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { assemblyOf, hotAssembly, hotSteps } from './hot-kernels.js';
import { multiplyingLoops } from './spills.js';

const dir = mkdtempSync(join(tmpdir(), 'qcc-spills-test-'));
after(() => rmSync(dir, { recursive: true, force: true }));

/** Products of `rows` values with 4 vectors: 4 * rows sums that live through the loop. */
function avx2Tile(rows: number): string {
  return `#include <immintrin.h>
void tile(const short *x, const short *w, int *y, long k);
void tile(const short *x, const short *w, int *y, long k) {
  __m256i sum[${rows}][4];
  for (int r = 0; r < ${rows}; r++)
    for (int c = 0; c < 4; c++) sum[r][c] = _mm256_setzero_si256();
  for (long i = 0; i < k; i++)
#pragma GCC unroll 16
    for (int r = 0; r < ${rows}; r++)
#pragma GCC unroll 4
      for (int c = 0; c < 4; c++)
        sum[r][c] = _mm256_add_epi32(sum[r][c], _mm256_madd_epi16(_mm256_set1_epi32(((const int *)x)[i * ${rows} + r]),
                                                                  _mm256_loadu_si256((const __m256i *)w + 4 * i + c)));
  for (int r = 0; r < ${rows}; r++)
    for (int c = 0; c < 4; c++) _mm256_storeu_si256((__m256i *)y + 4 * r + c, sum[r][c]);
}
`;
}

function neonTile(rows: number): string {
  return `#include <arm_neon.h>
void tile(const short *x, const short *w, int *y, long k);
void tile(const short *x, const short *w, int *y, long k) {
  int32x4_t sum[${rows}][4];
  for (int r = 0; r < ${rows}; r++)
    for (int c = 0; c < 4; c++) sum[r][c] = vdupq_n_s32(0);
  for (long i = 0; i < k; i++)
#pragma GCC unroll 16
    for (int r = 0; r < ${rows}; r++)
#pragma GCC unroll 4
      for (int c = 0; c < 4; c++) sum[r][c] = vmlal_n_s16(sum[r][c], vld1_s16(w + 16 * i + 4 * c), x[i * ${rows} + r]);
  for (int r = 0; r < ${rows}; r++)
    for (int c = 0; c < 4; c++) vst1q_s32(y + 16 * r + 4 * c, sum[r][c]);
}
`;
}

/** Instructions that are left, in all loops of a kernel together: to become fewer, never more. */
const known = new Map([
  // As they were found; what they cost is not measured.
  ['clang qcc_conv2d_q8__winograd4__x86_avx2', 33],
  ['clang qcc_dwconv2d_q8__3x3s1__x86_avx2', 13],
  ['clang qcc_dwconv2d_q8__3x3s2__x86_avx2', 5],
  // Four tiles stand in loops of their own, of 17 at most; the ring's one has 13.
  ['clang qcc_dwconv2d_q8__3x3s1d__x86_avx2', 50],
  ['clang qcc_dwconv2d_q8__3x3s2d__x86_avx2', 15],
  ['clang qcc_dwconv2d_q8__3x3s1w__x86_avx2', 50],
  ['clang qcc_dwconv2d_q8__3x3s2w__x86_avx2', 15],
  // A constant of the epilogue, read once a tile.
  ['gcc qcc_dwconv2d_q8__3x3s2d__x86_avx2', 2],
  ['gcc qcc_dwconv2d_q8__3x3s2w__x86_avx2', 2],
  // Constants of the epilogue, which is in the loop: 16 registers hold nine weights, four sums and little else.
  ['gcc qcc_dwconv2d_q8__3x3s1__armv7_neon', 13],
  ['gcc qcc_dwconv2d_q8__3x3s2__armv7_neon', 4],
  ['clang qcc_dwconv2d_q8__3x3s1__armv7_neon', 3],
  ['clang qcc_dwconv2d_q8__3x3s2__armv7_neon', 5],
  ['clang qcc_conv2d_q8__3x8__armv7_neon', 1],
  // gcc: three vectors of a tile's back transform, stored and read once: 6 of its 370 instructions, none in the loop of products.
  // What that costs is not measured; clang's were not looked at.
  ['gcc qcc_conv2d_q8__winograd4__x86_avx512vnni', 6],
  ['clang qcc_conv2d_q8__winograd4__x86_avx512vnni', 6],
  // One vector of weights in a loop of 73 instructions; one stored at the end of each of two loops of 56 and 62.
  ['gcc qcc_dwconv2d_q8__4x32__x86_avx512vnni', 3],
  ['gcc qcc_conv2d_q8__row16__x86_avx512vnni', 2],
  // No spills: this kernel keeps its weights, turned, on the stack.
  ['gcc qcc_conv2d_f32__4x16__x86_avx512vnni', 27],
]);

const compilers = [
  { target: 'x86-avx2', cc: process.arch === 'x64' ? 'gcc' : 'x86_64-linux-gnu-gcc', tile: avx2Tile },
  { target: 'x86-avx2', cc: 'clang-16 --target=x86_64-linux-gnu', tile: avx2Tile },
  { target: 'x86-avx512vnni', cc: process.arch === 'x64' ? 'gcc' : 'x86_64-linux-gnu-gcc', tile: undefined },
  { target: 'x86-avx512vnni', cc: 'clang-16 --target=x86_64-linux-gnu', tile: undefined },
  { target: 'arm-neon', cc: process.arch === 'arm64' ? 'gcc' : 'aarch64-linux-gnu-gcc', tile: neonTile },
  { target: 'arm-neon', cc: 'clang-16 --target=aarch64-linux-gnu', tile: neonTile },
  { target: 'armv7-a', cc: 'arm-linux-gnueabihf-gcc', tile: undefined },
  { target: 'armv7-a', cc: 'clang-16 --target=arm-linux-gnueabihf', tile: undefined },
];

/** Both compilers for the ISA with the fewest vector registers, gcc for others; all of them in `npm run test:full`. */
const isFull = process.env.QCC_FULL !== undefined;
const chosen = compilers.filter(
  (c) => isFull || c.target === 'x86-avx2' || (c.target !== 'armv7-a' && !c.cc.includes('clang')),
);

for (const { target, cc, tile } of chosen) {
  if (tile !== undefined)
    test(`the check sees a tile too large for the registers, and none in one that fits: ${target}, ${cc}`, async () => {
      const spills = async (rows: number) => {
        writeFileSync(join(dir, 'tile.c'), tile(rows));
        const assembly = await assemblyOf(findTarget(loadTargets(), target), cc, dir, 'tile.c');
        const loops = multiplyingLoops(assembly);
        assert.ok(loops.length > 0, assembly);
        return loops.reduce((sum, loop) => sum + loop.spills.length, 0);
      };
      assert.equal(await spills(2), 0);
      assert.ok((await spills(10)) >= 8);
    });

  test(`no kernel of ${target} spills vectors in its loops: ${cc}`, async () => {
    const steps = hotSteps(findTarget(loadTargets(), target));
    const { assembly, nameOf } = await hotAssembly(target, cc, steps);
    const loops = multiplyingLoops(assembly);
    const seen = new Set(loops.map((loop) => nameOf.get(loop.functionName)));
    for (const symbol of steps.keys()) assert.ok(seen.has(symbol), `${symbol} has no loop that multiplies`);
    const counts = new Map<string, number>();
    for (const { functionName, spills } of loops) {
      const symbol = nameOf.get(functionName) ?? functionName;
      counts.set(symbol, (counts.get(symbol) ?? 0) + spills.length);
    }
    const family = cc.includes('clang') ? 'clang' : 'gcc';
    for (const [symbol, count] of counts) {
      const allowed = known.get(`${family} ${symbol}`) ?? 0;
      const told = loops.filter((l) => nameOf.get(l.functionName) === symbol).flatMap((l) => l.spills);
      assert.ok(count <= allowed, `${symbol}: ${count} instructions with vectors on the stack\n${told.join('\n')}`);
    }
  });
}
