import { describe, expect, it } from "vitest";
import { assigned, at, commit, committed, fenced, handle, published, received, settle, start } from "../../test/histories.js";
import { checkDeliveries } from "./check-deliveries.js";

const [a0, b1, a2, b3] = [at(0, "a"), at(1, "b"), at(2, "a"), at(3, "b")];
const all = published(a0, b1, a2, b3);
const by = { member: "m1", assignment: 1 };

describe("checkDeliveries", () => {
  it("reports everything at once", () => {
    const events = [...all, start(a0), start(a2), settle(a2), commit(3), settle(a0), ...handle(b1), ...handle(b1), ...committed(3), ...committed(2)];
    const within = [assigned(), received([a0, a2, b3]), ...handle(a2, by), ...handle(a2, by), fenced("lost"), commit(3, by)];
    expect(checkDeliveries([...events, ...within], { concurrency: 1, maxDuplicates: 0, credit: { maxUnsettled: 1, maxFetch: 1 } })).toEqual({
      violations: [
        'lost: t[0]@3 (key "b") was published and never settled',
        'order: t[0]@2 (key "a") started before offset 0 of the same unit was settled',
        'order: t[0]@2 (key "a") started before offset 0 of the same unit, received in the same assignment, was settled',
        'order: t[0]@2 (key "a") started before offset 0 of the same unit, received in the same assignment, was settled',
        'exclusion: t[0]@2 (key "a") started while t[0]@0 of the same unit was running',
        'commit: t[0] was committed at 3 while t[0]@0 (key "a") was not settled',
        "commit: t[0] went back from 3 to 2",
        "fence: t[0] was committed at 3 by m1 in assignment 1, which had ended",
        'repeat: t[0]@2 (key "a") was started although a commit acknowledged before the assignment covers it',
        'repeat: t[0]@2 (key "a") was started a second time in assignment 1',
        'repeat: t[0]@2 (key "a") was started although a commit acknowledged before the assignment covers it',
        "credit: m1 had 3 records unsettled, at most 2 are allowed (1 and 1 for each of 1 partitions)",
        "concurrency: 2 records were worked on at once, at most 1 are allowed",
        "duplicates: 3 records were settled again, at most 0 are allowed",
      ],
      duplicates: 3,
      maxConcurrent: 2,
    });
  });

  it("finds nothing where every promise was kept", () => {
    const events = [...all, ...[a0, b1, a2, b3].flatMap((record) => handle(record)), commit(4)];
    expect(checkDeliveries(events, { concurrency: 1, maxDuplicates: 0 })).toEqual({ violations: [], duplicates: 0, maxConcurrent: 1 });
  });
});
