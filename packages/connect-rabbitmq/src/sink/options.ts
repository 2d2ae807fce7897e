import type { ConnectRecord } from "@org/bus-connect";
import { z } from "zod";
import { connectionOptions } from "../connection/options.js";

// what T is only the caller knows
type OfRecord<R> = (record: ConnectRecord<never>) => R;

const ofRecord = <R>(): z.ZodCustom<OfRecord<R>, OfRecord<R>> =>
  z.custom<OfRecord<R>>((value) => typeof value === "function", { error: "must be a function" });

const textOrFunction = (what: string) => z.union([z.string(), ofRecord<string>()], { error: `must be ${what}, or a function of the record` });

/** What a sink of exchanges takes. */
export const rabbitmqSinkOptions = z.strictObject({
  ...connectionOptions,
  exchange: textOrFunction("the name of an exchange")
    .default("")
    .describe('where to publish: a name, or a function of the record; `""` is the default exchange, whose routing keys are names of queues'),
  routingKey: textOrFunction("a routing key").describe("a routing key, or a function of the record"),
  mandatory: z.boolean().default(true).describe("whether a message that no queue gets is rejected; false: it is dropped by the broker, unnoticed"),
  persistent: z
    .boolean()
    .default(true)
    .describe("whether the broker keeps messages on its disk; needed for them to survive it, as are durable queues"),
  expirationMs: z.int().min(0).optional().describe("how long a message may wait in a queue, in ms; for ever where it is left out"),
  content: ofRecord<Uint8Array>()
    .optional()
    .describe("the content of a message, as a function of the record; left out: bytes as they are, text as UTF-8, anything else as JSON"),
});

type Schema = z.input<typeof rabbitmqSinkOptions>;

/** What a sink of exchanges takes; see the table of its options. */
export interface RabbitmqSinkOptions<T> extends Omit<Schema, "exchange" | "routingKey" | "content"> {
  readonly exchange?: string | ((record: ConnectRecord<T>) => string);
  readonly routingKey: string | ((record: ConnectRecord<T>) => string);
  readonly content?: (record: ConnectRecord<T>) => Uint8Array;
}

export type ResolvedRabbitmqSinkOptions = z.output<typeof rabbitmqSinkOptions>;
