import { BusError, type Contract, createBus } from "@org/bus-core";
import type { KafkaOptions } from "@org/bus-kafka";
import { type KafkaCluster, startKafka } from "@org/bus-testkit/kafka";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Step } from "../contracts/gen/streams/v1/step.js";
import { canStartKafka } from "../support/kafka.js";
import { kafkaClients } from "../support/kafka-clients.js";

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const alice = { mechanism: "plain", username: "alice", password: "k9-tall-secret" } as const;
type Bus = ReturnType<typeof createBus>;

/** Mistakes that show only when a cluster is asked. */
describe.skipIf(!canStartKafka() || process.env.KAFKA_BROKERS !== undefined)("what people are told of their mistakes by a cluster", () => {
  let cluster: KafkaCluster;
  beforeAll(async () => {
    const listeners = [
      { name: "TLS", protocol: "SSL" },
      { name: "LOGIN", protocol: "SASL_PLAINTEXT", mechanisms: ["PLAIN"] },
    ] as const;
    cluster = await startKafka({ listeners, users: { alice: alice.password } });
  }, 120_000);
  afterAll(() => cluster?.stop());

  describe.each(kafkaClients)("on $client", ({ client, open }) => {
    const step = { ...Step, topic: { ...Step.topic, name: `missing-${client}` } } as typeof Step;
    const ensure = (bus: Bus) => bus.topics.ensure([step as Contract<object>]);
    const at = (listener: string, more: KafkaOptions = {}) => ({ brokers: cluster.listeners[listener] ?? [], ...more });

    /** What somebody is told who does `use` with these options. */
    async function told(options: KafkaOptions, use: (bus: Bus) => Promise<unknown>): Promise<string> {
      const transport = open({ brokers: cluster.brokers, logger: silent, ...options });
      await using bus = createBus({ service: "mistakes", transport, logger: silent });
      const error: unknown = await use(bus).then(
        (made) => new Error(`nothing was refused: ${String(made)}`),
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(BusError);
      expect(String(error)).not.toContain(alice.password);
      return error instanceof BusError ? `${error.code}: ${error.message}` : String(error);
    }

    test("a topic that is not there, published to and read", async () => {
      expect(await told({}, (bus) => bus.publish(step, { track: "a", position: 1 }))).toBe(
        `unknown_topic: topic missing-${client} does not exist; create it with bus.topics.ensure([Step])`,
      );
      expect(await told({}, (bus) => bus.consume(step, { group: "g" }, () => {}).started)).toBe(
        `unknown_topic: group g cannot read topic missing-${client}, not on the cluster; create what is missing with bus.topics.ensure([...contracts])`,
      );
    });

    test("a broker that is not there, TLS where there is none, and none where there is", { timeout: 120_000 }, async () => {
      // kafkajs tries again for 15 s; nobody listens on port 9
      const all = await Promise.all([told({ brokers: ["127.0.0.1:9"] }, ensure), told({ ssl: true }, ensure), told(at("TLS"), ensure)]);
      expect(all).toEqual([
        expect.stringMatching(/^transport_failed: cannot describe topics .*: connect ECONNREFUSED 127\.0\.0\.1:9$/),
        expect.stringMatching(
          /^transport_failed: cannot describe topics .*; the port may have no TLS: take one that has, or leave ssl \(KAFKA_SSL\) out$/,
        ),
        expect.stringMatching(
          /^transport_failed: cannot describe topics .*; where that happens each time, the broker may want TLS or a login: see ssl and sasl$/,
        ),
      ]);
    });

    test("a certificate of an authority that nobody knows", async () => {
      expect(await told(at("TLS", { ssl: true }), ensure)).toMatch(
        /^not_authenticated: cannot describe topics .*: the certificate of the broker is not trusted: .*; give the certificate of its authority as ssl\.ca or KAFKA_SSL_CA$/,
      );
    });

    test("a wrong password, another mechanism, no login, and one where none is taken", { timeout: 60_000 }, async () => {
      expect(await told(at("LOGIN", { sasl: { ...alice, password: "wrong" } }), ensure)).toMatch(
        /^not_authenticated: the cluster refused user alice: SASL .*authentication failed/,
      );
      expect(await told(at("LOGIN", { sasl: { ...alice, mechanism: "scram-sha-256" } }), ensure)).toMatch(
        /^not_authenticated: the cluster refused user alice: the broker does not support the requested SASL mechanism/,
      );
      expect(await told(at("LOGIN"), ensure)).toMatch(
        /^transport_failed: .*; where that happens each time, the broker may want TLS or a login: see ssl and sasl$/,
      );
      expect(await told({ sasl: alice }, ensure)).toMatch(
        /^not_authenticated: .*; the port takes no login: take one that does, or leave sasl \(KAFKA_SASL_MECHANISM\) out$/,
      );
    });
  });
});
