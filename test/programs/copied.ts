import type { Contract } from "@org/bus-core";

/** A message that is copied from one topic to another. */
export interface Copied {
  readonly key: string;
  readonly position: number;
}

const text = new TextEncoder();

/** A contract made by hand, for a topic that a test has to itself. */
export function copiedContract(topic: string, partitions: number): Contract<Copied> {
  return {
    typeName: "test.Copied",
    topic: { name: topic, keyField: "key", partitions, cleanup: "delete", owner: { team: "bus", channel: "#bus" } },
    sensitiveFields: [],
    validate: () => [],
    encode: (message) => text.encode(JSON.stringify(message)),
    decode: (bytes) => JSON.parse(new TextDecoder().decode(bytes)) as Copied,
    key: ({ key }) => text.encode(key),
  };
}
