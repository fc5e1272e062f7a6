/**
 * Every diagnostic code, caused by the smallest thing that causes it, and the exact text a user reads. The texts are in
 * `expected/`, a file per code; `UPDATE_GOLDEN=1 npm test` writes them anew, for a person to read.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { codes } from '../../src/diagnostics/codes.js';
import { renderJson, renderText } from '../../src/diagnostics/render.js';
import { audits } from './audit.js';
import { calibration } from './calibration.js';
import type { Case, Cases } from './cases.js';
import { machine, folder as scratch } from './machine.js';
import { modelFile } from './model-file.js';
import { operators } from './operators.js';
import { quantization } from './quantization.js';
import { quantizer } from './quantizer.js';
import { tfliteModels } from './tflite-models.js';
import { traces } from './traces.js';
import { tuning } from './tuning.js';

const all: Cases = {
  ...modelFile,
  ...operators,
  ...quantization,
  ...tfliteModels,
  ...machine,
  ...calibration,
  ...quantizer,
  ...audits,
  ...traces,
  ...tuning,
};
const folder = new URL('expected/', import.meta.url);
const isUpdating = process.env.UPDATE_GOLDEN !== undefined;
if (isUpdating) mkdirSync(folder, { recursive: true });

async function rendered(code: string, { what, file, diagnostics }: Case): Promise<string> {
  const list = await diagnostics();
  assert.ok(
    list.some((d) => d.code === code),
    `${what}: ${code} is not among ${list.map((d) => `${d.code} ${d.message}`).join(', ')}`,
  );
  const json: unknown = JSON.parse(renderJson(list, file === undefined ? {} : { file }));
  assert.ok(typeof json === 'object' && json !== null && 'diagnostics' in json && Array.isArray(json.diagnostics));
  assert.equal(json.diagnostics.length, list.length);
  const text = renderText(list, { color: false, ...(file === undefined ? {} : { file }) });
  // Names of temporary folders, and flags that are the business of other tests.
  const stable = text
    .replaceAll(scratch, 'DIR')
    .replace(/\.qcc-build-\w+/g, 'TMP')
    .replace(/ -std=c11 .* -I\. /g, ' ... ');
  return `== ${what}\n${stable}`;
}

for (const [code, cases] of Object.entries(all))
  test(`${code}: ${cases.map((c) => c.what).join('; ')}`, async () => {
    const texts: string[] = [];
    for (const c of cases) texts.push(await rendered(code, c));
    const actual = texts.join('\n');
    const file = new URL(`${code.toLowerCase()}.txt`, folder);
    if (isUpdating) writeFileSync(file, actual);
    assert.equal(actual, existsSync(file) ? readFileSync(file, 'utf8') : '');
  });

/**
 * What other tests cause: a profile under qemu-user (test/emit/profile.test.ts), references and baselines that are missing or differ, budgets (test/cli), what calibration
 * and evaluation find (test/cli/observe.test.ts, calibrate.test.ts, eval.test.ts), a bug of qcc (test/cli/usage.test.ts).
 */
const elsewhere = new Set([
  ...[
    'Q0608',
    'Q0609',
    'Q0610',
    'Q0611',
    'Q0612',
    'Q0613',
    'Q0620',
    'Q0621',
    'Q0622',
    'Q0623',
    'Q0624',
    'Q0726',
    'Q0901',
  ],
  ...[
    'Q0802',
    'Q0803',
    'Q0808',
    'Q0809',
    'Q0810',
    'Q0811',
    'Q0812',
    'Q0813',
    'Q0814',
    'Q0815',
    'Q0816',
    'Q0817',
    'Q0856',
  ],
]);

test('every code has a case, and every expected text a code', () => {
  const here = Object.keys(codes).filter((code) => !elsewhere.has(code));
  assert.deepEqual(Object.keys(all).sort(), here);
  assert.deepEqual(
    readdirSync(folder).sort(),
    here.map((code) => `${code.toLowerCase()}.txt`),
  );
});
