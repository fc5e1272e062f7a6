/** Which of the formats that qcc reads other tools read too. */
import { isGraphText } from '../ir/parse.js';
import { isTflite } from '../tflite/decode.js';

/** Whether a file that qcc has read is ONNX, not TFLite or textual IR. */
export function isOnnx(model: Uint8Array): boolean {
  return !isTflite(model) && !isGraphText(model);
}
