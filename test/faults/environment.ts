import { type KafkaCluster, startKafka } from "@org/bus-testkit/kafka";
import { FaultyProxy } from "./faulty-proxy.js";

/** In groups of the `consumer` protocol the broker says how long a silent member is waited for. */
const CONSUMER_GROUPS = {
  "group.consumer.session.timeout.ms": "6000",
  "group.consumer.min.session.timeout.ms": "1000",
  "group.consumer.heartbeat.interval.ms": "1000",
  "group.consumer.min.heartbeat.interval.ms": "500",
};

/** A cluster with a proxy in front of each broker, for those who connect to `proxiedBrokers`. */
export interface FaultEnvironment extends AsyncDisposable {
  readonly cluster: KafkaCluster;
  readonly proxies: readonly FaultyProxy[];
  readonly proxiedBrokers: readonly string[];
}

export async function openEnvironment(brokers: 1 | 3): Promise<FaultEnvironment> {
  const proxies = Array.from({ length: brokers }, () => new FaultyProxy());
  const advertisedPort = async (broker: number, port: number): Promise<number> => {
    const proxy = proxies[broker];
    if (proxy === undefined) throw new Error(`there is no proxy for broker ${broker}`);
    return proxy.listen(port);
  };
  const cluster = await startKafka({ brokers, listeners: [{ name: "PROXIED", advertisedPort }], properties: CONSUMER_GROUPS });
  return {
    cluster,
    proxies,
    proxiedBrokers: cluster.listeners.PROXIED ?? [],
    async [Symbol.asyncDispose]() {
      await Promise.all(proxies.map((proxy) => proxy[Symbol.asyncDispose]()));
      await cluster.stop();
    },
  };
}
