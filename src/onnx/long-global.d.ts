// onnx-proto's types speak of a global `Long`; without this it would silently be `any`.
import type L from 'long';

declare global {
  type Long = L;
}
