import { describe, expect, it } from "vitest";
import { Uncommitted } from "./uncommitted.js";

describe("Uncommitted", () => {
  it("is as old as the first record that came since all was committed", () => {
    const uncommitted = new Uncommitted();
    expect(uncommitted.oldest).toBeUndefined();
    uncommitted.received(10);
    uncommitted.received(20);
    expect(uncommitted.oldest).toBe(10);
    uncommitted.committing(undefined);
    expect(uncommitted.oldest).toBe(10);
    uncommitted.committed();
    expect(uncommitted.oldest).toBeUndefined();
  });

  it("becomes what the commit did not cover", () => {
    const uncommitted = new Uncommitted();
    uncommitted.received(10);
    uncommitted.committing(15);
    uncommitted.committed();
    expect(uncommitted.oldest).toBe(15);
  });

  it("does not forget what came while the commit was out", () => {
    const uncommitted = new Uncommitted();
    uncommitted.received(10);
    uncommitted.committing(undefined);
    uncommitted.received(20);
    uncommitted.received(30);
    uncommitted.committed();
    expect(uncommitted.oldest).toBe(20);
  });

  it("stays where it is while commits fail", () => {
    const uncommitted = new Uncommitted();
    uncommitted.received(10);
    uncommitted.committing(undefined);
    uncommitted.received(20);
    uncommitted.committing(undefined);
    expect(uncommitted.oldest).toBe(10);
    uncommitted.committed();
    expect(uncommitted.oldest).toBeUndefined();
  });
});
