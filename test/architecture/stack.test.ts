/**
 * What `-fstack-usage` does not see: assembly that moves the stack pointer, and memory of alloca. Whatever kernels push they
 * pop in the same statement, without a call in between, and it is what a run's stack counts.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { assemblyPushes, bytesPushed } from '../../src/toolchain/stack.js';
import { filesBelow, root } from './sources.js';

/** Statements of inline assembly, their strings joined. */
function assemblyIn(text: string): string[] {
  return [...text.matchAll(/__asm__(?: volatile)?\(([\s\S]*?)\);/g)].map(([, body]) =>
    [...body.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((m) => m[1].replaceAll('\\n', '\n')).join('\n'),
  );
}

// Start-up code owns the stack pointer; templates hold the one other place where C comes from.
const files = [...filesBelow('.h', 'runtime-c/include', 'runtime-c/isa'), ...filesBelow('.hbs', 'templates')];

test('assembly pops what it pushes, calls nothing meanwhile, and pushes once', () => {
  let pushing = 0;
  for (const path of files) {
    const text = readFileSync(join(root, path), 'utf8');
    assert.doesNotMatch(text, /\balloca\b|__builtin_alloca/, path);
    // Otherwise the stack pointer is read through, never moved; in macros that make lines of assembly too.
    const lines = text.includes('__asm__')
      ? [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((m) => m[1]).join('\n')
      : '';
    const rest = lines.replace(/\b(?:push|pop) \{[^}]*\}/g, '').replace(/\[sp(?:, #\d+)?\](?!!)/g, '');
    assert.doesNotMatch(rest, /\b(?:sp|r13|rsp|esp|vpush|vpop|pushf?q?|popf?q?)\b/, path);
    for (const code of assemblyIn(text)) {
      const [pushed, popped] = ['push', 'pop'].map((word) =>
        [...code.matchAll(new RegExp(`\\b${word} \\{([^}]*)\\}`, 'g'))].map((m) => m[1]),
      );
      if (pushed.length > 0) pushing++;
      assert.deepEqual(popped, pushed.toReversed(), `${path}: ${code}`);
      const bytes = pushed.reduce((sum, list) => sum + bytesPushed(list), 0);
      assert.ok(bytes <= assemblyPushes([text]), `${path}: pushes ${bytes} bytes`);
      if (pushed.length > 0) assert.doesNotMatch(code, /^\s*(?:bl|blx|svc)\b/m, path);
    }
  }
  assert.ok(pushing >= 2, 'the tiles of the DSP kernels push registers');
  assert.equal(bytesPushed('r2-r11, lr'), 44);
  assert.equal(assemblyPushes(['"push {r4}\\n"', '"push {r2-r11, lr}\\n"']), 44);
});
