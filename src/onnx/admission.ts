/**
 * Decides whether bytes may be handed to the protobuf decoder at all, and says what they are if they are no model.
 * Invariant: what is admitted is well framed and decodes into a bounded amount of memory.
 */
import type { Code } from '../diagnostics/codes.js';
import { error, QccError } from '../diagnostics/diagnostic.js';
import { sniff } from './sniff.js';
import { scanModel, type WireScan } from './wire.js';

/** One problem that leaves nothing else to look at. */
export function refusal(code: Code, message: string, help: string): QccError {
  return new QccError([error(code, message, undefined, help)]);
}

/** For bytes that are no ONNX model: another format if they are recognisably one, else a damaged model. */
export function notOnnx(bytes: Uint8Array, detail: string): QccError {
  const format = sniff(bytes);
  if (format !== undefined) return refusal('Q0102', `this is ${format.what}, not an ONNX model`, format.help);
  return refusal(
    'Q0101',
    `not an ONNX model, or a damaged one: ${detail}`,
    'if it was downloaded or copied, compare its size and do it again; otherwise export the model again',
  );
}

/** Throws `QccError` for bytes that are not to be decoded. */
export function admit(bytes: Uint8Array, maxDecodedBytes: number): WireScan {
  if (bytes.length === 0) throw refusal('Q0101', 'the file is empty', 'export the model again');
  const result = scanModel(bytes);
  if (!result.ok) {
    const { reason, offset, message } = result.failure;
    if (reason === 'too deep' && sniff(bytes) === undefined)
      throw refusal('Q0120', message, 'flatten the nested If, Loop and Scan bodies of the model');
    throw notOnnx(bytes, `at byte ${offset} of ${bytes.length}, ${message}`);
  }
  if (result.scan.decodedBytes > maxDecodedBytes)
    throw refusal(
      'Q0120',
      `decoding it would take about ${Math.ceil(result.scan.decodedBytes / 1e6)} MB of memory`,
      'store the weights as raw_data: numpy_helper.from_array(numpy_helper.to_array(t)) for each initializer t',
    );
  return result.scan;
}
