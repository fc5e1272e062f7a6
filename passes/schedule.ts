/**
 * schedule: an order of the steps whose peak of live bytes is low. Never worse than the order given, and that order
 * itself where no other is better, so the result is stable.
 *
 * BEFORE  a b1 b2 c1 c2 join      (b and c: two branches, both live until the join)
 * AFTER   the branch that frees more runs first
 */
import { orderProblem } from '../src/program/order-problem.js';
import { searchOrder } from '../src/program/order-search.js';
import type { Program } from '../src/program/program.js';

export const name = 'schedule';
export const doc = 'Orders steps so that the peak of live bytes is low.';

/** Looks at one item, in all: deterministic, well under a second. */
const EFFORT = 2e6;

export function schedule(program: Program): Program {
  const problem = orderProblem(program.body);
  const { order } = searchOrder(problem, EFFORT);
  return { ...program, body: order.flatMap((i) => program.body[i - problem.first] ?? []) };
}
