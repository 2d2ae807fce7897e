import { appendFile, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { Order } from "../../../../test/support/json-contract.js";
import { listSink } from "../../test/list-sink.js";
import { listSource } from "../../test/list-source.js";
import { testBus } from "../../test/test-bus.js";
import { defineConnector } from "../define/define-connector.js";
import { connectRecord } from "../record.js";
import { runConnector } from "../run/run-connector.js";
import type { Source } from "../source/source.js";
import { toTopic } from "../topic/to-topic.js";
import { map } from "../transform/map.js";
import { fileDeadLetters } from "./file-dead-letters.js";

const failure = { tolerate: "all" as const };

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "bus-dead-letters-"));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

async function linesOf(path: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return (await readFile(path, "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}

describe("fileDeadLetters", () => {
  it("has what failed in the source, a transform and the sink, and the warning says which record it was", async () => {
    await using bus = testBus();
    const inside = join(await folder(), "deep");
    const source: Source<string> = {
      name: "lines",
      replayable: true,
      bounded: true,
      async *read() {
        const records = ["good", "wrong", "refused"].map((value, index) => connectRecord({ value, id: `in.ndjson:${index + 1}`, key: value }));
        const unreadable = [{ id: "in.ndjson:4", error: new Error("no JSON"), original: Buffer.from([0xff, 0x7b]) }];
        yield { records, unreadable, position: 4 };
      },
    };
    const odd = map((value: string) => {
      if (value === "wrong") throw new TypeError("it is wrong");
      return value;
    });
    const sink = listSink<string>(({ value }) =>
      value === "refused" ? { status: "rejected", error: new Error("the table says no") } : { status: "written" },
    );
    const connector = defineConnector({ name: "c", source, transforms: [odd], sink, failure });
    const running = runConnector(bus, connector, { deadLetters: fileDeadLetters(inside) });
    await running.finished;
    expect(sink.values).toEqual(["good"]);
    const lines = await linesOf(join(inside, "c.dlq.ndjson"));
    expect(lines.toSorted((a, b) => String(a.id).localeCompare(String(b.id)))).toMatchObject([
      {
        id: "in.ndjson:2",
        connector: "c",
        split: "0",
        stage: "transform map",
        cause: { message: expect.stringContaining("it is wrong") },
        attempts: 1,
        key: { text: "wrong" },
        original: { text: "wrong" },
      },
      { id: "in.ndjson:3", stage: "list", cause: { message: "list refused in.ndjson:3: the table says no" }, original: { text: "refused" } },
      { id: "in.ndjson:4", stage: "source", cause: { message: expect.stringContaining("no JSON") }, key: null, original: { base64: "/3s=" } },
    ]);
    expect((await bus.transport.admin.describeTopics(["c.dlq"])).size).toBe(0);
    expect(running.status().tasks[0]?.deadLettered).toBe(3);
    expect(bus.lines.filter(({ message }) => message === "a record became a dead letter")[0]?.fields.id).toMatch(/^in\.ndjson:[234]$/);
  });

  it("has what a contract refuses in a transaction, too, and begins a line anew behind one that was left half written", async () => {
    await using bus = testBus([Order]);
    const inside = await folder();
    await appendFile(join(inside, "rejects.ndjson"), '{"id":"hal');
    const list = ["a", "b"].map((id) => ({ id, amount: -1 }));
    const source = listSource({ lists: { a: [...list, { id: "c", amount: 1 }] } });
    const connector = defineConnector({ name: "c", source, sink: toTopic(Order), failure: { ...failure, deadLetter: "rejects" } });
    await runConnector(bus, connector, { deadLetters: fileDeadLetters(inside) }).finished;
    expect(bus.transport.broker.records("orders").length).toBe(1);
    const [half, ...lines] = (await readFile(join(inside, "rejects.ndjson"), "utf8")).trimEnd().split("\n");
    expect(half).toBe('{"id":"hal');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { id: "a:0", cause: { code: "contract_violation" }, original: { text: '{"id":"a","amount":-1}' } },
      { id: "a:1" },
    ]);
    expect(await readdir(inside)).toEqual(["rejects.ndjson"]);
  });
});
