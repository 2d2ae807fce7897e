import type { Transport } from "@org/bus-core";
import { kafka } from "@org/bus-kafka";
import { kafka as kafkaPlatformatic } from "@org/bus-kafka-platformatic";
import type { ClientConfig } from "./client-config.js";

export interface ClientOptions extends ClientConfig {
  readonly brokers: readonly string[];
  readonly sessionTimeoutMs?: number;
  /** @default that of the client */
  readonly groupProtocol?: "classic" | "consumer";
  readonly instanceId?: string;
}

function platformatic({ sessionTimeoutMs, groupProtocol = "classic", instanceId, ...connection }: ClientOptions): Transport {
  const tuning = { ...(sessionTimeoutMs !== undefined && { sessionTimeoutMs }), ...(instanceId !== undefined && { instanceId }) };
  return kafkaPlatformatic({ ...connection, consumer: { groupProtocol, ...tuning } });
}

/** The clients that the programs can run on. */
export const transports: Readonly<Record<string, (options: ClientOptions) => Transport>> = {
  kafkajs({ sessionTimeoutMs, groupProtocol = "classic", instanceId, ...connection }) {
    if (groupProtocol !== "classic") throw new RangeError(`--group-protocol ${groupProtocol} is not known to kafkajs, which has classic only`);
    if (instanceId !== undefined) throw new RangeError("--group-instance-id is not known to kafkajs, which has no static membership");
    return kafka({ ...connection, ...(sessionTimeoutMs !== undefined && { consumer: { sessionTimeoutMs } }) });
  },
  platformatic,
  /** The same in groups that the broker assigns (KIP-848). */
  "platformatic-consumer"({ groupProtocol = "consumer", ...options }) {
    if (groupProtocol !== "consumer")
      throw new RangeError(`--group-protocol ${groupProtocol} contradicts --transport platformatic-consumer; --transport platformatic has it`);
    return platformatic({ ...options, groupProtocol });
  },
};
