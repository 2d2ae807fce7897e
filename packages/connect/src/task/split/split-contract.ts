import { type AnyContract, BusError, type Contract } from "@org/bus-core";
import { keyIsSensitive, messageOf, withoutSensitive } from "@org/bus-core/internal";
import type { ConnectRecord } from "../../record.js";
import { CarriedRecord } from "./carried-record.js";

/**
 * Lets the engine consume a split as it consumes a topic: what it carries is not decoded but handed over.
 *
 * @param contracts of what the records become: where those have sensitive fields, or a sensitive key, the records have
 */
export function splitContract(connector: string, contracts: readonly AnyContract[]): Contract<ConnectRecord<unknown>> {
  const keyField = contracts.find(keyIsSensitive)?.topic?.keyField;
  return {
    typeName: `connector ${connector}`,
    topic: { name: connector, ...(keyField !== undefined && { keyField }), partitions: 1, cleanup: "delete", owner: { team: "", channel: "" } },
    sensitiveFields: contracts.flatMap(({ sensitiveFields }) => sensitiveFields),
    validate: () => [],
    encode: () => new Uint8Array(),
    decode(bytes) {
      const record = bytes instanceof CarriedRecord ? bytes.carried : undefined;
      if (record !== undefined && "value" in record) return record;
      // as of a contract that decodes: the library says nothing of values, what others throw may
      const error = record?.error instanceof BusError ? record.error : withoutSensitive(record?.error, contracts);
      throw new BusError("malformed_message", `${record?.id} cannot be read: ${messageOf(error)}`, { cause: error });
    },
    key: () => null,
  };
}
