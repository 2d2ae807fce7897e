import { type Contract, createBus, headerText, type Logger, type Transport } from "@org/bus-core";
import { expect, it, vi } from "vitest";
import { Step, type StepInit } from "../contracts/gen/streams/v1/step.js";
import { seededRandom } from "../support/random.js";
import { readLog } from "../support/read-log.js";
import { fuzzedKinds, fuzzedRecords } from "./fuzzed-records.js";

const SEED = 20_261_128;
const COUNT = fuzzedKinds.length * 8;
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** What no handler can stop and no broker refuses: records of anybody, on a topic that a service reads. */
export function badRecordTests(openTransport: () => Transport): void {
  it("handles every good record, in order, between records that are none; each of those is handled or a dead letter with a reason", async () => {
    const transport = openTransport();
    const bus = createBus({ service: "bad-input", transport, logger: silent });
    // a topic of its own: others read that of the steps
    const topic = `bad-input-${crypto.randomUUID()}`;
    const contract: Contract<Step, StepInit> = {
      ...Step,
      topic: { name: topic, partitions: 6, cleanup: "delete", owner: { team: "bus", channel: "#bus" } },
    };
    await bus.topics.ensure([contract]);
    const group = topic;
    const partitions = contract.topic?.partitions ?? 0;

    const fuzzed = fuzzedRecords(topic, partitions, COUNT, seededRandom(SEED));
    const producer = await transport.createProducer();
    const positions = new Map<string, string>();
    for (const [position, { kind, record }] of fuzzed.entries()) {
      await bus.publish(contract, { track: `track-${position % 5}`, position });
      const [outcome] = await producer.send([record], { timeoutMs: 30_000 });
      if (outcome?.ok) positions.set(`${record.partition}/${outcome.offset}`, kind);
      // a cluster may refuse one, with a reason; then it is in nobody's way
      else expect(outcome?.error.code).toMatch(/^(?:record_too_large|publish_failed)$/);
    }
    await producer.close();

    const handled = new Set<string>();
    const tracks = new Map<string, number[]>();
    const consumption = bus.consume(contract, { group, concurrency: 8, failure: { attempts: 1 } }, ({ track, position }, { partition, offset }) => {
      handled.add(`${partition}/${offset}`);
      if (!track.startsWith("track-")) return;
      tracks.set(track, [...(tracks.get(track) ?? []), position]);
    });
    const ends = new Map((await transport.admin.offsets(topic)).map(({ partition, logEnd }) => [partition, logEnd]));
    const isThrough = () => {
      const { partitions: now } = consumption.explain();
      return now.length === partitions && now.every(({ partition, frontier }) => frontier === ends.get(partition));
    };
    await Promise.race([vi.waitUntil(isThrough, { timeout: 60_000, interval: 20 }), consumption.closed]);
    await consumption.close();

    expect([...tracks.values()].flat()).toHaveLength(COUNT);
    for (const [track, seen] of tracks) expect([track, seen]).toEqual([track, seen.toSorted((a, b) => a - b)]);
    const letters = await readLog(transport, `${topic}.${group}.dlq`);
    const refused = new Map(
      letters.map(({ headers }) => [`${headerText(headers, "bus-dlq-partition")}/${headerText(headers, "bus-dlq-offset")}`, headers]),
    );
    const nowhere = [...positions].filter(([position]) => !handled.has(position) && !refused.has(position));
    expect(nowhere).toEqual([]);
    for (const headers of refused.values()) {
      expect(headerText(headers, "bus-dlq-error-code")).toBe("malformed_message");
      expect(headerText(headers, "bus-dlq-error-message")).toMatch(/^[a-z].*[^.]$/s);
    }
    const fates = Object.fromEntries(fuzzedKinds.map((kind) => [kind, new Set<string>()]));
    for (const [position, kind] of positions) fates[kind]?.add(handled.has(position) ? "handled" : "refused");
    expect(
      Object.fromEntries(
        ["unknown type", "type of a megabyte", "null value", "huge length", "open group", "not UTF-8"].map((kind) => [
          kind,
          [...(fates[kind] ?? [])],
        ]),
      ),
    ).toEqual({
      "unknown type": ["refused"],
      "type of a megabyte": ["refused"],
      "null value": ["refused"],
      "huge length": ["refused"],
      "open group": ["refused"],
      "not UTF-8": ["refused"],
    });
    // proto3: no bytes are a message of zero values; headers are nobody's business but the reader's
    for (const kind of ["empty value", "broken headers", "many headers", "large header"])
      expect([kind, [...(fates[kind] ?? [])]]).toEqual([kind, ["handled"]]);

    const committed = await transport.admin.committed(group, [topic]);
    for (const { partition, logEnd } of await transport.admin.offsets(topic)) {
      expect([partition, committed.find((each) => each.partition === partition)?.offset ?? logEnd]).toEqual([partition, logEnd]);
    }
    await bus.close();
  }, 120_000);
}
