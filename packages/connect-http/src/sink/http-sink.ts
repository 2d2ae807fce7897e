import { createHash } from "node:crypto";
import {
  type ConnectorContext,
  type ConnectRecord,
  type Sink,
  type SinkWriter,
  type WriteContext,
  type WriteOutcome,
  written,
} from "@org/bus-connect";
import { BusError } from "@org/bus-core";
import { messageOf, resolveOptions } from "@org/bus-core/internal";
import { Agent, request } from "undici";
import { contextHeaders, revealed } from "../http/headers.js";
import { reach } from "../http/reach.js";
import { signatureHeaders } from "../signature/signature.js";
import { bodyOf, type Row, rowOf } from "./body.js";
import { type HttpAnswer, type HttpSinkOptions, httpSinkOptions, type ResolvedHttpSinkOptions } from "./options.js";
import { isWorthHalving, outcomeOf } from "./outcome.js";
import { RateLimit } from "./rate-limit.js";

/**
 * Sends records to an HTTP service, each alone or many in one body. 2xx is written; 408, 425, 429 and 5xx are tried again, after `Retry-After` where the
 * answer has it; what else is answered is rejected. A body of several records that is refused (400, 413, 422) is sent again in halves, until the record is
 * found that is the reason. The trace of a record goes with a request of its own (`body: "record"`).
 *
 * @throws {BusError} `invalid_options`
 */
export function httpSink<T = unknown>(options: HttpSinkOptions<T>): Sink<T> {
  const resolved = resolveOptions("httpSink", httpSinkOptions, options);
  const isAlone = resolved.body === "record";
  return {
    name: "http",
    concurrency: resolved.concurrency,
    batching: isAlone ? { maxRecords: 1, maxWaitMs: 0 } : { maxRecords: 100 },
    async check({ signal }) {
      revealed(resolved.headers);
      for (const secret of resolved.signature?.secret ?? []) secret.reveal();
      await reach(resolved.url, resolved.timeoutMs, signal);
    },
    checkRecord: (record) => void rowOf(record, resolved.row),
    open: async (context) => new HttpWriter<T>(resolved, context),
  };
}

class HttpWriter<T> implements SinkWriter<T> {
  readonly #options: ResolvedHttpSinkOptions;
  readonly #context: ConnectorContext;
  readonly #agent: Agent;
  readonly #limit: RateLimit | undefined;

  constructor(options: ResolvedHttpSinkOptions, context: ConnectorContext) {
    this.#options = options;
    this.#context = context;
    this.#agent = new Agent({ connections: options.concurrency });
    this.#limit = options.requestsPerSecond === undefined ? undefined : new RateLimit(options.requestsPerSecond, context.clock);
  }

  async write(records: readonly ConnectRecord<T>[], { signal }: WriteContext): Promise<readonly WriteOutcome[]> {
    const outcomes = new Map<ConnectRecord<T>, WriteOutcome>();
    const rows: Row<T>[] = [];
    for (const record of records) {
      try {
        rows.push(rowOf(record, this.#options.row));
      } catch (error) {
        outcomes.set(record, { status: "rejected", error });
      }
    }
    // the framework gives one at a time to a sink of single records; a connector that asks for more has them sent in order
    const bodies = this.#options.body === "record" ? rows.map((row) => [row]) : rows.length > 0 ? [rows] : [];
    for (const body of bodies) {
      const told = await this.#send(body, signal);
      for (const [index, { record }] of body.entries()) outcomes.set(record, told[index] ?? written);
    }
    return records.map((record) => outcomes.get(record) ?? written);
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }

  /** As many outcomes as rows. */
  async #send(rows: readonly Row<T>[], signal: AbortSignal): Promise<readonly WriteOutcome[]> {
    const { url, outcomes } = this.#options;
    const records = rows.map(({ record }) => record);
    const answer = await this.#request(rows, signal);
    // the records of this sink are those that the options are for
    const told = (outcomes as HttpSinkOptions<T>["outcomes"])?.(answer, records);
    if (told !== undefined) {
      if (told.length === records.length) return told;
      throw new BusError("invalid_options", `httpSink: outcomes told of ${told.length} records, but ${records.length} were sent`);
    }
    if (isWorthHalving(answer, rows.length)) {
      const half = Math.ceil(rows.length / 2);
      return [...(await this.#send(rows.slice(0, half), signal)), ...(await this.#send(rows.slice(half), signal))];
    }
    const outcome = outcomeOf(answer, url, this.#context.clock.now());
    return records.map(() => outcome);
  }

  /** @throws {BusError} `transport_failed`, retryable, where there is no answer */
  async #request(rows: readonly Row<T>[], signal: AbortSignal): Promise<HttpAnswer> {
    const { url, method, body: shape, headers, signature, idempotencyHeader, timeoutMs } = this.#options;
    const body = bodyOf(rows, shape);
    await this.#limit?.turn(signal);
    const records = rows.map(({ record }) => record);
    const id = idOf(records);
    const [only] = records;
    try {
      const response = await request(url, {
        method,
        dispatcher: this.#agent,
        body,
        headers: {
          "content-type": shape === "ndjson" ? "application/x-ndjson" : "application/json",
          [idempotencyHeader]: id,
          ...(records.length === 1 && only !== undefined && contextHeaders(only.context)),
          ...(signature !== undefined && signatureHeaders(signature, body, id, this.#context.clock.now())),
          ...revealed(headers),
        },
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      return { status: response.statusCode, headers: response.headers, body: parsed(await response.body.text()) };
    } catch (cause) {
      if (cause instanceof BusError) throw cause;
      throw new BusError("transport_failed", `${url} could not be reached: ${messageOf(cause)}`, { cause, retryable: true });
    }
  }
}

/** The same for the same records. Ids may have what a header may not. */
function idOf(records: readonly ConnectRecord<unknown>[]): string {
  const [only] = records;
  if (records.length === 1 && only !== undefined && /^[\x21-\x7e]{1,200}$/.test(only.id)) return only.id;
  const hash = createHash("sha256");
  for (const { id } of records) hash.update(`${Buffer.byteLength(id)}:${id}`);
  return hash.digest("hex");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
