import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { BusError, type Logger, type Transport } from "@org/bus-core";
import type { KafkaOptions } from "@org/bus-kafka";
import { type KafkaCluster, startKafka } from "@org/bus-testkit/kafka";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { canStartKafka } from "../support/kafka.js";
import { kafkaClients } from "../support/kafka-clients.js";
import { readLog } from "../support/read-log.js";
import { Program } from "../verifiable/program.js";

const PASSWORD = "k9-tall-secret";
const WRONG = "not-the-password-x7";

/** An unsigned token (`alg: none`), as the listener of the launcher takes it. */
function unsignedToken(subject: string): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  return `${encode({ alg: "none" })}.${encode({ sub: subject, iat: now, exp: now + 600 })}.`;
}

const logged: string[] = [];
const log = (fields: object, message: string): void => void logged.push(inspect({ fields, message }, { depth: 10 }));
const logger: Logger = { debug: log, info: log, warn: log, error: log };

/** Writes a record and reads it back. */
async function roundTrip(transport: Transport, topic: string): Promise<string[]> {
  try {
    await transport.admin.createTopics([{ name: topic, partitions: 1, cleanup: "delete" }]);
    const producer = await transport.createProducer();
    const record = { topic, partition: 0, key: null, value: Buffer.from("hello"), headers: {}, timestamp: Date.now() };
    const outcomes = await producer.send([record], { timeoutMs: 10_000 });
    await producer.close();
    expect(outcomes).toEqual([{ ok: true, offset: 0 }]);
    return (await readLog(transport, topic)).map(({ value }) => Buffer.from(value ?? []).toString());
  } finally {
    await transport.close();
  }
}

describe.skipIf(!canStartKafka() || process.env.KAFKA_BROKERS !== undefined)("TLS and SASL", () => {
  let cluster: KafkaCluster;
  beforeAll(async () => {
    cluster = await startKafka({
      listeners: [
        { name: "TLS", protocol: "SASL_SSL", mechanisms: ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] },
        { name: "TOKEN", protocol: "SASL_PLAINTEXT", mechanisms: ["OAUTHBEARER"] },
      ],
      users: { alice: PASSWORD },
      // alice may do everything but use the topic that is forbidden to her
      properties: { "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer", "allow.everyone.if.no.acl.found": "true" },
    });
  }, 120_000);
  afterAll(() => cluster?.stop());

  describe.each(kafkaClients)("of $client", ({ client, open: kafka }) => {
    const overTls = (sasl: NonNullable<KafkaOptions["sasl"]>): Transport =>
      kafka({ brokers: cluster.listeners.TLS ?? [], ssl: { ca: cluster.certificateAuthority ?? "" }, sasl, logger });

    test.each(["plain", "scram-sha-256", "scram-sha-512"] as const)("%s over TLS", async (mechanism) => {
      expect(await roundTrip(overTls({ mechanism, username: "alice", password: PASSWORD }), `${client}-by-${mechanism}`)).toEqual(["hello"]);
    });

    test("oauthbearer with a token of the caller", async () => {
      const brokers = cluster.listeners.TOKEN ?? [];
      const transport = kafka({ brokers, sasl: { mechanism: "oauthbearer", token: async () => unsignedToken("alice") }, logger });
      expect(await roundTrip(transport, `${client}-by-token`)).toEqual(["hello"]);
    });

    test("everything from the environment", async () => {
      const directory = await mkdtemp(join(tmpdir(), "bus-ca-"));
      await writeFile(`${directory}/ca.pem`, cluster.certificateAuthority ?? "");
      vi.stubEnv("KAFKA_BROKERS", cluster.listeners.TLS?.join(","));
      vi.stubEnv("KAFKA_SSL_CA", `${directory}/ca.pem`);
      vi.stubEnv("KAFKA_SASL_MECHANISM", "SCRAM-SHA-512");
      vi.stubEnv("KAFKA_SASL_USERNAME", "alice");
      vi.stubEnv("KAFKA_SASL_PASSWORD", PASSWORD);
      const transport = kafka({ logger });
      vi.unstubAllEnvs();
      await rm(directory, { recursive: true });
      expect(await roundTrip(transport, `${client}-by-environment`)).toEqual(["hello"]);
    });

    test("everything from a configuration file of Kafka's own clients, for the verifiable programs", async () => {
      const directory = await mkdtemp(join(tmpdir(), "bus-config-"));
      await writeFile(join(directory, "ca.pem"), cluster.certificateAuthority ?? "");
      const login = `org.apache.kafka.common.security.scram.ScramLoginModule required username="alice" password="${PASSWORD}";`;
      const lines = ["security.protocol=SASL_SSL", "sasl.mechanism=SCRAM-SHA-256", `sasl.jaas.config=${login}`];
      const store = ["ssl.truststore.type=PEM", `ssl.truststore.location=${directory}/ca.pem`];
      await writeFile(join(directory, "client.properties"), [...lines, ...store].join("\n"));
      const topic = `${client}-by-file`;
      const setup = overTls({ mechanism: "plain", username: "alice", password: PASSWORD });
      await setup.admin.createTopics([{ name: topic, partitions: 1, cleanup: "delete" }]);
      await setup.close();
      const flags = { "bootstrap-server": cluster.listeners.TLS?.join(",") ?? "", topic, transport: client, "max-messages": 3 };
      const config = join(directory, "client.properties");
      const producer = Program.ours("producer", "producer", { ...flags, "command-config": config }, () => {});
      await producer.event("tool_data");
      expect(producer.events.at(-1)).toMatchObject({ sent: 3, acked: 3 });
      const consumer = Program.ours("consumer", "consumer", { ...flags, "group-id": topic, "consumer.config": config, verbose: true }, () => {});
      await consumer.event("shutdown_complete");
      expect(consumer.events.filter(({ name }) => name === "record_data")).toHaveLength(3);
      await rm(directory, { recursive: true });
    });

    test.each(["plain", "scram-sha-256"] as const)(
      "a wrong password by %s is refused with not_authenticated, and shown nowhere",
      async (mechanism) => {
        const transport = overTls({ mechanism, username: "alice", password: WRONG });
        const errors = [
          await transport.createProducer().catch((error: unknown) => error),
          await transport.admin.describeTopics(["x"]).catch((error: unknown) => error),
          await transport
            .createConsumer({ group: "g", topics: ["x"], from: "earliest", outOfRange: "stop" })
            .start(nobody)
            .catch((error: unknown) => error),
        ];
        await transport.close();
        for (const error of errors) {
          expect(error).toBeInstanceOf(BusError);
          expect(error).toMatchObject({ code: "not_authenticated", message: expect.stringMatching(/^the cluster refused user alice: /) });
        }
        const shown = [
          ...logged,
          ...errors.map((error) => inspect(error, { depth: 20, showHidden: true })),
          inspect(transport, { depth: 20, showHidden: true }),
          JSON.stringify(transport),
        ];
        for (const secret of [WRONG, PASSWORD, Buffer.from(WRONG).toString("base64"), Buffer.from(`\0alice\0${WRONG}`).toString("base64")]) {
          expect(shown.filter((text) => text.includes(secret))).toEqual([]);
        }
      },
    );

    test("a topic that is forbidden is refused with not_authorized, naming who, what and where", async () => {
      const forbidden = `${client}-forbidden`;
      const open = kafka({ brokers: cluster.brokers, logger });
      await open.admin.createTopics([{ name: forbidden, partitions: 1, cleanup: "delete" }]);
      await open.close();
      await forbid(cluster, "TOPIC", forbidden, "WRITE");
      const transport = overTls({ mechanism: "plain", username: "alice", password: PASSWORD });
      const producer = await transport.createProducer();
      const outcomes = await producer.send([{ topic: forbidden, partition: 0, key: null, value: null, headers: {}, timestamp: 1 }], {
        timeoutMs: 10_000,
      });
      await producer.close();
      await transport.close();
      expect(outcomes).toMatchObject([{ ok: false, error: { code: "not_authorized", mayHaveBeenWritten: false } }]);
      const [outcome] = outcomes;
      expect(outcome?.ok === false && outcome.error.message).toBe(
        `user alice may not write to topic ${forbidden}: ${notAuthorized[client]}; grant it with an ACL of the cluster`,
      );
    });

    test.each(["TOPIC", "GROUP"] as const)(
      "reading without the right to the %s ends with not_authorized, naming who, what and where",
      async (resource) => {
        const topic = `${client}-unreadable-${resource}`;
        const group = `${topic}-group`;
        const open = kafka({ brokers: cluster.brokers, logger });
        await open.admin.createTopics([{ name: topic, partitions: 1, cleanup: "delete" }]);
        const producer = await open.createProducer();
        await producer.send([{ topic, partition: 0, key: null, value: null, headers: {}, timestamp: Date.now() }], { timeoutMs: 10_000 });
        await producer.close();
        await open.close();
        await forbid(cluster, resource, resource === "TOPIC" ? topic : group, "READ");
        const transport = overTls({ mechanism: "plain", username: "alice", password: PASSWORD });
        const ended = Promise.withResolvers<unknown>();
        const consumer = transport.createConsumer({ group, topics: [topic], from: "earliest", outOfRange: "stop" });
        consumer.start({ ...nobody, stopped: ended.resolve }).catch(ended.resolve);
        const error = await ended.promise;
        await consumer.close();
        await transport.close();
        expect(error).toMatchObject({
          code: "not_authorized",
          message: expect.stringMatching(/^user alice may not .*; grant it with an ACL of the cluster$/),
        });
        expect(error).toHaveProperty("message", expect.stringContaining(resource === "TOPIC" ? topic : group));
      },
    );
  });
});

/** What each client says of the error. */
const notAuthorized = {
  kafkajs: "not authorized to access topics: [Topic authorization failed]",
  platformatic: "topic authorization failed",
};

const nobody = { assigned() {}, records() {}, async revoked() {}, lost() {}, stopped() {} };

/** Takes a right from alice. */
async function forbid(cluster: KafkaCluster, resource: "TOPIC" | "GROUP", name: string, operation: "READ" | "WRITE"): Promise<void> {
  const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, Kafka, logLevel, ResourcePatternTypes } = await import("kafkajs");
  const admin = new Kafka({ brokers: [...cluster.brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.createAcls({
    acl: [
      {
        resourceType: AclResourceTypes[resource],
        resourceName: name,
        resourcePatternType: ResourcePatternTypes.LITERAL,
        principal: "User:alice",
        host: "*",
        operation: AclOperationTypes[operation],
        permissionType: AclPermissionTypes.DENY,
      },
    ],
  });
  await admin.disconnect();
}
