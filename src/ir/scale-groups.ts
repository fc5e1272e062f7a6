/** Which values share a scale. Invariant: every value has one representative, whoever was joined first. */
import type { Value } from './graph.js';

/** Values that share one scale, each with a representative. */
export class ScaleGroups {
  private readonly parent = new Map<Value, Value>();

  rootOf(value: Value): Value {
    let at = value;
    for (let up = this.parent.get(at); up !== undefined; up = this.parent.get(at)) at = up;
    return at;
  }

  join(a: Value, b: Value): void {
    const [x, y] = [this.rootOf(a), this.rootOf(b)];
    if (x !== y) this.parent.set(x, y);
  }
}
