import { describe, expect, it } from "vitest";
import { Faults } from "./faults.js";

const pathsOf = (faults: Faults): readonly string[] => faults.violations().map(({ path }) => path);

describe("Faults", () => {
  it("puts the names of what a value stands in before its path", () => {
    const faults = new Faults();
    const outer = faults.enter();
    const inner = faults.mark();
    faults.add("currency", "string.len", "must be 3 characters", "2");
    faults.within(inner, "price");
    faults.leave(outer, "items", 2);
    expect(faults.violations()).toEqual([{ path: "items[2].price.currency", rule: "string.len", message: "must be 3 characters, is 2" }]);
    expect(faults.depth).toBe(0);
  });

  it("writes keys of maps so that they can be told apart", () => {
    const faults = new Faults();
    for (const key of ["a b", 'a"b', "5", 5, 5n, true]) {
      const mark = faults.mark();
      faults.add("", "type", "");
      faults.within(mark, "labels", key);
    }
    expect(pathsOf(faults)).toEqual(['labels["a b"]', 'labels["a\\"b"]', 'labels["5"]', "labels[5]", "labels[5]", "labels[true]"]);
  });

  it("joins properties that are no names without a dot", () => {
    const faults = new Faults();
    faults.add('["a b"]', "unknown_field", "");
    faults.within(0, "price");
    expect(pathsOf(faults)).toEqual(['price["a b"]']);
  });

  it("changes only what was found since the mark", () => {
    const faults = new Faults();
    faults.add("first", "a", "must be", "secret");
    const mark = faults.mark();
    faults.add("second", "b", "must be", "secret");
    faults.conceal(mark);
    faults.withinKey(mark, "map", "k");
    expect(faults.violations().map(({ path, message }) => `${path} ${message}`)).toEqual(["first must be, is secret", 'map["k"].second key must be']);
  });

  it("tells faults of structure from broken rules", () => {
    const faults = new Faults();
    faults.add("kept", "string.len", "");
    const mark = faults.mark();
    faults.add("dropped", "string.len", "");
    faults.add("kept too", "type", "");
    faults.keepStructural(mark);
    expect(pathsOf(faults)).toEqual(["kept", "kept too"]);
  });
});
