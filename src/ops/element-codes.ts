/** Elements as the families that work on any of them number them: `runtime-c/include/qcc/element.h`. */
import type { Element } from '../ir/type.js';

export const elementCodes: Readonly<Record<Element, number>> = {
  f32: 0,
  f64: 1,
  f16: 2,
  bf16: 3,
  s8: 4,
  u8: 5,
  s16: 6,
  u16: 7,
  s32: 8,
  u32: 9,
  s64: 10,
  u64: 11,
  bool: 12,
  s4: 13,
  u4: 14,
};
