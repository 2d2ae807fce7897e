import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readClientConfig } from "./client-config.js";

const PLAIN = 'sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="al\\"ice" password=pw;'.replace(
  "\\",
  "\\\\",
);

describe("readClientConfig", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bus-config-"));
    await writeFile(join(folder, "ca.pem"), "the authority");
    await writeFile(join(folder, "both.pem"), "key and certificate");
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function read(...lines: readonly string[]) {
    const file = join(folder, "client.properties");
    await writeFile(file, lines.join("\n").replaceAll("FOLDER", folder));
    return readClientConfig(file);
  }

  it("takes nothing from the environment, where there is no security", async () => {
    expect(await read("client.id=tester")).toEqual({ clientId: "tester", ssl: false });
    expect(await read("security.protocol=SSL")).toEqual({ ssl: true });
  });

  it("takes who logs in", async () => {
    expect(await read("security.protocol=SASL_PLAINTEXT", "sasl.mechanism=PLAIN", PLAIN)).toEqual({
      ssl: false,
      sasl: { mechanism: "plain", username: 'al"ice', password: "pw" },
    });
    const endpoint = "sasl.oauthbearer.token.endpoint.url=https://login.example/token";
    const login = 'sasl.jaas.config=OAuthBearerLoginModule required clientId="bus" clientSecret="s" scope="all";';
    expect(await read("security.protocol=SASL_SSL", "sasl.mechanism=OAUTHBEARER", endpoint, login)).toEqual({
      ssl: true,
      sasl: {
        mechanism: "oauthbearer-client-credentials",
        tokenEndpoint: "https://login.example/token",
        clientId: "bus",
        clientSecret: "s",
        scope: "all",
      },
    });
  });

  it("takes certificates from files and from the configuration itself", async () => {
    const stores = ["ssl.truststore.type=PEM", "ssl.truststore.location=FOLDER/ca.pem", "ssl.keystore.type=PEM"];
    expect(await read("security.protocol=SSL", ...stores, "ssl.keystore.location=FOLDER/both.pem", "ssl.key.password=pw")).toEqual({
      ssl: { ca: "the authority", cert: "key and certificate", key: "key and certificate", passphrase: "pw" },
    });
    const inline = ["ssl.truststore.certificates=A", "ssl.keystore.certificate.chain=B", "ssl.keystore.key=C"];
    expect(await read("security.protocol=SSL", ...inline)).toEqual({ ssl: { ca: "A", cert: "B", key: "C" } });
  });

  it.each<[string, readonly string[]]>([
    ["acks, linger.ms cannot be taken over (what can: client.id, ", ["acks=all", "linger.ms=5"]],
    ["security.protocol TLS must be one of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL", ["security.protocol=TLS"]],
    ["ssl.truststore.type must be PEM", ["security.protocol=SSL", "ssl.truststore.location=FOLDER/ca.jks"]],
    ["ssl.keystore.type JKS must be PEM", ["security.protocol=SSL", "ssl.keystore.type=JKS"]],
    ["ssl.truststore.location cannot be read: ENOENT", ["security.protocol=SSL", "ssl.truststore.type=PEM", "ssl.truststore.location=FOLDER/none"]],
    [
      "ssl.endpoint.identification.algorithm must be https: the names in certificates are always checked",
      ["security.protocol=SSL", "ssl.endpoint.identification.algorithm="],
    ],
    ["sasl.mechanism GSSAPI must be one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER", ["security.protocol=SASL_SSL"]],
    [
      'sasl.jaas.config must have password="…" for sasl.mechanism PLAIN',
      ["security.protocol=SASL_SSL", "sasl.mechanism=PLAIN", 'sasl.jaas.config=PlainLoginModule required username="a";'],
    ],
  ])("says: %s", async (fault, lines) => {
    await expect(read(...lines)).rejects.toThrow(fault);
  });

  it("says which file cannot be read", () => {
    expect(() => readClientConfig("no-such.properties")).toThrow(
      "the configuration file cannot be read: ENOENT: no such file or directory, open 'no-such.properties'",
    );
  });
});
