import { type DeliveryEvent, describeRecord, type KeyedRecord, keyId, positionId } from "./event.js";
import { Frontiers } from "./frontier.js";

type EventOf<Kind extends DeliveryEvent["kind"]> = Extract<DeliveryEvent, { readonly kind: Kind }>;

const publishedIn = (events: readonly DeliveryEvent[]): readonly KeyedRecord[] => events.filter((event) => event.kind === "published");
const settledIn = (events: readonly DeliveryEvent[]): readonly EventOf<"ended">[] =>
  events.filter((event) => event.kind === "ended").filter(({ outcome }) => outcome === "settled");

/** Every published record that was never settled. */
export function findLost(events: readonly DeliveryEvent[]): string[] {
  const settled = new Set(settledIn(events).map(positionId));
  return publishedIn(events)
    .filter((record) => !settled.has(positionId(record)))
    .map((record) => `lost: ${describeRecord(record)} was published and never settled`);
}

/** How often a record was settled again: what at least once allows, and effects should expect. */
export function countDuplicates(events: readonly DeliveryEvent[]): number {
  const settled = settledIn(events);
  return settled.length - new Set(settled.map(positionId)).size;
}

/** Every start of a record while an earlier one of its key, in its partition, had not been settled. */
export function findOrderViolations(events: readonly DeliveryEvent[]): string[] {
  const groupOf = ({ topic, partition, key }: KeyedRecord) => (key === null ? undefined : JSON.stringify([topic, partition, key]));
  const frontiers = new Frontiers(publishedIn(events), groupOf);
  const violations: string[] = [];
  for (const event of events) {
    if (event.kind === "ended" && event.outcome === "settled") frontiers.settle(event);
    if (event.kind !== "started") continue;
    const group = groupOf(event);
    const earlier = group === undefined ? undefined : frontiers.lowestUnsettled(group);
    if (earlier === undefined || earlier.offset >= event.offset) continue;
    violations.push(`order: ${describeRecord(event)} started before offset ${earlier.offset} of the same key was settled`);
  }
  return violations;
}

/** Every start of a record while another one of its key, or the same one, was worked on. */
export function findExclusionViolations(events: readonly DeliveryEvent[]): string[] {
  const running = new Map<string, KeyedRecord[]>();
  const violations: string[] = [];
  for (const event of events) {
    if ((event.kind !== "started" && event.kind !== "ended") || event.key === null) continue;
    const id = keyId({ topic: event.topic, key: event.key });
    const ofKey = running.get(id) ?? [];
    running.set(id, ofKey);
    if (event.kind === "ended") {
      const index = ofKey.findIndex((other) => positionId(other) === positionId(event));
      if (index >= 0) ofKey.splice(index, 1);
      continue;
    }
    for (const other of ofKey) violations.push(`exclusion: ${describeRecord(event)} started while ${positionId(other)} of the same key was running`);
    ofKey.push(event);
  }
  return violations;
}

/** Every commit beyond a published record that had not been settled by then. */
export function findCommitViolations(events: readonly DeliveryEvent[]): string[] {
  const groupOf = ({ topic, partition }: { readonly topic: string; readonly partition: number }) => `${topic}[${partition}]`;
  const frontiers = new Frontiers(publishedIn(events), groupOf);
  const violations: string[] = [];
  for (const event of events) {
    if (event.kind === "ended" && event.outcome === "settled") frontiers.settle(event);
    if (event.kind !== "committed") continue;
    const pending = frontiers.lowestUnsettled(groupOf(event));
    if (pending === undefined || event.offset <= pending.offset) continue;
    violations.push(`commit: ${groupOf(event)} was committed at ${event.offset} while ${describeRecord(pending)} was not settled`);
  }
  return violations;
}

/** The largest number of records that were worked on at once. */
export function maxConcurrent(events: readonly DeliveryEvent[]): number {
  let [running, most] = [0, 0];
  for (const { kind } of events) {
    if (kind === "started") running += 1;
    if (kind === "ended") running -= 1;
    most = Math.max(most, running);
  }
  return most;
}
