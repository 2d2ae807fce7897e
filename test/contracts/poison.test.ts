import { create, type FileRegistry } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { Contract } from "@org/bus-core";
import { compileContracts } from "@org/bus-core/compiler";
import fc from "fast-check";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { Everything } from "./gen/everything/v1/everything.js";
import { Legacy } from "./gen/everything/v1/legacy.js";
import { Modern } from "./gen/everything/v1/modern.js";
import { arbitraryMessage } from "./support/arbitrary-message.js";
import { loadRegistry, messageOf } from "./support/descriptors.js";
import { decode, examine, type Outcome, type Subject } from "./support/poison/compare.js";
import { damage } from "./support/poison/damage.js";
import { hostile, nested } from "./support/poison/hostile.js";
import { Random } from "./support/poison/random.js";
import { wildMessage } from "./support/poison/wild-message.js";
import { countCopiedBytes, countParts, countSteps } from "./support/poison/work.js";

/** Each is decoded by both back ends. `npm run poison` takes more of them, and another seed each time. */
const cases = Number(process.env.POISON_CASES ?? 50_000);
const seed = Number(process.env.POISON_SEED ?? 1);

let subjects: readonly (Subject & { readonly samples: readonly Uint8Array[] })[];

beforeAll(async () => {
  const registry: FileRegistry = await loadRegistry();
  const closures = compileContracts(create(FileDescriptorSetSchema, { file: Array.from(registry.files, ({ proto }) => proto) }));
  subjects = [Everything, Legacy, Modern].map((printed: Contract) => {
    const desc = messageOf(registry, printed.typeName);
    const samples = fc.sample(arbitraryMessage(desc), { seed, numRuns: 300 }).map((message) => printed.encode(message));
    return { desc, printed, closures: closures.contract(printed.typeName), samples };
  });
});

function subjectOf(typeName: string): Subject {
  const subject = subjects.find(({ desc }) => desc.typeName === typeName);
  if (subject === undefined) throw new Error(`no subject ${typeName}`);
  return subject;
}

/** What became of the bytes, without numbers. */
const summary = (outcome: Outcome): string =>
  "message" in outcome ? "accepted" : outcome.reason.replace(/^.* must be there$/s, "… must be there").replaceAll(/(?<![\w-])-?\d+/g, "N");

describe("poison", { timeout: 3_600_000 }, () => {
  it(`is refused with a reason, or read as others read it, by both back ends (${cases} cases, seed ${seed})`, () => {
    const random = new Random(seed);
    const seen = new Map<string, number>();
    const { stackTraceLimit } = Error;
    // of a million errors, nobody reads where they come from
    Error.stackTraceLimit = 0;
    onTestFinished(() => {
      Error.stackTraceLimit = stackTraceLimit;
    });
    for (let index = 0; index < cases; index++) {
      const subject = random.pick(subjects);
      const bytes = random.once(3) ? wildMessage(random, subject.desc) : damage(random, random.pick(subject.samples), random.pick(subject.samples));
      try {
        const { outcome, oddities } = examine(subject, bytes);
        for (const name of [summary(outcome), ...oddities]) seen.set(name, (seen.get(name) ?? 0) + 1);
      } catch (error) {
        throw new Error(`case ${index} of seed ${seed}: ${subject.desc.typeName} ${Buffer.from(bytes).toString("hex")}`, { cause: error });
      }
    }
    expect(seen.get("accepted")).toBeGreaterThan(cases / 10);
    expect([...seen.keys()].sort()).toEqual([
      "N bytes are announced, but N are left",
      "N is no safe integer, as jstype = JS_NUMBER needs; leave jstype away",
      "a google.protobuf.Value has no kind",
      "a length is longer than N bits",
      "a tag has the field number N",
      "a tag is longer than N bits",
      "a text is no UTF-8",
      "a varint is longer than N bytes",
      "accepted",
      "closed",
      "field N has the wire type N, which does not exist",
      "group N does not end",
      "group N ends where it has not begun",
      "kindless",
      "no room",
      "null",
      "the bytes end within a field",
      "wire type",
      "… must be there",
    ]);
  });

  it.each([
    { name: "messages", typeName: "everything.v1.Everything", make: (levels: number) => nested(levels, [[0x82, 0x04]]) },
    { name: "groups that nobody knows", typeName: "everything.v1.Everything", make: (levels: number) => groups(levels, [0xfb, 0x7f], [0xfc, 0x7f]) },
    { name: "groups", typeName: "everything.v1.Modern", make: (levels: number) => groups(levels, [0xab, 0x01], [0xac, 0x01], [0x1a, 0]) },
    { name: "groups that do not end", typeName: "everything.v1.Modern", make: (levels: number) => groups(levels, [0xab, 0x01], []) },
  ])("does not nest deeper than 100: $name", ({ typeName, make }) => {
    for (const levels of [99, 100, 101, 1000, 200_000]) {
      const { outcome } = examine(subjectOf(typeName), make(levels));
      if (levels > 100) expect(outcome).toEqual({ reason: "messages are nested deeper than 100" });
      else expect(outcome).not.toEqual({ reason: "messages are nested deeper than 100" });
    }
  });

  it("does not nest deeper than 100: JSON, each value of which is two or three messages", () => {
    // ListValue in Value in ListValue …, and entries with their Value and Struct
    const lists = (levels: number): Uint8Array => nested(1, [[0xd2, 0x09]], nested(levels, [[0x0a], [0x32]], [0x08, 0]));
    const objects = (levels: number): Uint8Array => nested(1, [[0xc2, 0x09]], nested(levels, [[0x0a], [0x12], [0x2a]], [0x08, 0]));
    const { printed, closures } = subjectOf("everything.v1.Everything");
    for (const contract of [printed, closures]) {
      expect(decode(contract, lists(98))).toHaveProperty("message");
      expect(decode(contract, lists(100))).toEqual({ reason: "messages are nested deeper than 100" });
      expect(decode(contract, objects(99))).toHaveProperty("message");
      expect(decode(contract, objects(102))).toEqual({ reason: "messages are nested deeper than 100" });
      expect(decode(contract, objects(102), { maxDepth: 103 })).toHaveProperty("message");
      expect(decode(contract, lists(60_000))).toEqual({ reason: "messages are nested deeper than 100" });
    }
  });

  it.each(hostile)("costs no more than its length: $name", ({ typeName, bytes: make }) => {
    const { printed, closures } = subjectOf(typeName);
    const bytes = make(60_000);
    for (const contract of [printed, closures]) {
      let outcome: Outcome | undefined;
      const steps = countSteps(() => {
        outcome = decode(contract, bytes);
      });
      expect(countCopiedBytes(() => decode(contract, bytes))).toBeLessThan(8 * bytes.length);
      expect(steps).toBeLessThan(5 * bytes.length);
      expect(steps).toBeGreaterThan(1000);
      if (outcome === undefined || !("message" in outcome)) continue;
      expect(countParts(outcome.message)).toBeLessThan(2 * bytes.length);
      expect(contract.encode(outcome.message).length).toBeLessThan(3 * bytes.length);
    }
  });

  it("is not even looked at where it is too large", () => {
    const { printed, closures } = subjectOf("everything.v1.Everything");
    for (const contract of [printed, closures]) {
      expect(countSteps(() => decode(contract, new Uint8Array(64 * 1024 * 1024 + 1)))).toBe(0);
      expect(decode(contract, new Uint8Array(64 * 1024 * 1024 + 1))).toEqual({ reason: "67108865 bytes are more than maxBytes, which is 67108864" });
      expect(decode(contract, Uint8Array.of(0x72, 1, 0x61), { maxBytes: 2 })).toEqual({ reason: "3 bytes are more than maxBytes, which is 2" });
    }
  });
});

function groups(levels: number, begin: readonly number[], end: readonly number[], content: readonly number[] = []): Uint8Array {
  const [starts, ends] = [begin, end].map((tag) => Array.from({ length: levels }, () => [...content, ...tag]).flat());
  return Uint8Array.from([...(starts ?? []), ...(ends ?? [])]);
}
