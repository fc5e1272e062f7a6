import type { Node } from '../../ir/graph.js';
import type { ExportContext } from '../../onnx/exporter.js';

/** Written where somebody reads it (`ExportContext.name`): around products of matrices nobody does. */
export function exportNode(_node: Node<'reshape'>, _cx: ExportContext): void {}
