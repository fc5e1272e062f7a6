/**
 * `--metric-cmd` of `qcc eval`: a program of the user's own judges the answers. It gets a folder and prints a number, the
 * larger the better. In the folder: `output0.npy`, `output1.npy`, ... with one more dimension in front, the samples;
 * `labels.npy` (int64) where every sample has a label; `samples.txt`, their names. Answers stream through files, so that
 * their number does not matter.
 */
import { closeSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { error, QccError } from '../diagnostics/diagnostic.js';
import { allocate, type Tensor, type TensorType, withShape } from '../ir/type.js';
import { npyHeaderLength, tensorNpy, writeNpy } from '../npy.js';
import { runShell, temporaryFolder } from '../toolchain/process.js';

interface Part {
  readonly type: TensorType;
  readonly path: string;
  readonly file: number;
}

const COPY_BYTES = 1 << 20;

/** Collects the answers of one model. */
export class MetricFolder {
  private readonly temporary = temporaryFolder('qcc-metric-');
  private readonly folder = this.temporary.folder;
  readonly remove = this.temporary.remove;
  private readonly names: string[] = [];
  private readonly labels: (number | undefined)[] = [];
  private parts: readonly Part[] | undefined;

  add(name: string, label: number | undefined, outputs: readonly Tensor[]): void {
    this.parts ??= outputs.map(({ type }, i) => {
      const path = join(this.folder, `output${i}.npy`);
      return { type, path, file: openSync(`${path}.part`, 'w+') };
    });
    for (const [i, tensor] of outputs.entries()) {
      const npy = tensorNpy(tensor);
      writeSync(this.parts[i].file, npy.subarray(npyHeaderLength(npy, this.parts[i].path)));
    }
    this.names.push(name);
    this.labels.push(label);
  }

  /** What the command says of them. Throws `QccError` Q0856 unless it ends well and its last line is a number. */
  async judge(command: string): Promise<number> {
    for (const part of this.parts ?? []) this.finish(part);
    const known = this.labels.flatMap((label) => (label === undefined ? [] : [BigInt(label)]));
    if (known.length === this.names.length)
      writeFileSync(
        join(this.folder, 'labels.npy'),
        writeNpy({ element: 's64', shape: [known.length], data: BigInt64Array.from(known) }),
      );
    writeFileSync(join(this.folder, 'samples.txt'), this.names.map((name) => `${name}\n`).join(''));
    const ended = await runShell(command, this.folder);
    const line = ended.stdout.trim().split('\n').at(-1)?.trim() ?? '';
    const fail = (what: string): QccError =>
      new QccError([
        error(
          'Q0856',
          `--metric-cmd: ${what}`,
          undefined,
          'it prints a number, the larger the better, and ends with 0',
        ),
      ]);
    if (ended.exitCode !== 0)
      throw fail(
        `it ended with ${ended.exitCode ?? ended.signal ?? ended.message}: ${ended.stderr.trim().slice(-400)}`,
      );
    const value = line === '' ? Number.NaN : Number(line);
    if (!Number.isFinite(value)) throw fail(`its last line is "${line.slice(0, 80)}", no number`);
    return value;
  }

  private finish({ type, path, file }: Part): void {
    const shape = [this.names.length, ...type.shape];
    const header = writeNpy({ element: type.element, shape, data: allocate(withShape(type, [0])) });
    const to = openSync(path, 'w');
    writeSync(to, header);
    const buffer = Buffer.alloc(COPY_BYTES);
    for (let at = 0; ; ) {
      const count = readSync(file, buffer, 0, buffer.length, at);
      if (count === 0) break;
      writeSync(to, buffer, 0, count);
      at += count;
    }
    closeSync(to);
    closeSync(file);
    rmSync(`${path}.part`);
  }
}
