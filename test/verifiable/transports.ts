import type { Transport } from "@org/bus-core";
import { kafka } from "@org/bus-kafka";
import { kafka as kafkaPlatformatic } from "@org/bus-kafka-platformatic";

export interface ClientOptions {
  readonly brokers: readonly string[];
  readonly sessionTimeoutMs?: number;
  readonly groupProtocol?: string;
  readonly instanceId?: string;
}

function platformatic({ brokers, sessionTimeoutMs, groupProtocol = "classic", instanceId }: ClientOptions): Transport {
  if (groupProtocol !== "classic" && groupProtocol !== "consumer") throw new RangeError(`--group-protocol ${groupProtocol} is not known`);
  const tuning = { ...(sessionTimeoutMs !== undefined && { sessionTimeoutMs }), ...(instanceId !== undefined && { instanceId }) };
  return kafkaPlatformatic({ brokers, consumer: { groupProtocol, ...tuning } });
}

/** The clients that the programs can run on. */
export const transports: Readonly<Record<string, (options: ClientOptions) => Transport>> = {
  kafkajs({ brokers, sessionTimeoutMs, groupProtocol = "classic", instanceId }) {
    if (groupProtocol !== "classic") throw new RangeError(`--group-protocol ${groupProtocol} is not known to kafkajs, which has classic only`);
    if (instanceId !== undefined) throw new RangeError("--group-instance-id is not known to kafkajs, which has no static membership");
    return kafka({ brokers, ...(sessionTimeoutMs !== undefined && { consumer: { sessionTimeoutMs } }) });
  },
  platformatic,
  /** The same in groups that the broker assigns (KIP-848). */
  "platformatic-consumer": (options) => platformatic({ ...options, groupProtocol: "consumer" }),
};
