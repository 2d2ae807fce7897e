import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Turns } from "./turns.js";

const steps = fc.array(fc.constantFrom("push", "push", "shift", "unshift", "retain"), { maxLength: 4_000, size: "max" });

describe("Turns", () => {
  it("does what an array does", () => {
    fc.assert(
      fc.property(steps, fc.boolean(), (run, long) => {
        const turns = new Turns<number>();
        const model: number[] = [];
        // past the length at which it frees what was shifted
        for (let i = long ? 3_000 : 0; i > 0; i--) {
          turns.push(-i);
          model.push(-i);
        }
        for (const [index, step] of run.entries()) {
          if (step === "push") {
            turns.push(index);
            model.push(index);
          } else if (step === "shift") expect(turns.shift()).toBe(model.shift());
          else if (step === "unshift") {
            turns.unshift(index);
            model.unshift(index);
          } else if (index % 50 === 0) {
            turns.retain((item) => item % 7 !== 0);
            model.splice(0, model.length, ...model.filter((item) => item % 7 !== 0));
          }
        }
        while (model.length > 0) expect(turns.shift()).toBe(model.shift());
        expect(turns.shift()).toBeUndefined();
      }),
      { numRuns: 15 },
    );
  });
});
