/** Bytes that lie moved by 128: a step that reads them otherwise than they were written does not pass. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { fashion } from '../cli/command.js';
import { audited, changed, folderOf } from './tampered.js';

const neon = folderOf(readFileSync(fashion), 'fashion.onnx', 'arm-neon');

test('a layer that reads u8 where s8 is written', () => {
  const tampered = changed(neon, 'fashion.c', (text) => {
    const at = text.lastIndexOf('.x_signed = 1');
    assert.ok(at > 0, 'a layer reads s8, which the model does not have');
    return `${text.slice(0, at)}.x_signed = 0${text.slice(at + '.x_signed = 1'.length)}`;
  });
  const found = audited(tampered).findings.map(({ code, message }) => `${code} ${message}`);
  assert.ok(
    found.some((f) => /^Q0646 .*it reads u8 where step \d+ writes s8/.test(f)),
    found.join('\n'),
  );
});

test('a zero point of the model, where values lie moved', () => {
  const tampered = changed(neon, 'fashion.c', (text) => {
    assert.match(text, /\.y_zero = -128/);
    return text.replace('.y_zero = -128', '.y_zero = 0');
  });
  assert.ok(audited(tampered).findings.some(({ code }) => code === 'Q0646'));
});
