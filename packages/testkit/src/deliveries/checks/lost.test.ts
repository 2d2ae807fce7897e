import { describe, expect, it } from "vitest";
import { at, deleted, fail, handle, published, settle, start } from "../../../test/histories.js";
import { countDuplicates, findLost } from "./lost.js";

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

  it("is content with what was settled after it had failed, or only by its dead letter", () => {
    expect(findLost([...published(a0, b1), start(a0), fail(a0), ...handle(a0), settle(b1)])).toEqual([]);
  });

  it("asks for nothing that was deleted before", () => {
    expect(findLost([...all, deleted(2), ...handle(b3)])).toEqual(['lost: t[0]@2 (key "a") was published and never settled']);
  });
});

describe("countDuplicates", () => {
  it("counts what was settled again", () => {
    expect(countDuplicates([...all, ...handle(a0), ...handle(b1), ...handle(a0), ...handle(a0), start(b1), fail(b1)])).toBe(2);
  });
});
