/** A SASL mechanism that a listener may accept. */
export type SaslMechanism = "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512" | "OAUTHBEARER";

/** One more listener of every broker, beside the plain one that the brokers use among themselves. */
export interface KafkaListener {
  /** Upper case letters and underscores: `SECURE`. */
  readonly name: string;
  /** @default "PLAINTEXT" */
  readonly protocol?: "PLAINTEXT" | "SSL" | "SASL_PLAINTEXT" | "SASL_SSL";
  /** What a SASL listener accepts; OAUTHBEARER takes unsigned tokens (`alg: none`). @default [] */
  readonly mechanisms?: readonly SaslMechanism[];
  /** The port that clients are told to connect to instead of the real one, for a proxy in between. */
  readonly advertisedPort?: (broker: number, port: number) => number | Promise<number>;
}

/** A listener with the ports of one broker. */
export interface BoundListener extends KafkaListener {
  readonly port: number;
  readonly advertised: number;
}

/** User names with their passwords, for PLAIN and SCRAM. */
export type KafkaUsers = Readonly<Record<string, string>>;

function plainJaas(users: KafkaUsers): string {
  const entries = Object.entries(users).map(([name, password]) => `user_${name}="${password}"`);
  return `org.apache.kafka.common.security.plain.PlainLoginModule required ${entries.join(" ")};`;
}

const SCRAM_JAAS = "org.apache.kafka.common.security.scram.ScramLoginModule required;";
const OAUTH_JAAS = 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";';

function jaasOf(mechanism: SaslMechanism, users: KafkaUsers): string {
  if (mechanism === "PLAIN") return plainJaas(users);
  return mechanism === "OAUTHBEARER" ? OAUTH_JAAS : SCRAM_JAAS;
}

/** The broker properties of a listener. */
export function listenerProperties(listener: KafkaListener, users: KafkaUsers): [name: string, value: string][] {
  const mechanisms = listener.mechanisms ?? [];
  const prefix = `listener.name.${listener.name.toLowerCase()}`;
  const properties = mechanisms.map((mechanism): [string, string] => [
    `${prefix}.${mechanism.toLowerCase()}.sasl.jaas.config`,
    jaasOf(mechanism, users),
  ]);
  if (mechanisms.length > 0) properties.push([`${prefix}.sasl.enabled.mechanisms`, mechanisms.join(",")]);
  return properties;
}

/** The arguments with which StorageTool creates the SCRAM users that the listeners need. */
export function scramArguments(listeners: readonly KafkaListener[], users: KafkaUsers): string[] {
  const mechanisms = new Set(listeners.flatMap((listener) => listener.mechanisms ?? []).filter((m) => m.startsWith("SCRAM")));
  return [...mechanisms].flatMap((mechanism) =>
    Object.entries(users).flatMap(([name, password]) => ["--add-scram", `${mechanism}=[name=${name},password=${password}]`]),
  );
}
