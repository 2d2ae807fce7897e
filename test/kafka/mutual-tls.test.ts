import type { Transport } from "@org/bus-core";
import { type KafkaCluster, startKafka } from "@org/bus-testkit/kafka";
import { generate } from "selfsigned";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { canStartKafka } from "../support/kafka.js";
import { kafkaClients } from "../support/kafka-clients.js";

const logger = { debug() {}, info() {}, warn() {}, error() {} };

/** A key and a certificate that is its own authority. */
async function certificateOf(name: string): Promise<{ readonly key: string; readonly cert: string }> {
  const { private: key, cert } = await generate([{ name: "commonName", value: name }], { keyType: "ec" });
  return { key, cert };
}

describe.skipIf(!canStartKafka() || process.env.KAFKA_BROKERS !== undefined)("TLS with certificates on both sides", () => {
  const transports: Transport[] = [];
  let cluster: KafkaCluster;
  let alice: { readonly key: string; readonly cert: string };
  let stranger: { readonly key: string; readonly cert: string };
  beforeAll(async () => {
    [alice, stranger] = await Promise.all([certificateOf("alice"), certificateOf("stranger")]);
    cluster = await startKafka({
      listeners: [{ name: "MUTUAL", protocol: "SSL" }],
      properties: {
        "listener.name.mutual.ssl.client.auth": "required",
        "listener.name.mutual.ssl.truststore.type": "PEM",
        // a line of a properties file ends where it ends
        "listener.name.mutual.ssl.truststore.certificates": alice.cert.trim().replaceAll(/\r?\n/g, "\\n"),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS;User:CN=alice",
      },
    });
  }, 120_000);
  afterEach(async () => {
    for (const transport of transports.splice(0)) await transport.close();
  });
  afterAll(() => cluster?.stop());

  describe.each(kafkaClients)("by $client", ({ client, open }) => {
    const connect = (ssl: object): Transport => {
      const transport = open({ brokers: cluster.listeners.MUTUAL ?? [], ssl, logger, connectTimeoutMs: 5_000, requestTimeoutMs: 5_000 });
      transports.push(transport);
      return transport;
    };
    const failure = (transport: Transport): Promise<unknown> =>
      transport.admin.describeTopics(["x"]).then(
        () => "nothing was refused",
        (error: unknown) => error,
      );

    test("lets in whom the broker trusts, when the client trusts the broker", async () => {
      const transport = connect({ ca: cluster.certificateAuthority, ...alice });
      expect(await transport.admin.describeTopics(["x"])).toEqual(new Map());
    });

    test("refuses a broker of an authority that is not trusted, and says so", async () => {
      expect(await failure(connect({ ca: stranger.cert, ...alice }))).toMatchObject({
        code: "not_authenticated",
        message: expect.stringMatching(/the certificate of the broker is not trusted: .*ssl\.ca/),
      });
    });

    test("refuses a broker with another name than expected, and says so", async () => {
      const transport = connect({ ca: cluster.certificateAuthority, ...alice, servername: "kafka.example.com" });
      expect(await failure(transport)).toMatchObject({
        code: "not_authenticated",
        message: expect.stringMatching(/the certificate of the broker is for another name: .*kafka\.example\.com.*ssl\.servername/),
      });
    });

    test("is refused without a certificate, or with one that the broker does not trust", async () => {
      // with TLS 1.3 the alert comes after the connection stands, and @platformatic/kafka tells of its end only
      const told = /the broker does not take the certificate of this client \(alert: .*ssl\.key/;
      const expected = client === "kafkajs" ? { code: "not_authenticated", message: expect.stringMatching(told) } : { code: "transport_failed" };
      for (const own of [{}, stranger]) expect(await failure(connect({ ca: cluster.certificateAuthority, ...own }))).toMatchObject(expected);
    });
  });
});
