import { BusError, type Contract } from "@org/bus-core";
import { messageOf } from "@org/bus-core/internal";
import type { ConnectRecord } from "../../record.js";
import { CarriedRecord } from "./carried-record.js";

/** Lets the engine consume a split as it consumes a topic: what it carries is not decoded but handed over. */
export function splitContract(connector: string): Contract<ConnectRecord<unknown>> {
  return {
    typeName: `connector ${connector}`,
    topic: { name: connector, partitions: 1, cleanup: "delete", owner: { team: "", channel: "" } },
    sensitiveFields: [],
    validate: () => [],
    encode: () => new Uint8Array(),
    decode(bytes) {
      const record = bytes instanceof CarriedRecord ? bytes.carried : undefined;
      if (record !== undefined && "value" in record) return record;
      throw new BusError("malformed_message", `${record?.id} cannot be read: ${messageOf(record?.error)}`, { cause: record?.error });
    },
    key: () => null,
  };
}
