import type { Bus } from "@org/bus-core";
import { busInternals, decodeRecord, extractContext } from "@org/bus-core/internal";
import type { TopicSource } from "../../topic/from-topic.js";
import { readLog } from "../../topic/read-log.js";
import type { Given } from "./given.js";

/** Reads the topics of a source from where its group stands, without being of the group, up to where they end now. */
export async function* readTopics(bus: Bus, source: TopicSource<unknown>, connector: string, from: "stored" | "start"): AsyncGenerator<Given> {
  const contracts = new Map(source.contracts.map((contract) => [contract.topic?.name ?? "", contract]));
  const topics = [...contracts.keys()];
  const { group = connector, from: begin, outOfRange } = source.options;
  const start =
    from === "start"
      ? { from: "earliest" as const, outOfRange: "earliest" as const }
      : { from: begin, outOfRange, offsets: await busInternals(bus).transport.admin.committed(group, topics) };
  for await (const batch of readLog(bus, topics, `${connector}.dry-run`, start)) {
    const contract = contracts.get(batch.topic);
    if (contract === undefined) continue;
    for (const record of batch.records) {
      const { topic, partition, offset, key, timestamp, headers } = record;
      const id = `${topic}[${partition}]@${offset}`;
      try {
        const value = decodeRecord(record, contract);
        yield { value, id, key, timestamp, headers, context: extractContext(headers), contract, origin: { topic, partition, offset } };
      } catch (error) {
        yield { id, error };
      }
    }
  }
}
