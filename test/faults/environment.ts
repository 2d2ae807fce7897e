import { type KafkaCluster, startKafka } from "@org/bus-testkit/kafka";
import { FaultyProxy } from "./faulty-proxy.js";

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
  const cluster = await startKafka({ brokers, listeners: [{ name: "PROXIED", advertisedPort }] });
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
