import { type DeliveryEvent, describeRecord, type KeyedRecord, partitionId } from "../event.js";
import { type ReadCompleted, readCompletedMap } from "../read-completed-map.js";
import { type Held, HeldRecords } from "./held.js";
import type { UnitOf } from "./unit.js";

export interface ReadAheadBound {
  /** Offsets from the lowest unsettled record of a partition to the newest, as in the credit of the stream. */
  readonly maxOffsetSpan: number;
  /** Records that wait for one unit (a key), as in the credit of the stream. @default not checked */
  readonly maxWaitingPerUnit?: number | undefined;
}

/**
 * Every moment at which more was handed over of a partition that had used up a limit of its own. What overshoots with the fetch that reaches the limit
 * is allowed; nothing may come after it until some of it is settled, or begun.
 */
export function findReadAheadViolations(
  events: readonly DeliveryEvent[],
  { maxOffsetSpan, maxWaitingPerUnit = Number.POSITIVE_INFINITY }: ReadAheadBound,
  unitOf: UnitOf,
  completed: ReadCompleted = readCompletedMap,
): string[] {
  const violations: string[] = [];
  const held = new HeldRecords(completed);
  for (const event of events) {
    const reader = event.kind === "received" ? held.get(event.assignment) : undefined;
    if (event.kind === "received" && reader !== undefined && event.records.some(({ offset }) => reader.isNew(offset))) {
      const fetch = `${event.member} was handed ${partitionId(event)}@${event.records.at(-1)?.offset}`;
      const { span } = reader;
      if (span >= maxOffsetSpan) violations.push(`credit: ${fetch} while its offsets spanned ${span}, at most ${maxOffsetSpan} are allowed`);
      const queue = longestQueue(reader, unitOf);
      if (queue.length >= maxWaitingPerUnit) violations.push(`credit: ${fetch} while ${waiting(queue)}, at most ${maxWaitingPerUnit} may`);
    }
    held.follow(event);
  }
  return violations;
}

/** What waits for the unit for which most waits. */
function longestQueue(reader: Held, unitOf: UnitOf): readonly KeyedRecord[] {
  const queues = Map.groupBy(reader.waiting.values(), unitOf);
  queues.delete(undefined);
  const [longest = []] = [...queues.values()].toSorted((a, b) => b.length - a.length);
  return longest;
}

function waiting(queue: readonly KeyedRecord[]): string {
  const [first] = queue;
  return `${queue.length} records waited as ${first === undefined ? "" : describeRecord(first)} did`;
}
