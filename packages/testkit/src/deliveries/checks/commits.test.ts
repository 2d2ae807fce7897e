import { describe, expect, it } from "vitest";
import { acknowledged, at, commit, committed, deleted, handle, published, received, settle, start } from "../../../test/histories.js";
import { findCommitRegressions, findCommitViolations, findUncommitted } from "./commits.js";

const [a0, b1, a2, b3] = [at(0, "a"), at(1, "b"), at(2, "a"), at(3, "b")];
const all = published(a0, b1, a2, b3);
const listed = ({ metadata }: { readonly metadata: string }) => new Set(metadata === "" ? [] : metadata.split(",").map(Number));

describe("findCommitViolations", () => {
  it("names a commit beyond unsettled work", () => {
    expect(findCommitViolations([...all, ...handle(a0), start(b1), ...handle(a2), commit(3)])).toEqual([
      'commit: t[0] was committed at 3 while t[0]@1 (key "b") was not settled',
    ]);
    expect(findCommitViolations([...all, commit(1), ...handle(a0)])).toEqual([
      'commit: t[0] was committed at 1 while t[0]@0 (key "a") was not settled',
    ]);
    // nobody knows that it was published, but it was handed over
    expect(findCommitViolations([received([a0]), commit(1)])).toHaveLength(1);
  });

  it("allows a commit up to the lowest unsettled record, past deleted ones, and of other partitions", () => {
    const events = [
      ...all,
      commit(0),
      ...handle(a0),
      ...handle(a2),
      commit(1),
      ...handle(b1),
      ...handle(b3),
      commit(4),
      commit(2),
      commit(9, { partition: 1 }),
    ];
    expect(findCommitViolations(events)).toEqual([]);
    expect(findCommitViolations([...all, deleted(3), commit(3)])).toEqual([]);
  });

  it("names metadata that says of an unsettled record that it is settled", () => {
    const events = [...all, ...handle(b1), start(a2)];
    expect(findCommitViolations([...events, commit(0, { metadata: "1" })], listed)).toEqual([]);
    expect(findCommitViolations([...events, commit(0, { metadata: "1,2,7" })], listed)).toEqual([
      'commit: the metadata of t[0] at 0 says of t[0]@2 (key "a") that it is settled, and it was not',
    ]);
  });
});

describe("findCommitRegressions", () => {
  it("names a commit that took the group back", () => {
    expect(findCommitRegressions([...committed(3), ...committed(3), ...committed(5), ...committed(4)])).toEqual([
      "commit: t[0] went back from 5 to 4",
    ]);
    // one that was not acknowledged may not have happened
    expect(findCommitRegressions([...committed(3), commit(2)])).toEqual([]);
  });
});

describe("findUncommitted", () => {
  it("names partitions whose end was not committed", () => {
    expect(findUncommitted([...all, settle(b3), commit(4)])).toEqual(["commit: t[0] ended at no offset, and its last record is 3"]);
    expect(findUncommitted([...all, ...committed(3)])).toEqual(["commit: t[0] ended at 3, and its last record is 3"]);
  });

  it("is content with the end of the log, gaps after the last record included, and with a log that was deleted", () => {
    expect(findUncommitted([...all, ...committed(4)])).toEqual([]);
    expect(findUncommitted([...all, acknowledged(6)])).toEqual([]);
    expect(findUncommitted([...all, deleted(4)])).toEqual([]);
  });
});
