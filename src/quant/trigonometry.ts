/**
 * sin, cos, tan and atan whose bits are ours: the twin of runtime-c/include/qcc/trigonometry.h. In double with + - * / only,
 * in one fixed order, then rounded to float32; relative error below 2^-48 but for arguments of 2^20 and more next to a
 * multiple of pi / 2, where it is below 2^-28.
 */
import { horner } from './math.js';

const TWO_OVER_PI = 0.6366197723675814;
const HALF_PI = 1.5707963267948966;
/** pi / 2 in two parts; the first has 33 significant bits, so k * HIGH is exact for k < 2^20. */
const HALF_PI_HIGH = 1.5707963267341256;
const HALF_PI_LOW = 6.077100506506192e-11;
/** The bits of 2 / pi behind the point, after 32 zeros. */
const twoOverPi: readonly number[] = [
  0, 0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab,
];
/** -1/3!, 1/5!, ... and -1/2!, 1/4!, ... */
const sines: readonly number[] = [
  -0.16666666666666666, 0.008333333333333333, -0.0001984126984126984, 2.7557319223985893e-6, -2.505210838544172e-8,
  1.6059043836821613e-10, -7.647163731819816e-13, 2.8114572543455206e-15,
];
const cosines: readonly number[] = [
  -0.5, 0.041666666666666664, -0.001388888888888889, 0.0000248015873015873, -2.755731922398589e-7, 2.08767569878681e-9,
  -1.1470745597729725e-11, 4.779477332387385e-14,
];
/** 1/3, 1/5, ... */
const oddReciprocals: readonly number[] = Array.from({ length: 9 }, (_, n) => 1 / (2 * n + 3));
/** atan(k / 4) */
const atanQuarters: readonly number[] = [
  0, 0.24497866312686414, 0.4636476090008061, 0.6435011087932844, 0.7853981633974483,
];
const view = new DataView(new ArrayBuffer(4));

/** a = quadrant * pi / 2 + rest with |rest| <= pi / 4, the quadrant modulo 4; for a finite float32 a >= 0. */
function reduced(a: number): { readonly quadrant: number; readonly rest: number } {
  if (a >= 1048576) return reducedLarge(a);
  const k = Math.floor(a * TWO_OVER_PI + 0.5);
  return { quadrant: k % 4, rest: a - k * HALF_PI_HIGH - k * HALF_PI_LOW };
}

/** a * 2 / pi modulo 4 in 64 bits: of 2 / pi, only the 96 bits that a does not shift beyond the 4 are multiplied. */
function reducedLarge(a: number): { readonly quadrant: number; readonly rest: number } {
  view.setFloat32(0, a);
  const bits = view.getUint32(0);
  const first = (bits >>> 23) - 120;
  const m = BigInt((bits & 0x7fffff) | 0x800000);
  const part = (j: number) => {
    const at = Math.floor(first / 32) + j;
    const pair = (BigInt(twoOverPi[at]) << 32n) | BigInt(twoOverPi[at + 1]);
    return BigInt.asUintN(32, (pair << BigInt(first % 32)) >> 32n);
  };
  const product = BigInt.asUintN(64, ((m * part(0)) << 32n) + m * part(1) + ((m * part(2)) >> 32n));
  const quadrant = BigInt.asUintN(64, product + (1n << 61n)) >> 62n;
  const fraction = BigInt.asIntN(64, product - (quadrant << 62n));
  return { quadrant: Number(quadrant), rest: Number(fraction) * 3.4061215800865545e-19 };
}

function sinOf(r: number): number {
  const z = r * r;
  return r + r * (z * horner(sines, 7, z));
}

function cosOf(r: number): number {
  const z = r * r;
  return 1 + z * horner(cosines, 7, z);
}

export function sin32(x: number): number {
  if (x === 0) return x;
  if (!Number.isFinite(x)) return Number.NaN;
  const { quadrant, rest } = reduced(Math.abs(x));
  const s = quadrant % 2 === 0 ? sinOf(rest) : cosOf(rest);
  return Math.fround(quadrant >= 2 !== x < 0 ? -s : s);
}

export function cos32(x: number): number {
  if (!Number.isFinite(x)) return Number.NaN;
  const { quadrant, rest } = reduced(Math.abs(x));
  const c = quadrant % 2 === 0 ? cosOf(rest) : sinOf(rest);
  return Math.fround(quadrant === 1 || quadrant === 2 ? -c : c);
}

export function tan32(x: number): number {
  if (x === 0) return x;
  if (!Number.isFinite(x)) return Number.NaN;
  const { quadrant, rest } = reduced(Math.abs(x));
  const [s, c] = [sinOf(rest), cosOf(rest)];
  const t = quadrant % 2 === 0 ? s / c : -(c / s);
  return Math.fround(x < 0 ? -t : t);
}

/** Reduced to at most 1 by atan(1 / a) = pi / 2 - atan(a), then to at most 1/8 by a quarter's own angle. */
export function atan32(x: number): number {
  if (x === 0 || Number.isNaN(x)) return x;
  const a = Math.abs(x);
  const b = a > 1 ? 1 / a : a;
  const k = Math.floor(b * 4 + 0.5);
  const t = k * 0.25;
  const z = (b - t) / (1 + b * t);
  const w = -(z * z);
  const r = atanQuarters[k] + (z + z * (w * horner(oddReciprocals, 8, w)));
  const y = a > 1 ? HALF_PI - r : r;
  return Math.fround(x < 0 ? -y : y);
}
