import { randomUUID } from "node:crypto";
import { context } from "@opentelemetry/api";
import { type AnyContract, BusError, type Contract } from "@org/bus-core";
import { validContent } from "@org/bus-core/internal";
import { quotedTable, type TableName, tableOption } from "../connection/identifier.js";
import { traceContextText } from "./trace-context.js";

/** What runs SQL in the transaction of the service: a `Client` or `PoolClient` of pg, or anything that passes text and values on to one. */
export interface OutboxClient {
  query(text: string, values: unknown[]): Promise<unknown>;
}

export interface WriteOutboxOptions {
  /** @default "outbox" */
  readonly table?: string | TableName;
  /** Whose event it is; events of one keep their order. @default the key of the message */
  readonly aggregateId?: string;
  /** What it is an event of. @default the name of the contract's topic */
  readonly aggregateType?: string;
  /** Of the record that will be published. @default {} */
  readonly headers?: Readonly<Record<string, string>>;
  /** Who the event is: consumers may tell a repeat by it. @default a new UUID */
  readonly id?: string;
}

/**
 * Writes a message into the outbox, in the transaction that `client` is in: it is published if, and only if, that one commits. The trace that is active goes
 * with it.
 *
 * @returns the id of the row
 * @throws {BusError} `contract_violation`; the transaction is as it was
 */
export async function writeOutbox<T extends object, Init extends object>(
  client: OutboxClient,
  contract: Contract<T, Init>,
  message: Init,
  options: WriteOutboxOptions = {},
): Promise<string> {
  const { key, value } = validContent(contract, message);
  const { table = "outbox", id = randomUUID(), headers, aggregateType = topicName(contract) } = options;
  const aggregateId = options.aggregateId ?? (key === null ? "" : keyText(key));
  await client.query(
    `insert into ${quotedTable(tableOption.parse(table))} (id, aggregatetype, aggregateid, type, payload, headers, tracingspancontext) values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      id,
      aggregateType,
      aggregateId,
      contract.typeName,
      value === null ? null : Buffer.from(value),
      headers === undefined ? null : JSON.stringify(headers),
      traceContextText(context.active()),
    ],
  );
  return id;
}

function topicName({ typeName, topic }: AnyContract): string {
  if (topic === undefined) throw new BusError("invalid_options", `${typeName} has no topic: it is a part of other messages and cannot be published`);
  return topic.name;
}

/** Keys of bytes that are no text are written in hexadecimal digits: here they only have to be the same for the same key. */
function keyText(key: Uint8Array): string {
  const text = Buffer.from(key).toString("utf8");
  return text.includes("�") || text.includes("\0") ? Buffer.from(key).toString("hex") : text;
}
