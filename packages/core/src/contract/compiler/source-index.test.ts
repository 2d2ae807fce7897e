import { create } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { positionIn, sourceIndex } from "./source-index.js";

describe("sourceIndex", () => {
  it("finds what a search through all locations finds", () => {
    const path = fc.array(fc.nat(3), { minLength: 1, maxLength: 4 });
    const locations = fc.array(fc.record({ path, span: fc.constantFrom([], [7, 0, 1], [9, 1, 2, 3]) }), { maxLength: 12 });
    fc.assert(
      fc.property(locations, path, (location, wanted) => {
        const file = create(FileDescriptorProtoSchema, {
          sourceCodeInfo: { location: location.map(({ path, span }) => ({ path, span: [...span] })) },
        });
        const index = sourceIndex(file);
        const withLine = file.sourceCodeInfo?.location.filter(({ span }) => span.length > 0) ?? [];
        expect(index.locationAt(wanted)).toBe(withLine.find((one) => one.path.join() === wanted.join()));
        expect(index.lineWithin(wanted)).toBe(withLine.find((one) => one.path.slice(0, wanted.length).join() === wanted.join())?.span[0]);
      }),
    );
  });
});

describe("positionIn", () => {
  it("is the index of an item", () => {
    const list = [{}, {}, {}];
    expect(list.map((item) => positionIn(list, item))).toEqual([0, 1, 2]);
    expect(positionIn(list, {})).toBe(-1);
  });
});
