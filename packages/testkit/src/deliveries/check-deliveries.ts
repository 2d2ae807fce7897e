import { findCommitRegressions, findCommitViolations } from "./checks/commits.js";
import { maxConcurrent } from "./checks/concurrency.js";
import { type CreditBound, findCreditViolations } from "./checks/credit.js";
import { findShortDrains } from "./checks/drains.js";
import { findExclusionViolations } from "./checks/exclusion.js";
import { findFenceViolations } from "./checks/fences.js";
import { countDuplicates, findLost } from "./checks/lost.js";
import { findOrderViolations } from "./checks/order.js";
import { findOrderViolationsInAssignments } from "./checks/order-in-assignments.js";
import { findReadAheadViolations, type ReadAheadBound } from "./checks/read-ahead.js";
import { findNeedlessRepeats } from "./checks/repeats.js";
import { units } from "./checks/unit.js";
import type { DeliveryEvent } from "./event.js";
import { type ReadCompleted, readCompletedMap } from "./read-completed-map.js";

export interface CheckDeliveriesOptions {
  /** The most records that a member may work on at once, in one stage. @default no limit */
  readonly concurrency?: number;
  /** The most records that may be settled again. @default no limit: at least once repeats */
  readonly maxDuplicates?: number;
  /** As in the options of the stream. @default "key" */
  readonly order?: "key" | "partition" | "none";
  /** Whether revocations are awaited, as `features.awaitableRevoke` of the transport says: then an orderly handover repeats nothing. @default true */
  readonly awaited?: boolean;
  /** Reads what a commit says is settled beyond its offset. @default as this library writes it */
  readonly completed?: ReadCompleted;
  /** As in the options of the stream. @default whether an orderly end waits for work is not checked */
  readonly drainTimeoutMs?: number;
  /** As in the options of the stream: what has taken longer need not be waited for. @default no limit */
  readonly handlerTimeoutMs?: number;
  /** How far reading may run ahead. @default not checked */
  readonly credit?: CreditBound;
  /** How far the reading of one partition may run ahead. @default not checked */
  readonly readAhead?: ReadAheadBound;
}

/** What a list of events shows. */
export interface DeliveriesReport {
  /** One sentence each, with key and offsets; empty when every promise was kept. */
  readonly violations: readonly string[];
  readonly duplicates: number;
  readonly maxConcurrent: number;
}

/**
 * Holds a list of events to the promises of a stream, as far as they tell of it: nothing lost, order and exclusion per key, commits never ahead of
 * the work, nothing after a fence, no needless repetition, bounded memory.
 */
export function checkDeliveries(events: readonly DeliveryEvent[], options: CheckDeliveriesOptions = {}): DeliveriesReport {
  const { concurrency = Number.POSITIVE_INFINITY, maxDuplicates = Number.POSITIVE_INFINITY, completed = readCompletedMap } = options;
  const unitOf = units[options.order ?? "key"];
  const [duplicates, most] = [countDuplicates(events), maxConcurrent(events)];
  const violations = [
    ...findLost(events),
    ...findOrderViolations(events, unitOf),
    ...findOrderViolationsInAssignments(events, unitOf, completed),
    ...findExclusionViolations(events, unitOf),
    ...findCommitViolations(events, completed),
    ...findCommitRegressions(events),
    ...findFenceViolations(events),
    ...findNeedlessRepeats(events, options),
    ...(options.drainTimeoutMs === undefined ? [] : findShortDrains(events, options.drainTimeoutMs, options.handlerTimeoutMs)),
    ...(options.credit === undefined ? [] : findCreditViolations(events, options.credit, completed)),
    ...(options.readAhead === undefined ? [] : findReadAheadViolations(events, options.readAhead, unitOf, completed)),
  ];
  if (most > concurrency) violations.push(`concurrency: ${most} records were worked on at once, at most ${concurrency} are allowed`);
  if (duplicates > maxDuplicates) violations.push(`duplicates: ${duplicates} records were settled again, at most ${maxDuplicates} are allowed`);
  return { violations, duplicates, maxConcurrent: most };
}
