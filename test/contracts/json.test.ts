import { isDeepStrictEqual } from "node:util";
import { type DescMessage, type FileRegistry, fromBinary, fromJson, type JsonValue, type Message, toBinary, toJson } from "@bufbuild/protobuf";
import { BusError } from "@org/bus-core";
import type { ContractRegistry } from "@org/bus-core/compiler";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { arbitraryMessage, type ValueSource, wholeRange } from "./support/arbitrary-message.js";
import { loadContracts, loadRegistry, messageOf } from "./support/descriptors.js";
import { toEsMessage } from "./support/es-message.js";

/** Every `Any` holds a message, as JSON can show it. */
const source: ValueSource = {
  ...wholeRange,
  any: () =>
    fc.constantFrom(
      {},
      { typeUrl: "type.googleapis.com/everything.v1.Money", value: Uint8Array.of(10, 3, 69, 85, 82, 16, 5) },
      { typeUrl: "type.googleapis.com/google.protobuf.Duration", value: Uint8Array.of(8, 1, 16, 128, 202, 181, 238, 1) },
      { typeUrl: "type.googleapis.com/google.protobuf.StringValue", value: Uint8Array.of(10, 1, 97) },
      { typeUrl: "type.googleapis.com/google.protobuf.Value", value: Uint8Array.of(50, 4, 10, 2, 32, 1) },
      { typeUrl: "type.googleapis.com/google.protobuf.Empty", value: new Uint8Array() },
    ),
};

let theirs: FileRegistry;
let ours: ContractRegistry;

beforeAll(async () => {
  theirs = await loadRegistry();
  ours = await loadContracts();
});

function expectSame(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toStrictEqual(expected);
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** Undefined where the bus refuses; fails where it does something else. */
function unlessRefused<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof BusError) return undefined;
    throw error;
  }
}

/** As `JSON.stringify`, but for minus zero, which that takes for zero. */
const stringify = (value: unknown): string =>
  JSON.stringify(value, (_name, part: unknown) => (Object.is(part, -0) ? (JSON as unknown as RawJson).rawJSON("-0") : part));

/** Of V8, in no lib of TypeScript yet. */
interface RawJson {
  rawJSON(text: string): object;
}

describe.each(["Everything", "Legacy", "Modern"])("JSON of %s", { timeout: 180_000 }, (name) => {
  const typeName = `everything.v1.${name}`;
  let desc: DescMessage;

  beforeAll(() => {
    desc = messageOf(theirs, typeName);
  });

  /** What another implementation makes of it; floats are rounded there only when they are written. */
  const readElsewhere = (json: string): Message =>
    fromBinary(desc, toBinary(desc, fromJson(desc, JSON.parse(json) as JsonValue, { registry: theirs })));

  it("means to another implementation what the message is, and the reverse", () => {
    fc.assert(
      fc.property(arbitraryMessage(desc, source), (message) => {
        const expected = toEsMessage(desc, message);
        const json = ours.toJson(typeName, message);
        expectSame(readElsewhere(json), expected);

        const decoded = ours.decode(typeName, toBinary(desc, expected));
        expectSame(ours.fromJson(typeName, stringify(toJson(desc, expected, { registry: theirs }))), decoded);
        expectSame(ours.fromJson(typeName, ours.toJson(typeName, toBinary(desc, expected), { indent: 2 })), decoded);
      }),
      { numRuns: 500 },
    );
  });

  it("is read as others do where both accept it, whatever stands in it", () => {
    let accepted = 0;
    fc.assert(
      fc.property(arbitraryMessage(desc, source), fc.nat(), junk, (message, at, value) => {
        const members = Object.entries(JSON.parse(ours.toJson(typeName, message)) as object);
        const field = desc.fields[at % desc.fields.length];
        const json = JSON.stringify(Object.fromEntries([...members, [at % 2 === 0 ? field?.jsonName : field?.name, value]]));
        const [read, expected] = [unlessRefused(() => ours.fromJson(typeName, json)), attempt(() => readElsewhere(json))];
        if (read === undefined || expected === undefined) return;
        accepted++;
        expectSame(fromBinary(desc, new Uint8Array(ours.contract(typeName).encode(read))), expected);
      }),
      { numRuns: 1000 },
    );
    expect(accepted).toBeGreaterThan(50);
  });
});

describe("JSON of damaged bytes", { timeout: 180_000 }, () => {
  it("comes back as what they were decoded to, or is refused with a reason", () => {
    const desc = messageOf(theirs, "everything.v1.Everything");
    const seen = { shown: 0, refused: 0 };
    fc.assert(
      fc.property(arbitraryMessage(desc, source), fc.nat(), fc.nat(255), (message, at, byte) => {
        const bytes = new Uint8Array(ours.encode(desc.typeName, message));
        if (bytes.length > 0) bytes[at % bytes.length] = byte;
        const decoded = unlessRefused(() => ours.decode(desc.typeName, bytes));
        const json = decoded && unlessRefused(() => ours.toJson(desc.typeName, decoded));
        seen[json === undefined ? "refused" : "shown"]++;
        if (json !== undefined) expect(ours.toJson(desc.typeName, ours.fromJson(desc.typeName, json))).toBe(json);
      }),
      { numRuns: 1000 },
    );
    expect(Math.min(seen.shown, seen.refused)).toBeGreaterThan(50);
  });
});

/** Values of which few fit a given field. */
const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(
    null,
    true,
    0,
    -1,
    1.5,
    1e20,
    4294967296,
    "",
    "1",
    "-5",
    "1.0",
    "1e3",
    "0x1",
    " 1",
    "NaN",
    "Infinity",
    "SUIT_CLUBS",
    "COLOR_RED",
    3,
    99,
  ),
  fc.constantFrom(
    "YQ==",
    "YQ",
    "_-8",
    "a",
    "2020-01-01T00:00:00Z",
    "2020-02-30T00:00:00Z",
    "2020-01-01T00:00:00.123456789+01:00",
    "1.5s",
    "-0.000000001s",
    "fooBar,baz",
    "foo_bar",
  ),
  fc.constantFrom([], {}, [1], ["a"], [null], [[]], { a: 1 }, { 1: "a" }, { true: 1 }, { seconds: 1 }, [{}], {
    "@type": "type.googleapis.com/everything.v1.Part",
  }),
  fc.jsonValue({ maxDepth: 2 }),
);
