// needs: browser
/** The page of `--report` in a real browser: it loads without a complaint, draws its plots, and takes names as text. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { pathToFileURL } from 'node:url';
import { PNG } from 'pngjs';
import { loadAssets } from '../../src/assets.js';
import { pageOf } from '../../src/report/page.js';
import type { Report, ReportLayer } from '../../src/report/report.js';

const folder = mkdtempSync(join(tmpdir(), 'qcc-page-'));
after(() => rmSync(folder, { recursive: true }));

const hostile = [
  '<script>document.title = "owned"; console.error("owned")</script>',
  '"><img src=x onerror="console.error(1)">',
  "' onfocus='console.error(2)' autofocus='",
  '</style></svg></title><h1>out</h1>',
  '{{constructor}} &lt;b&gt; \u202egnp.exe',
];

function layer(index: number, name: string, more: Partial<ReportLayer> = {}): ReportLayer {
  return {
    ...{
      index,
      name,
      ops: ['conv2d', 'clamp'],
      quantized: true,
      bits: 8,
      why: null,
      fused_into: null,
      tensor: name,
      macs: 1e6,
    },
    ...{ sqnr_alone_db: 40 - index, sqnr_db: 38 - 3 * index, saturated: 0.001 * index },
    ...{ weights_bytes: 1000, float_weights_bytes: 4000, moved_bytes: 2000, float_moved_bytes: 9000 },
    ...{ us: 3 + index, float_us: 12 + index, kernels: [`kernel_${name}`] },
    proofs: [{ claim: name, evidence: name }],
    refused: [{ kernel: name, why: name }],
    ...more,
  };
}

const report: Report = {
  ...{ qcc: '0.1.0', format: 1, command: 'quantize', model: `models/${hostile[1]}.onnx`, target: 'x86-avx2' },
  quantization: { mode: 'static', effort: 1, quantized_layers: 4, layers: 5, mixed: null, roundings: [hostile[0]] },
  noise: { samples: 64, why: null, outputs: [{ name: hostile[0], sqnr_db: 21.5 }], top1_agree: 0.95 },
  size: { weights_bytes: 5000, float_weights_bytes: 20000, traffic_bytes: 10000, float_traffic_bytes: 45000 },
  time: { us: 30, float_us: 80, conversions_us: 1, why: null },
  layers: hostile.map((name, i) =>
    i === 3
      ? layer(i, name, { quantized: false, why: `because of ${name}`, us: null, fused_into: name })
      : layer(i, name),
  ),
  tensors: hostile.map((name) => ({
    ...{ name, element: 'u8', scale: 0.02, zero_point: 3, seen: [-1, 6] as const, range: [-0.06, 5.04] as const },
    saturated: 0.01,
    histogram: { from: -1, to: 6, counts: Array.from({ length: 96 }, (_, i) => (i % 7 === 0 ? 0 : 1000 - 10 * i)) },
  })),
  advice: [{ text: hostile[0], command: `qcc quantize '${hostile[1]}' -Q2` }],
};
const page = join(folder, 'report.html');
writeFileSync(page, pageOf(report, loadAssets().templates));

/** Runs the page; what the browser printed, and what it said on its console. */
function browse(...args: readonly string[]): { readonly out: string; readonly console: readonly string[] } {
  const flags = ['--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--enable-logging=stderr', '--log-level=0'];
  const data = `--user-data-dir=${join(folder, 'profile')}`;
  const ended = spawnSync('chromium-headless-shell', [...flags, data, ...args, pathToFileURL(page).href], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.equal(ended.status, 0, ended.stderr);
  return {
    out: ended.stdout,
    console: ended.stderr.split('\n').filter((line) => /CONSOLE|Uncaught|Refused/.test(line)),
  };
}

const count = (text: string, what: RegExp): number => [...text.matchAll(what)].length;

test('it loads without a word on the console, and names in it stay text', () => {
  const { out, console: said } = browse('--dump-dom');
  assert.deepEqual(said, []);
  const tags = [...out.matchAll(/<([a-z][\w-]*)((?:\s+[\w:-]+(?:="[^"]*")?)*)\s*>/gi)];
  assert.ok(tags.length > 200);
  for (const [tag, name, attributes] of tags) {
    assert.ok(!['script', 'img', 'iframe'].includes(name.toLowerCase()), tag);
    assert.doesNotMatch(attributes.replaceAll(/"[^"]*"/g, ''), /\son/, tag);
  }
  assert.equal(count(out, /<h1/g), 1);
  assert.match(out, /<title>[^<]*&gt;&lt;img src=x/);
  // Three plots, a column for each layer; what a layer lacks is not drawn.
  assert.equal(count(out, /<svg class="strip"/g), 3);
  assert.equal(count(out, /<a href="#layer-\d"[^>]*aria-label=/g), 15);
  assert.equal(count(out, /<rect class="wide"/g), 15);
  assert.equal(count(out, /<rect class="slim" [^>]*rx=/g), 14);
  assert.equal(count(out, /<svg class="histogram"/g), 5);
  assert.equal(count(out, /<line class="clip"/g), 10);
  assert.ok(!tags.some(([tag]) => / (href|src)="(?!#|data:)/.test(tag)), 'it loads something');
});

/** Pixels near a colour. */
function pixels(file: string, [r, g, b]: readonly [number, number, number]): number {
  const { data } = PNG.sync.read(readFileSync(file));
  let found = 0;
  for (let i = 0; i < data.length; i += 4)
    if (Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 12) found++;
  return found;
}

test('both colour schemes draw bars and paper in their own colours, at the width of a desk and of a phone', () => {
  for (const { scheme, paper, strong } of [
    { scheme: 1, paper: [0xf6, 0xf7, 0xf8], strong: [0x0b, 0x6e, 0x83] },
    { scheme: 0, paper: [0x10, 0x16, 0x1b], strong: [0x58, 0xc6, 0xda] },
  ] as const)
    for (const width of [1280, 390]) {
      const shot = join(folder, `${scheme}-${width}.png`);
      browse(`--blink-settings=preferredColorScheme=${scheme}`, `--screenshot=${shot}`, `--window-size=${width},3200`);
      const all = width * 3200;
      assert.ok(pixels(shot, paper) > all / 20, `paper of scheme ${scheme} at ${width}`);
      assert.ok(pixels(shot, strong) > 2500, `${pixels(shot, strong)} pixels of bars in scheme ${scheme} at ${width}`);
    }
});
