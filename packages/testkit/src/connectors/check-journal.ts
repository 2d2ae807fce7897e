import type { JournalEvent } from "./journal.js";

/** Positions that were stored, and batches that were acknowledged, before all that lies before them was written. Empty when it is as it should be. */
export function findAheadOfSink(events: readonly JournalEvent[]): readonly string[] {
  const written = new Set<string>();
  const read: Extract<JournalEvent, { type: "read" }>[] = [];
  const faults: string[] = [];
  for (const event of events) {
    if (event.type === "written") for (const id of event.ids) written.add(id);
    else if (event.type === "read") read.push(event);
    else {
      const own = read.filter(({ run, split }) => run === event.run && split === event.split);
      const isIt = (each: (typeof own)[number]) =>
        event.type === "stored" ? JSON.stringify(each.position) === JSON.stringify(event.position) : each.batch === event.batch;
      const covered = own.slice(0, own.findLastIndex(isIt) + 1);
      const missing = covered.flatMap(({ records }) => records.map(({ id }) => id)).filter((id) => !written.has(id));
      if (missing.length > 0)
        faults.push(
          `${event.type} ${event.split} ${JSON.stringify("position" in event ? event.position : event.batch)} before ${missing.join(", ")}`,
        );
    }
  }
  return faults;
}

/** Keys whose records came, each for the first time, in another order than they were put. */
export function findOutOfOrder(events: readonly JournalEvent[], put: readonly { readonly id: string; readonly key: string }[]): readonly string[] {
  const arrived = [...new Set(events.flatMap((event) => (event.type === "written" ? event.ids : [])))];
  const keys = new Set(put.map(({ key }) => key));
  return [...keys].filter((key) => {
    const expected = put.filter((record) => record.key === key).map(({ id }) => id);
    const found = arrived.filter((id) => expected.includes(id));
    return JSON.stringify(found) !== JSON.stringify(expected);
  });
}
