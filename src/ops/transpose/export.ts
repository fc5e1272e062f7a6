import type { Node } from '../../ir/graph.js';
import type { ExportContext } from '../../onnx/exporter.js';

/** Written where somebody reads it (`ExportContext.name`): between convolutions nobody does. */
export function exportNode(_node: Node<'transpose'>, _cx: ExportContext): void {}
