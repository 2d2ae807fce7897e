import type { RunningKey } from "./run-scope.js";

/** Keys on which ended runs still work. A new run begins none of them before that has ended. */
export class Leftovers {
  private readonly keys = new Set<RunningKey>();

  add(keys: readonly RunningKey[]): void {
    for (const key of keys) {
      this.keys.add(key);
      key.onEnd(() => this.keys.delete(key));
    }
  }

  list(): readonly RunningKey[] {
    return [...this.keys];
  }
}
