/**
 * `npx tsx test/onnx-node/run.ts [OPERATOR or part of a case's name]... [--targets scalar,x86-avx2,arm-neon] [--all]
 * [--update]`: runs cases and tells what is wrong with them; `--all` lists refused cases too, `--update` writes counts.json.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { countsOf, failures, interpretAll, nativeFailures } from './suite.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { targets: { type: 'string', default: 'scalar' }, all: { type: 'boolean' }, update: { type: 'boolean' } },
});
const judged = interpretAll(positionals);
const told = failures(judged);
if (values.all)
  for (const { testCase, outcome } of judged)
    if (outcome.status === 'refused' && !testCase.isRequired)
      console.log(`${testCase.name} (${testCase.operator}): ${testCase.exception ?? 'not listed'}: ${outcome.why}`);
for (const target of values.targets.split(',').filter((t) => t !== ''))
  told.push(...(await nativeFailures(judged, target)).map((why) => `${target}: ${why}`));
for (const line of told) console.log(line);
const counts = countsOf(judged);
for (const [operator, { cases, passed }] of Object.entries(counts)) console.log(`${operator} ${passed}/${cases}`);
const passed = judged.filter((j) => j.outcome.status === 'passed').length;
const required = judged.filter((j) => j.testCase.isRequired);
console.log(
  `${passed} of ${judged.length} cases pass; of ${required.length} required ones ${required.filter((j) => j.outcome.status === 'passed').length}; ${told.length} failures`,
);
if (values.update && positionals.length === 0)
  writeFileSync(new URL('counts.json', import.meta.url), `${JSON.stringify(counts, undefined, 2)}\n`);
process.exitCode = told.length === 0 ? 0 : 1;
