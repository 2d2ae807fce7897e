import { countDuplicates, findCommitViolations, findExclusionViolations, findLost, findOrderViolations, maxConcurrent } from "./checks.js";
import type { DeliveryEvent } from "./event.js";

export interface CheckDeliveriesOptions {
  /** The most records that may be worked on at once. @default no limit */
  readonly concurrency?: number;
  /** The most records that may be settled again. @default no limit: at least once repeats */
  readonly maxDuplicates?: number;
}

/** What a list of events shows. */
export interface DeliveriesReport {
  /** One sentence each, with key and offsets; empty when every promise was kept. */
  readonly violations: readonly string[];
  readonly duplicates: number;
  readonly maxConcurrent: number;
}

/** Holds a list of events to the promises of a keyed stream: nothing lost, order and exclusion per key, commits never ahead of the work. */
export function checkDeliveries(events: readonly DeliveryEvent[], options: CheckDeliveriesOptions = {}): DeliveriesReport {
  const { concurrency = Number.POSITIVE_INFINITY, maxDuplicates = Number.POSITIVE_INFINITY } = options;
  const [duplicates, most] = [countDuplicates(events), maxConcurrent(events)];
  const violations = [...findLost(events), ...findOrderViolations(events), ...findExclusionViolations(events), ...findCommitViolations(events)];
  if (most > concurrency) violations.push(`concurrency: ${most} records were worked on at once, at most ${concurrency} are allowed`);
  if (duplicates > maxDuplicates) violations.push(`duplicates: ${duplicates} records were settled again, at most ${maxDuplicates} are allowed`);
  return { violations, duplicates, maxConcurrent: most };
}
