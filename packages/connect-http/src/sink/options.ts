import type { ConnectRecord, WriteOutcome } from "@org/bus-connect";
import { z } from "zod";
import { headersOption } from "../http/headers.js";
import { signatureOption } from "../signature/signature.js";

/** An answer, as `outcomes` gets it. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** JSON where it is some, else text. */
  readonly body: unknown;
}

/** What a sink of HTTP takes. */
export const httpSinkOptions = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe("where records are sent"),
  method: z.enum(["POST", "PUT", "PATCH"]).default("POST").describe("of the requests"),
  body: z
    .enum(["record", "array", "ndjson"])
    .default("array")
    .describe("`record`: a request for each; `array` and `ndjson`: one for all that go together, as a list in JSON or a value a line"),
  row: z
    .custom<(record: ConnectRecord<never>) => unknown>((value) => typeof value === "function", { error: "must be a function" })
    .optional()
    .describe("what a record is in a body; its value where it is left out"),
  headers: headersOption,
  signature: signatureOption.optional().describe("how bodies are signed"),
  idempotencyHeader: z
    .string()
    .toLowerCase()
    .default("idempotency-key")
    .describe("the header that has the id of the record, the same at every try; of several records a hash of their ids"),
  concurrency: z.int().min(1).max(1000).default(4).describe("requests at once"),
  requestsPerSecond: z.number().positive().optional().describe("the most requests a second, of this process"),
  timeoutMs: z.int().min(1).default(30_000).describe("how long an answer may take, in ms"),
  outcomes: z
    .custom<(answer: HttpAnswer, records: readonly ConnectRecord<never>[]) => readonly WriteOutcome[] | undefined>(
      (value) => typeof value === "function",
      { error: "must be a function" },
    )
    .optional()
    .describe("what became of each record, where an answer tells; undefined: as the status says of all"),
});

/** What a sink of HTTP takes; see the table of its options. */
export interface HttpSinkOptions<T = unknown> extends Omit<z.input<typeof httpSinkOptions>, "row" | "outcomes"> {
  /** What a record is in a body. @default its value */
  readonly row?: ((record: ConnectRecord<T>) => unknown) | undefined;
  /** What became of each record, where an answer tells. @default as the status says of all */
  readonly outcomes?: ((answer: HttpAnswer, records: readonly ConnectRecord<T>[]) => readonly WriteOutcome[] | undefined) | undefined;
}
export type ResolvedHttpSinkOptions = z.output<typeof httpSinkOptions>;
