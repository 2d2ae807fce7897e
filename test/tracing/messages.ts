import type { Contract } from "@org/bus-core";

/** A message for tracing tests; the key is `id`. */
export interface Note {
  readonly id: string;
  readonly text: string;
}

const encoder = new TextEncoder();

/** A contract in JSON over one partition of `topic`. */
export function noteContract(typeName: string, topic: string): Contract<Note> {
  return {
    typeName,
    topic: { name: topic, keyField: "id", partitions: 1, cleanup: "delete", owner: { team: "bus", channel: "#bus" } },
    sensitiveFields: [],
    validate: (message) => ((message as Note).text === "" ? [{ path: "text", rule: "string.min_len", message: "must not be empty" }] : []),
    encode: (message) => encoder.encode(JSON.stringify(message)),
    decode: (bytes) => JSON.parse(new TextDecoder().decode(bytes)) as Note,
    key: ({ id }) => encoder.encode(id),
  };
}
