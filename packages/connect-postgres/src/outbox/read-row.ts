import type { ConnectRecord, UnreadableRecord } from "@org/bus-connect";
import { type AnyContract, BusError, type DeliveredOf, type RecordHeaders } from "@org/bus-core";
import { messageOf, withoutSensitive } from "@org/bus-core/internal";
import { contextOfText } from "./trace-context.js";

/** A row of the outbox, each value as PostgreSQL writes it. */
export interface OutboxRow {
  readonly id: string;
  readonly aggregateid: string;
  readonly type: string;
  readonly payload: string | null;
  /** JSON: an object with texts. Absent from tables of others. */
  readonly headers?: string | null | undefined;
  readonly tracingspancontext?: string | null | undefined;
}

/** Makes a message of the JSON in a payload. */
export type JsonReader = (contract: AnyContract, json: string) => object;

export interface RowReaderOptions {
  readonly contracts: readonly AnyContract[];
  readonly json: JsonReader;
}

/** The header that says the id of the row: the same for a row that is published again. */
export const OUTBOX_ID_HEADER = "bus-outbox-id";

/** Makes records of rows. What cannot be read is told apart, so that the connector's failure policy decides of it. */
export function rowReader<C extends AnyContract>({
  contracts,
  json,
}: RowReaderOptions): (row: OutboxRow, timestamp: number | undefined) => ConnectRecord<DeliveredOf<C>> | UnreadableRecord {
  const byType = new Map(contracts.map((contract) => [contract.typeName, contract]));
  return (row, timestamp) => {
    const { id, payload } = row;
    const contract = byType.get(row.type);
    if (contract === undefined)
      return unreadable(row, `no contract of the outbox has the type ${row.type} (there are ${[...byType.keys()].join(", ")})`);
    try {
      return {
        // a contract decodes its own message, and JSON is checked when it is published
        value: (payload === null ? undefined : messageIn(contract, payload, json)) as DeliveredOf<C>,
        id,
        key: row.aggregateid === "" ? null : row.aggregateid,
        timestamp,
        headers: { ...headersIn(row.headers), [OUTBOX_ID_HEADER]: Buffer.from(id) },
        context: contextOfText(row.tracingspancontext ?? null),
        contract,
      };
    } catch (error) {
      // a contract says nothing of values; JSON.parse quotes them
      const told = error instanceof BusError ? error : withoutSensitive(error, [contract]);
      return unreadable(row, messageOf(told), told);
    }
  };
}

/** `bytea` is written as hexadecimal digits behind a backslash and an x, which no JSON begins with. */
function messageIn(contract: AnyContract, payload: string, json: JsonReader): object {
  return payload.startsWith("\\x") ? contract.decode(Buffer.from(payload.slice(2), "hex")) : json(contract, payload);
}

function headersIn(text: string | null | undefined): RecordHeaders {
  if (text === null || text === undefined) return {};
  return Object.fromEntries(Object.entries(JSON.parse(text) as object).map(([name, value]) => [name, Buffer.from(String(value))]));
}

function unreadable(row: OutboxRow, reason: string, cause?: unknown): UnreadableRecord {
  return {
    id: row.id,
    error: new BusError("malformed_message", `outbox row ${row.id}: ${reason}`, { cause }),
    original: Buffer.from(row.payload ?? ""),
  };
}
