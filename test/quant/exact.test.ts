// needs: c-compiler emulator
/** Integer twins of float formulas: equal for all pairs of bytes, and cores without an FPU call no float routine for them. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { baseCFlags } from '../../src/target/flags.js';
import { qcc, root, shared } from '../cli/command.js';

const dir = mkdtempSync(join(tmpdir(), 'qcc-exact-'));
after(() => rmSync(dir, { recursive: true }));

test('sums, products, means and softmax in integers are those of float32, ties included', () => {
  const exe = join(dir, 'compare');
  const strict = ['-Wall', '-Wextra', '-Wconversion', '-Wshadow', '-pedantic', '-Werror'];
  const flags = [...baseCFlags, ...strict, '-Iruntime-c', '-Iruntime-c/include'];
  execFileSync('gcc', [...flags, 'test/quant/exact.c', '-o', exe], { cwd: root });
  const compared = Number(execFileSync(exe, { encoding: 'utf8' }));
  assert.ok(compared > 15_000_000, String(compared));
});

test('a quantized model with integer edges needs no float routine on a Cortex-M3: residuals, means and softmax neither', () => {
  const out = join(dir, 'resnet8');
  const model = join(shared, 'models/resnet8_mlperf/resnet8_int8_tfl_qdq.onnx');
  const args = ['--target', 'cortex-m3', '--io', 'int8', '--emit', 'lib', '-o', out, '--name', 'net'];
  const built = qcc(['build', model, ...args]);
  assert.equal(built.status, 0, built.stderr);
  const source = readFileSync(join(out, 'net.c'), 'utf8');
  for (const what of ['.has_add = 1', 'qcc_softmax_q8__1__scalar', 'qcc_average_pool_q8__1__scalar'])
    assert.ok(source.includes(what), what);
  const symbols = execFileSync('arm-none-eabi-nm', [join(out, 'libnet.a')], { encoding: 'utf8' });
  assert.match(symbols, / T net_run$/m);
  assert.doesNotMatch(symbols, /U __aeabi_(?:[df]|[a-z]+2[df])/);
});
