/** How diagnostics look, and that a stranger's text in them stays text. */
import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { type Diagnostic, error, note, QccError } from '../../src/diagnostics/diagnostic.js';
import { printable, renderJson, renderText } from '../../src/diagnostics/render.js';
import { decodeModel } from '../../src/onnx/decode.js';
import { model, node, value } from '../onnx/model-builder.js';

const place = { node: '/features.0/Conv', operator: 'QLinearConv', part: 'input 4 "w_scale"' };
const scales = error('Q0304', '16 weight scales for 32 output channels', place, 'check the quantizer');
const plain = { color: false };

test('the shape of a diagnostic is the one DESIGN shows', () => {
  assert.equal(
    renderText([scales], { ...plain, file: 'mobilenet.onnx' }),
    'error[Q0304]: 16 weight scales for 32 output channels\n' +
      '  --> mobilenet.onnx, node "/features.0/Conv" (QLinearConv), input 4 "w_scale"\n' +
      '   = help: check the quantizer.   `qcc explain Q0304`\n',
  );
});

test('color changes nothing but color', () => {
  const colored = renderText([scales, note('Q0211', 'batch')], { color: true, file: 'm.onnx' });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly the colors
  const stripped = colored.replace(/\x1b\[\d+m/g, '');
  assert.notEqual(colored, stripped);
  assert.equal(stripped, renderText([scales, note('Q0211', 'batch')], { color: false, file: 'm.onnx' }));
});

test('diagnostics that differ in their place only share a heading', () => {
  const at = (name: string): Diagnostic => error('Q0205', 'input 1 is missing', { node: name });
  assert.equal(
    renderText([at('a'), at('b'), at('a')], plain),
    'error[Q0205]: input 1 is missing\n  --> node "a"\n  --> node "b"\n   = help: export the model again.   `qcc explain Q0205`\n\n3 errors\n',
  );
});

test('none: nothing', () => assert.equal(renderText([], plain), ''));

const hostile = [
  '\x1b[2J\x1b]0;title\x07',
  'a\nerror[Q0901]: a bug in qcc',
  'a\r\x1b[1A\x1b[2K',
  '\u202egnp.exe',
  'zero\u200bwidth',
  '\ud800',
  '\u2028line',
  '\u0000',
  '*/ system("rm -rf /"); /*',
  '$(rm -rf /)',
  '`id`',
  '../../etc/passwd',
  '%s%n',
  'é日本',
];

test('names from a file are shown as escapes, on their line', () => {
  for (const text of hostile) {
    const shown = renderText([error('Q0205', text, { node: text, operator: text, part: text }, text)], plain);
    assert.doesNotMatch(shown.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
    assert.ok(
      shown.split('\n').every((line) => !line.startsWith('error[Q0901]')),
      shown,
    );
  }
});

test('any text at all renders to printable lines, and to JSON that reads back', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({ unit: 'binary-ascii', maxLength: 20 }),
      (a, b) => {
        const diagnostics = [error('Q0205', a, { node: b, part: a }, b)];
        const shown = renderText(diagnostics, { ...plain, file: b });
        assert.doesNotMatch(shown.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        const json = renderJson(diagnostics, { file: b });
        assert.match(json, /^[\x20-\x7e]*\n$/);
        assert.equal(JSON.parse(json).diagnostics[0].message, a);
      },
    ),
    { seed: 7, numRuns: 500 },
  );
});

test('printable keeps what prints, and clips what is long', () => {
  assert.equal(printable('/features.0/Conv é 日本'), '/features.0/Conv é 日本');
  assert.ok(printable('x'.repeat(100_000)).length < 1000);
});

test('JSON tells code, title, place and help', () => {
  assert.deepEqual(JSON.parse(renderJson([scales], { file: 'm.onnx' })), {
    file: 'm.onnx',
    diagnostics: [
      {
        code: 'Q0304',
        severity: 'error',
        title: 'number of scales does not match the channels',
        message: '16 weight scales for 32 output channels',
        ...place,
        help: 'check the quantizer',
      },
    ],
  });
});

test('a hostile file cannot make the list of problems grow without bound', () => {
  const nodes = Array.from({ length: 5000 }, (_, i) => node('Relu', [`ghost${i}`], [`v${i}`]));
  const bytes = model({ inputs: [value('x', 'f32', [1])], outputs: ['v0'], nodes });
  assert.throws(
    () => decodeModel(bytes),
    (e) => {
      assert.ok(e instanceof QccError);
      assert.equal(e.diagnostics.length, 501);
      assert.match(e.diagnostics[500].message, /^4500 more problems are not shown$/);
      return true;
    },
  );
});
