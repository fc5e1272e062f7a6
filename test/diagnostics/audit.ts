/** Q064x: what `qcc audit` finds. */

import { auditCommand } from '../../src/cli/audit.js';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.js';
import { audited, changed, folderOf, resealed } from '../audit/tampered.js';
import { convModel } from '../onnx/tiny-models.js';
import { type Case, type Cases, ofCall, ofList } from './cases.js';
import { folder as scratch } from './machine.js';

function found(what: string, path: string, edit: (text: string) => string, isSealed = true): Case {
  return ofList(what, (): readonly Diagnostic[] => {
    const folder = changed(folderOf(convModel(), 'conv.onnx'), path, edit);
    return audited(isSealed ? resealed(folder) : folder).findings;
  });
}

export const audits: Cases = {
  Q0640: [
    ofCall('a folder without a manifest', () =>
      auditCommand({ folder: `${scratch}/none`, model: undefined, json: false }),
    ),
  ],
  Q0641: [
    ofList(
      'another model',
      () => audited(folderOf(convModel(), 'conv.onnx'), Uint8Array.from([...convModel(), 8, 8])).findings,
    ),
  ],
  Q0642: [found('an edited file', 'conv.h', (t) => `${t}\n`, false)],
  Q0643: [found('a weight', 'conv_weights.c', (t) => t.replace(/"\\(\d+)/, '"\\7'))],
  Q0644: [found('a bound', 'manifest.json', (t) => t.replace(/("acc_low": \[)(-?\d+)/, '$10'))],
  Q0645: [found('an arena that is too small', 'manifest.json', (t) => t.replace(/("arena_bytes": )\d+/, '$164'))],
  Q0646: [found('a stride', 'conv.c', (t) => t.replace('.sh = 1', '.sh = 2'))],
  Q0647: [
    found('a channel that is still there', 'manifest.json', (t) =>
      t.replace('"removed_channels": []', '"removed_channels": ["\\"c_node\\": 1 of 4 channels (always 0: 3)"]'),
    ),
  ],
};
