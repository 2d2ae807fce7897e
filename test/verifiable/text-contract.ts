/// <reference lib="es2024.string" />
import { BusError, type Contract, type Violation } from "@org/bus-core";

/** A record of text, as Kafka's verifiable clients write and read it: no Protobuf. */
export interface Text {
  readonly key: string | null;
  readonly value: string;
}

/** A contract for plain text on any topic: its `key` is not in the bytes, so a decoded one has none. */
export function textContract(topic: string): Contract<Text, Text> {
  return {
    typeName: "text",
    topic: { name: topic, partitions: 1, cleanup: "delete", owner: { team: "tests", channel: "#tests" } },
    sensitiveFields: [],
    validate: (message) => (isText(message) ? [] : [notText]),
    encode: ({ value }) => Buffer.from(value),
    decode(bytes) {
      try {
        return { key: null, value: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
      } catch (cause) {
        throw new BusError("malformed_message", "bytes are no text: they are not UTF-8", { cause });
      }
    },
    key: ({ key }) => (key === null ? null : Buffer.from(key)),
  };
}

const notText: Violation = { path: "", rule: "type", message: "must be { key, value } of well-formed text" };

function isText(message: unknown): message is Text {
  if (typeof message !== "object" || message === null || !("key" in message) || !("value" in message)) return false;
  const { key, value } = message;
  return typeof value === "string" && value.isWellFormed() && (key === null || (typeof key === "string" && key.isWellFormed()));
}
