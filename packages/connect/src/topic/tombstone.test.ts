import { ROOT_CONTEXT } from "@opentelemetry/api";
import { type CompactedContract, createBus, type MemoryTransport, memory } from "@org/bus-core";
import { describe, expect, it } from "vitest";
import { defineConnector } from "../define/define-connector.js";
import { runConnector } from "../run/run-connector.js";
import type { Source } from "../source/source.js";
import { toTopic } from "./to-topic.js";

interface Article {
  readonly sku: string;
}

const contract: CompactedContract<Article> = {
  typeName: "test.Article",
  topic: { name: "articles", partitions: 1, keyField: "sku", cleanup: "compact", owner: { team: "test", channel: "#test" } },
  keyKind: "text",
  sensitiveFields: [],
  validate: () => [],
  encode: (article) => Buffer.from(article.sku),
  decode: (bytes) => ({ sku: Buffer.from(bytes).toString() }),
  key: ({ sku }) => Buffer.from(sku),
};

/** An article that comes and goes, and what has no key. */
function source(keys: readonly (string | null)[]): Source<Article | undefined> {
  const record = (value: Article | undefined, key: string | null, id: string) => ({
    value,
    key,
    id,
    timestamp: undefined,
    headers: {},
    context: ROOT_CONTEXT,
  });
  return {
    name: "test",
    replayable: true,
    bounded: true,
    async *read() {
      yield { records: [record({ sku: "a" }, "a", "1"), ...keys.map((key, index) => record(undefined, key, `gone ${index}`))], position: 1 };
    },
  };
}

const written = (transport: MemoryTransport) =>
  transport.broker.records("articles").map(({ key, value }) => [key && Buffer.from(key).toString(), value === null]);

describe("toTopic", () => {
  it.each([true, false])("publishes a record without a value as the tombstone of its key (exactly once: %s)", async (exactlyOnce) => {
    const transport = memory();
    await using bus = createBus({ service: "test", transport });
    await bus.topics.ensure([contract]);
    await runConnector(bus, defineConnector({ name: "articles", source: source(["a"]), sink: toTopic(contract, { exactlyOnce }) })).finished;
    expect(written(transport)).toEqual([
      ["a", false],
      ["a", true],
    ]);
  });

  it("fails where such a record has no key", async () => {
    const transport = memory();
    await using bus = createBus({ service: "test", transport, logger: { debug() {}, info() {}, warn() {}, error() {} } });
    await bus.topics.ensure([contract]);
    const running = runConnector(
      bus,
      defineConnector({ name: "articles", source: source([null]), sink: toTopic(contract), restart: { attempts: 0 } }),
    );
    await expect(running.finished).rejects.toThrow("has neither value nor key");
  });
});
