import type { LinkedMessage } from "../closures/links.js";
import type { Faults } from "../rules/faults.js";

/** Notes why a message that JSON allows has no encoding: what is nested too deep, or lacks a field without which it is none. */
export function checkSoundness(faults: Faults, { check }: LinkedMessage, message: unknown): void {
  const mark = faults.mark();
  check(faults, message);
  faults.keepStructural(mark);
}
