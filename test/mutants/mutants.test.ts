import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { judge } from "./judge.js";
import { type Mutant, mutants } from "./mutants.js";
import { TreeCopy } from "./tree-copy.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const ledger = "packages/core/src/consume/ledger/ledger.ts";

describe("deliberate faults", () => {
  let copy: TreeCopy;
  beforeAll(() => {
    copy = new TreeCopy(root);
  });
  afterAll(() => copy.remove());

  test.each(mutants)("can still be made: $name", (mutant) => {
    copy.apply(mutant)();
  });

  // `npm run mutants` has all of them
  test.each([
    "commits one too far",
    "starts a second one of a key",
    "acknowledges before the dead letter is written",
    "kafkajs: reads on one too far",
    "platformatic: reads on one too far",
  ])(
    "are noticed: %s",
    async (name) => {
      const mutant = mutants.find((each) => each.name === name);
      expect(mutant && (await judge(mutant, copy, 50))).toMatchObject({ mutant: name, verdict: "caught" });
    },
    120_000,
  );

  test.each<[string, Partial<Mutant>, string]>([
    ["that change nothing are missed", { find: "this.unsettled++;", replace: "REACHED;\n    this.unsettled++;" }, "missed"],
    ["that nobody meets are unmet", { find: "if (this.isSettled(slot)) return false;", replace: "if (this.isSettled(slot)) return false;" }, "unmet"],
    ["for which the source has changed are stale", { find: "this was never there", replace: "" }, "stale"],
  ])(
    "%s",
    async (name, mutant, verdict) => {
      expect(await judge({ name, file: ledger, find: "", replace: "", ...mutant }, copy, 3)).toMatchObject({ verdict });
    },
    120_000,
  );

  test("count for nothing where the same seed fails without them", async () => {
    const other = mutants.find(({ name }) => name === "commits one too far");
    const restore = other && copy.apply(other);
    const harmless = { name: "harmless", file: ledger, find: "this.unsettled++;", replace: "REACHED;\n    this.unsettled++;" };
    expect(await judge(harmless, copy, 50)).toMatchObject({
      verdict: "unsound",
      by: expect.stringMatching(/^seed \d+ fails without the fault too$/),
    });
    restore?.();
  }, 120_000);
});
