import { describe, expect, it } from "vitest";
import { checkDeliveries } from "./check-deliveries.js";
import { countDuplicates, findCommitViolations, findExclusionViolations, findLost, findOrderViolations, maxConcurrent } from "./checks.js";
import type { DeliveryEvent, KeyedRecord } from "./event.js";

const at = (offset: number, key: string | null, partition = 0): KeyedRecord => ({ topic: "t", partition, offset, key });
const published = (...records: KeyedRecord[]): DeliveryEvent[] => records.map((record) => ({ kind: "published", ...record }));
const start = (record: KeyedRecord): DeliveryEvent => ({ kind: "started", ...record });
const settle = (record: KeyedRecord): DeliveryEvent => ({ kind: "ended", outcome: "settled", ...record });
const fail = (record: KeyedRecord): DeliveryEvent => ({ kind: "ended", outcome: "failed", ...record });
const commit = (offset: number, partition = 0): DeliveryEvent => ({ kind: "committed", topic: "t", partition, offset });
const handle = (record: KeyedRecord): DeliveryEvent[] => [start(record), settle(record)];

const [a0, b1, a2, b3] = [at(0, "a"), at(1, "b"), at(2, "a"), at(3, "b")];
const all = published(a0, b1, a2, b3);

describe("findLost", () => {
  it("names what was never settled", () => {
    expect(findLost([...all, ...handle(a0), start(b1), fail(b1), start(a2), ...handle(b3)])).toEqual([
      'lost: t[0]@1 (key "b") was published and never settled',
      'lost: t[0]@2 (key "a") was published and never settled',
    ]);
    expect(findLost([...published(at(7, null, 2))])).toEqual(["lost: t[2]@7 (no key) was published and never settled"]);
  });

  it("is content with what was settled after it had failed", () => {
    expect(findLost([...published(a0), start(a0), fail(a0), ...handle(a0)])).toEqual([]);
  });
});

describe("countDuplicates", () => {
  it("counts what was settled again", () => {
    expect(countDuplicates([...all, ...handle(a0), ...handle(b1), ...handle(a0), ...handle(a0), start(b1), fail(b1)])).toBe(2);
  });
});

describe("findOrderViolations", () => {
  it("names a start before an earlier record of the key was settled", () => {
    expect(findOrderViolations([...all, ...handle(a2), ...handle(a0)])).toEqual([
      'order: t[0]@2 (key "a") started before offset 0 of the same key was settled',
    ]);
    expect(findOrderViolations([...all, start(a0), fail(a0), start(a2)])).toEqual([
      'order: t[0]@2 (key "a") started before offset 0 of the same key was settled',
    ]);
  });

  it("lets keys overtake each other, what has no key, and repetitions", () => {
    expect(findOrderViolations([...all, ...handle(b1), ...handle(b3), ...handle(a0), ...handle(a2), ...handle(a0), ...handle(a2)])).toEqual([]);
    expect(findOrderViolations([...published(at(0, null), at(1, null)), ...handle(at(1, null))])).toEqual([]);
    expect(findOrderViolations([...published(a0, at(9, "a", 1)), ...handle(at(9, "a", 1))])).toEqual([]);
  });

  it("does not mind when an acknowledgement is noted after the work", () => {
    expect(findOrderViolations([...handle(a0), ...published(a0), ...handle(a2), ...published(a2)])).toEqual([]);
    expect(findOrderViolations([...handle(a2), ...published(a2, a0), ...handle(a0)])).toHaveLength(1);
  });
});

describe("findExclusionViolations", () => {
  it("names two of a key at once, over partitions and members", () => {
    expect(findExclusionViolations([start(a0), start(b1), start(a2)])).toEqual([
      'exclusion: t[0]@2 (key "a") started while t[0]@0 of the same key was running',
    ]);
    expect(findExclusionViolations([start(a0), start(a0), settle(a0), start(at(5, "a", 1))])).toEqual([
      'exclusion: t[0]@0 (key "a") started while t[0]@0 of the same key was running',
      'exclusion: t[1]@5 (key "a") started while t[0]@0 of the same key was running',
    ]);
  });

  it("lets what has no key, and what has ended in any way, be", () => {
    expect(findExclusionViolations([start(at(0, null)), start(at(1, null)), start(a0), fail(a0), start(a0), settle(a0), start(a2)])).toEqual([]);
  });
});

describe("findCommitViolations", () => {
  it("names a commit beyond unsettled work", () => {
    expect(findCommitViolations([...all, ...handle(a0), start(b1), ...handle(a2), commit(3)])).toEqual(
      ['t[0] was committed at 3 while t[0]@1 (key "b") was not settled'].map((text) => `commit: ${text}`),
    );
    expect(findCommitViolations([...all, commit(1), ...handle(a0)])).toEqual([
      'commit: t[0] was committed at 1 while t[0]@0 (key "a") was not settled',
    ]);
  });

  it("allows a commit up to the lowest unsettled record, and of other partitions", () => {
    expect(
      findCommitViolations([
        ...all,
        commit(0),
        ...handle(a0),
        ...handle(a2),
        commit(1),
        ...handle(b1),
        ...handle(b3),
        commit(4),
        commit(2),
        commit(9, 1),
      ]),
    ).toEqual([]);
  });
});

describe("maxConcurrent", () => {
  it("is the most that ran at once", () => {
    expect(maxConcurrent([...handle(a0), start(b1), start(a2), settle(b1), start(b3), fail(b3)])).toBe(2);
  });
});

describe("checkDeliveries", () => {
  it("reports everything at once", () => {
    const events = [...all, start(a0), start(a2), settle(a2), commit(3), settle(a0), ...handle(b1), ...handle(b1)];
    expect(checkDeliveries(events, { concurrency: 1, maxDuplicates: 0 })).toEqual({
      violations: [
        'lost: t[0]@3 (key "b") was published and never settled',
        'order: t[0]@2 (key "a") started before offset 0 of the same key was settled',
        'exclusion: t[0]@2 (key "a") started while t[0]@0 of the same key was running',
        'commit: t[0] was committed at 3 while t[0]@0 (key "a") was not settled',
        "concurrency: 2 records were worked on at once, at most 1 are allowed",
        "duplicates: 1 records were settled again, at most 0 are allowed",
      ],
      duplicates: 1,
      maxConcurrent: 2,
    });
  });

  it("finds nothing where every promise was kept", () => {
    expect(checkDeliveries([...all, ...[a0, b1, a2, b3].flatMap(handle), commit(4)], { concurrency: 1, maxDuplicates: 0 })).toEqual({
      violations: [],
      duplicates: 0,
      maxConcurrent: 1,
    });
  });
});
