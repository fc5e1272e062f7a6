/** `qcc calibrate`: float model + samples -> .qstats; `qcc calibrate merge`: those of several runs -> one. */
import { rmSync } from 'node:fs';
import { printStatistics } from '../data/qstats.js';
import { parseShard } from '../data/select.js';
import { type Diagnostic, warning } from '../diagnostics/diagnostic.js';
import { writeWhole } from '../files.js';
import { movements } from '../quant/health.js';
import { overlap, type Statistics } from '../quant/statistics.js';
import { modelNotes, movementNotes } from './calibration-notes.js';
import { gather, merged, readStatistics } from './gather.js';
import { showRows } from './result-lines.js';
import { show, terminal, usage, wholeNumber } from './session.js';

export interface CalibrateOptions {
  /** The word merge, or a model. */
  readonly model: string;
  readonly dim: readonly string[];
  readonly cc: string | undefined;
  /** Data of a model; files of `merge`. */
  readonly sources: readonly string[];
  readonly output: string | undefined;
  readonly preprocess: string | undefined;
  readonly samples: number | undefined;
  readonly seed: number;
  readonly shard: string | undefined;
  readonly json: boolean;
}

export async function calibrate(options: CalibrateOptions): Promise<number> {
  const { output } = options;
  if (output === undefined) throw usage('qcc calibrate writes a file: -o FILE.qstats');
  if (options.model === 'merge') return merge(options, output);
  const [source, ...more] = options.sources;
  if (source === undefined || more.length > 0)
    throw usage('qcc calibrate MODEL SRC takes one source of samples', 'qcc calibrate merge FILES joins .qstats files');
  const shard = options.shard === undefined ? undefined : parseShard(options.shard);
  const samples = options.samples === undefined ? undefined : wholeNumber('--samples', options.samples);
  const selection = { samples, seed: wholeNumber('--seed', options.seed), shard };
  const start = performance.now();
  const resume = `${output}.part`;
  const gathered = await gather({ ...options, source, selection, resume });
  try {
    const { statistics, observer, model } = gathered;
    const notes = [
      ...(shard === undefined ? movementNotes(statistics) : []),
      ...modelNotes(statistics, model, observer.session.compiled.graph),
    ];
    writeWhole(output, printStatistics(statistics));
    rmSync(resume, { force: true });
    await show(notes, options.model, terminal);
    report(options, output, statistics, notes, {
      resumed: gathered.resumed,
      seconds: (performance.now() - start) / 1000,
    });
    return 0;
  } finally {
    gathered.observer.remove();
  }
}

async function merge(options: CalibrateOptions, output: string): Promise<number> {
  if (options.sources.length === 0)
    throw usage('qcc calibrate merge needs files to join', 'qcc calibrate merge a.qstats b.qstats -o all.qstats');
  const given = [
    options.samples === undefined ? undefined : '--samples',
    options.shard === undefined ? undefined : '--shard',
    options.preprocess === undefined ? undefined : '--preprocess',
    options.dim.length === 0 ? undefined : '--dim',
  ].find((option) => option !== undefined);
  if (given !== undefined)
    throw usage(`${given} is for the runs that gather statistics; qcc calibrate merge takes files as they are`);
  const files = options.sources.map((path) => ({ path, statistics: readStatistics(path) }));
  const statistics = merged(files);
  const notes: Diagnostic[] = [];
  for (const [i, a] of files.entries())
    for (const b of files.slice(i + 1)) {
      const both = overlap(a.statistics.samples, b.statistics.samples);
      if (both === 0) continue;
      const message = `${both} ${both === 1 ? 'sample is' : 'samples are'} in both ${a.path} and ${b.path}, and ${both === 1 ? 'counts' : 'count'} twice`;
      notes.push(warning('Q0803', message, 'give each shard once'));
    }
  notes.push(...movementNotes(statistics));
  writeWhole(output, printStatistics(statistics));
  await show(notes, undefined, terminal);
  report(options, output, statistics, notes, { resumed: 0, seconds: 0 });
  return 0;
}

function report(
  options: CalibrateOptions,
  output: string,
  statistics: Statistics,
  notes: readonly Diagnostic[],
  { resumed, seconds }: { readonly resumed: number; readonly seconds: number },
): void {
  const { subject, samples, halves } = statistics;
  const tensors = new Set(halves.flatMap((half) => [...half.keys()])).size;
  const [worst] = movements(statistics);
  if (options.json) {
    terminal.out(
      JSON.stringify({
        model: subject.modelName,
        model_sha256: subject.modelSha256,
        output,
        samples: samples.length,
        distinct_samples: new Set(samples).size,
        resumed_samples: resumed,
        tensors,
        worst_movement:
          worst === undefined || !Number.isFinite(worst.share) ? null : { tensor: worst.tensor, share: worst.share },
        seconds: Number(seconds.toFixed(3)),
        warnings: notes.map(({ code, message }) => ({ code, message })),
      }),
    );
    return;
  }
  const rows = [
    ['wrote', output],
    ['model', subject.modelName],
    ['samples', `${samples.length}${resumed === 0 ? '' : `, ${resumed} of them before the interruption`}`],
    [
      'tensors',
      `${tensors}${worst === undefined || !Number.isFinite(worst.share) ? '' : `, ranges of either half of the samples within ${(100 * worst.share).toFixed(1)} %`}`,
    ],
    ...(seconds === 0 ? [] : [['time', `${seconds.toFixed(1)} s`]]),
  ];
  showRows(rows);
}
