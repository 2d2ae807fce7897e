import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { type FileRegistry, fromBinary, ScalarType, toBinary } from "@bufbuild/protobuf";
import { loadDescriptorSet } from "@org/bus-cli";
import { type AnyContract, BusError } from "@org/bus-core";
import { testBus } from "@org/bus-testkit";
import fc from "fast-check";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { runBuf } from "../../../packages/cli/src/buf/run-buf.js";
import { arbitraryMessage, type ValueSource, wholeRange } from "../support/arbitrary-message.js";
import { loadRegistry, messageOf } from "../support/descriptors.js";
import { type Loose, toEsMessage } from "../support/es-message.js";
import * as newer from "./after/gen/evolution/v1/evolution.js";
import * as older from "./before/gen/evolution/v1/evolution.js";
import { type Change, changes } from "./changes.js";

type Version = "before" | "after";
const versions: readonly Version[] = ["before", "after"];
const pairs = versions.flatMap((producer) => versions.map((consumer) => ({ producer, consumer })));
const folderOf = (version: Version): string => `contracts/evolution/${version}/proto`;

let registries: Readonly<Record<Version, FileRegistry>>;

beforeAll(async () => {
  registries = { before: await loadRegistry(folderOf("before")), after: await loadRegistry(folderOf("after")) };
});

/** A consumer of one version receives what a producer of the other publishes, and republishes it; resolves with what both topics hold. */
async function cross({ before, after }: Change, producer: AnyContract, consumer: AnyContract, message: object) {
  await using bus = testBus({ contracts: [before] });
  const copy = { ...consumer, topic: { ...topicOf(consumer), name: "copy" } };
  await bus.topics.ensure([copy]);
  await bus.publish(producer, message);
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  bus.consume(consumer, { group: "g", concurrency: 1 }, (received) => bus.publish(copy, received).then(() => resolve(received), reject));
  const seen = await promise;
  const records = (name: string) => bus.transport.broker.records(name).map(({ value }) => value ?? new Uint8Array());
  return { seen, published: records(topicOf(after).name), republished: records("copy") };
}

/** Values of which the older version can hold each, where one can write what the other cannot. */
function sourceOf(name: string, producer: Version): ValueSource {
  const narrow: Readonly<Record<string, Partial<Record<ScalarType, fc.Arbitrary<unknown>>>>> = {
    Widened: {
      [ScalarType.INT64]: fc.integer().map(BigInt),
      [ScalarType.SINT64]: fc.integer().map(BigInt),
      [ScalarType.UINT64]: fc.nat(4_294_967_295).map(BigInt),
      ...(producer === "after" && { [ScalarType.INT32]: fc.constantFrom(0, 1) }),
    },
    TextToBytes: { [ScalarType.BYTES]: fc.string().map((text) => new TextEncoder().encode(text)) },
    PresenceAdded: producer === "after" ? { [ScalarType.INT32]: fc.integer({ min: 1 }), [ScalarType.STRING]: fc.string({ minLength: 1 }) } : {},
    RuleRelaxed: { [ScalarType.STRING]: fc.string({ maxLength: 3, unit: "grapheme-ascii" }) },
  };
  return { ...wholeRange, scalar: (type) => narrow[name]?.[type] ?? wholeRange.scalar(type) };
}

function expectSame(actual: unknown, expected: unknown): void {
  // much faster than the comparison of expect, which explains a difference
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toStrictEqual(expected);
}

const topicOf = ({ topic }: AnyContract): NonNullable<AnyContract["topic"]> => {
  if (topic === undefined) throw new Error("each of these messages has a topic");
  return topic;
};

describe("the changes of contracts/evolution", () => {
  it("are all messages of both versions, and allowed by buf to those who exchange bytes", async () => {
    const names = changes.map(({ name }) => name).sort();
    for (const version of versions) {
      const topics = [...registries[version].files]
        .flatMap(({ messages }) => messages)
        .filter(({ typeName }) => typeName.startsWith("evolution.v1."));
      expect(
        topics
          .map(({ name }) => name)
          .filter((name) => name !== "Part" && name !== "Detail")
          .sort(),
      ).toEqual(names);
    }
    const folder = await mkdtemp(join(tmpdir(), "evolution-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    for (const version of versions)
      await writeFile(join(folder, `${version}.binpb`), await loadDescriptorSet(folderOf(version), fileURLToPath(new URL("../..", import.meta.url))));
    const config = JSON.stringify({ version: "v2", breaking: { use: ["WIRE"] } });
    const { stdout, stderr, exitCode } = await runBuf(["breaking", "after.binpb", "--against", "before.binpb", "--config", config], folder);
    expect([exitCode, stdout.toString(), stderr]).toEqual([0, "", ""]);
  });
});

describe.each(changes)("$name", (change) => {
  it.each(pairs)("a producer from $producer the change, a consumer from $consumer it: read, kept and republished", async (pair) => {
    const [producer, consumer] = [change[pair.producer], change[pair.consumer]];
    const crossing = pair.producer === "before" ? change.oldProducer : change.newProducer;
    const { seen, published, republished } = await cross(change, producer, consumer, crossing.published);
    const [bytes = new Uint8Array()] = published;
    expect(seen).toMatchObject(producer === consumer ? (producer.decode(bytes) as object) : crossing.seen);
    expect(republished.map((value) => producer.decode(value))).toEqual([producer.decode(bytes)]);
  });

  it("any message of either version comes back as it was, as another implementation reads it", () => {
    for (const { producer, consumer } of pairs) {
      const [theirs, ours] = [messageOf(registries[producer], change.before.typeName), change[consumer]];
      fc.assert(
        fc.property(arbitraryMessage(theirs, sourceOf(change.name, producer)), (message) => {
          const original = toEsMessage(theirs, message);
          const received = ours.decode(toBinary(theirs, original)) as Loose;
          const desc = messageOf(registries[consumer], change.before.typeName);
          expectSame(toEsMessage(desc, received), fromBinary(desc, toBinary(theirs, original), { readUnknownFields: false }));
          expect(ours.validate(received)).toEqual([]);
          expectSame(fromBinary(theirs, new Uint8Array(ours.encode(received))), original);
        }),
        { numRuns: 100 },
      );
    }
  });
});

describe("what a newer producer may say that an older consumer cannot hold", () => {
  it("is cut off in an integer, as in every implementation of Protobuf", () => {
    const received = older.Widened.decode(newer.Widened.encode({ plain: 2n ** 40n + 7n, natural: 2n ** 32n, zigzag: 2n ** 33n, flag: 5 }));
    expect(received).toMatchObject({ plain: 7, natural: 0, zigzag: 0, flag: true });
    expect(newer.Widened.decode(older.Widened.encode(received))).toMatchObject({ plain: 7n, natural: 0n, zigzag: 0n, flag: 1 });
  });

  it("is lost where it is a zero that is told from absence", () => {
    const received = older.PresenceAdded.decode(newer.PresenceAdded.encode({ level: 0 }));
    expect(newer.PresenceAdded.decode(older.PresenceAdded.encode(received)).level).toBeUndefined();
  });

  it("gives way where the older consumer sets another case of its oneof", () => {
    const received = older.CaseAdded.decode(newer.CaseAdded.encode({ target: { case: "phone", value: "p" } }));
    const changed = older.CaseAdded.encode({ ...received, target: { case: "email", value: "e" } });
    expect(newer.CaseAdded.decode(changed).target).toEqual({ case: "email", value: "e" });
  });

  it("is refused where it is no text", () => {
    expect(() => older.TextToBytes.decode(newer.TextToBytes.encode({ content: Uint8Array.of(0xff) }))).toThrow(
      expect.objectContaining({ code: "malformed_message" }),
    );
  });

  it("is read where a rule of the older one refuses it, and not republished", async () => {
    await using bus = testBus({ contracts: [older.RuleRelaxed] });
    await bus.publish(newer.RuleRelaxed, { id: "a", note: "longer" });
    const [received = {}] = bus.messages(older.RuleRelaxed);
    expect(received).toMatchObject({ note: "longer" });
    const error: unknown = await bus.publish(older.RuleRelaxed, received).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(BusError);
    expect(error).toMatchObject({ code: "contract_violation", violations: [{ path: "note", rule: "string.max_len" }] });
  });
});
