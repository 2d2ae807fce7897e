import type { Bus } from "@org/bus-core";
import { busInternals, messageOf, tombstone, validContent } from "@org/bus-core/internal";
import type { ConnectRecord } from "../../record.js";
import type { Sink } from "../../sink/sink.js";
import { outgoing, outgoingOptions } from "../../topic/outgoing.js";
import { TopicSink } from "../../topic/to-topic.js";
import type { DryRunRecord } from "./dry-run.js";

/** What a sink would say of a record, as far as that shows without writing. */
export function sinkCheck(bus: Bus, sink: Sink<unknown>): (record: ConnectRecord<unknown>) => Promise<DryRunRecord> {
  const check = sink instanceof TopicSink ? publishCheck(bus, sink) : async (record: ConnectRecord<unknown>) => sink.checkRecord?.(record);
  return async (record) => {
    try {
      await check(record);
      return { ok: true, record };
    } catch (error) {
      return { ok: false, id: record.id, stage: `sink ${sink.name}`, error: messageOf(error) };
    }
  };
}

/** All that publishing does before it sends: the contract, the size, the topic. */
function publishCheck(bus: Bus, sink: TopicSink<unknown>): (record: ConnectRecord<unknown>) => Promise<unknown> {
  const { publisher } = busInternals(bus);
  return async (record) => {
    const out = outgoing(sink, record);
    const make = () => ("key" in out ? tombstone(out.contract, out.key) : validContent(out.contract, out.message));
    return publisher.prepare(out.contract, make, outgoingOptions(record, sink.options));
  };
}
