/** Elements as the families that work on any of them number them: `runtime-c/include/qcc/element.h`. */
import type { Element } from '../ir/type.js';

export const elementCodes: Readonly<Record<Element, number>> = {
  f32: 0,
  f64: 1,
  f16: 2,
  s8: 3,
  u8: 4,
  s16: 5,
  u16: 6,
  s32: 7,
  u32: 8,
  s64: 9,
  u64: 10,
  bool: 11,
  s4: 12,
  u4: 13,
};
