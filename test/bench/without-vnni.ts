/**
 * ONNX Runtime as it is on a CPU with AVX2 but without VNNI, timed on one that has it: its library is told so by
 * `without-vnni.c`. x86-64 Linux with gcc and objdump. Run by itself, prints what 64 x 255 x 127 is there.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { needOnnxRuntime, SELF_TEST_SUM, selfTest } from '../../src/cli/onnxruntime.js';

const here = fileURLToPath(import.meta.url);

function output(command: string, args: readonly string[], env = process.env): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', env, maxBuffer: 1 << 30 });
  if (status !== 0) throw new Error(`${command}: ${error?.message ?? stderr}`);
  return stdout;
}

/**
 * The environment in which node's ONNX Runtime sees such a CPU. Throws where its sums do not saturate then: it has found out in
 * another way what this CPU is, or the CPU is one that ONNX Runtime does not saturate on.
 * @param folder for the compiled library; must outlive what is started with the environment.
 */
export function withoutVnni(folder: string): Readonly<Record<string, string>> {
  const preloaded = join(folder, 'without-vnni.so');
  const source = join(dirname(here), 'without-vnni.c');
  output('gcc', ['-O1', '-Wall', '-Wextra', '-Werror', '-shared', '-fPIC', source, '-o', preloaded]);
  const main = createRequire(import.meta.url).resolve('onnxruntime-node');
  const library = join(dirname(main), '../bin/napi-v6/linux/x64/libonnxruntime.so.1');
  const code = output('objdump', ['-d', '--no-show-raw-insn', '--section=.text', library]);
  const sites = [...code.matchAll(/^ *([0-9a-f]+):\s+cpuid\b/gm)].map((match) => match[1]);
  const env = { LD_PRELOAD: preloaded, QCC_CPUID_SITES: sites.join(',') };
  const sum = output(process.execPath, ['--import', 'tsx', here], { ...process.env, ...env }).trim();
  if (!(Number(sum) < SELF_TEST_SUM)) throw new Error(`64 x 255 x 127 is ${sum}: no CPU without VNNI`);
  return env;
}

if (process.argv[1] === here) console.log(await selfTest(await needOnnxRuntime(), 'default'));
