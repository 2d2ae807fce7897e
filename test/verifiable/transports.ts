import type { Transport } from "@org/bus-core";
import { kafka } from "@org/bus-kafka";

export interface ClientOptions {
  readonly brokers: readonly string[];
  readonly sessionTimeoutMs?: number;
  readonly groupProtocol?: string;
  readonly instanceId?: string;
}

/** The clients that the programs can run on. */
export const transports: Readonly<Record<string, (options: ClientOptions) => Transport>> = {
  kafkajs({ brokers, sessionTimeoutMs, groupProtocol = "classic", instanceId }) {
    if (groupProtocol !== "classic") throw new RangeError(`--group-protocol ${groupProtocol} is not known to kafkajs, which has classic only`);
    if (instanceId !== undefined) throw new RangeError("--group-instance-id is not known to kafkajs, which has no static membership");
    return kafka({ brokers, ...(sessionTimeoutMs !== undefined && { consumer: { sessionTimeoutMs } }) });
  },
};
