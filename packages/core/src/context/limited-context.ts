import { type Baggage, type Context, propagation } from "@opentelemetry/api";
import type { Logger } from "../logger.js";
import { headerBytes } from "../publish/record-headers.js";
import { type HeaderValue, headerText, type RecordHeaders } from "../transport/record.js";
import { injectContext } from "./propagation.js";

/** What all headers of a record may weigh while baggage is among them. W3C wants at least so much of baggage to be passed on; more has no place in every record. */
export const MAX_HEADER_BYTES = 8 * 1024;

/** What can be done without, in this order. The trace itself (`traceparent`) always goes along. */
const droppable = ["baggage", "tracestate"];

/** Writes contexts into headers, and keeps them from outgrowing what a record should carry: a message is never refused for its baggage. */
export class LimitedContext {
  readonly #logger: Logger;
  readonly #warned = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Writes the trace and baggage of `context` into `headers`. What is dropped is told once for each topic. */
  inject(context: Context, headers: Record<string, HeaderValue>, topic: string): void {
    injectContext(context, headers);
    const baggage = propagation.getBaggage(context);
    // without baggage only the publisher's own headers could be many, and they are his
    if (baggage === undefined) return;
    const bytes = headerBytes(headers);
    if (bytes > MAX_HEADER_BYTES) this.#drop(headers, topic, bytes);
    else if (leavesOut(headers, baggage)) this.#warn(topic, bytes, ["baggage entries"]);
  }

  #drop(headers: Record<string, HeaderValue>, topic: string, bytes: number): void {
    const dropped: string[] = [];
    for (const name of droppable) {
      if (headers[name] === undefined || headerBytes(headers) <= MAX_HEADER_BYTES) continue;
      delete headers[name];
      dropped.push(name);
    }
    if (dropped.length > 0) this.#warn(topic, bytes, dropped);
  }

  #warn(topic: string, bytes: number, dropped: readonly string[]): void {
    if (this.#warned.has(topic)) return;
    this.#warned.add(topic);
    this.#logger.warn(
      { topic, bytes, limit: MAX_HEADER_BYTES, dropped },
      "the headers of a message were too large and went without this part of its context (logged once for each topic); put less into baggage",
    );
  }
}

/** The propagator of W3C says nothing of entries that it leaves out: those above 4 KB, and those that would make it more than 8 KB. */
function leavesOut(headers: RecordHeaders, baggage: Baggage): boolean {
  const entries = baggage.getAllEntries().length;
  // where no propagator writes baggage, none is to be missed
  if (entries === 0 || !propagation.fields().includes("baggage")) return false;
  return (headerText(headers, "baggage") ?? "").split(",").filter((entry) => entry !== "").length < entries;
}
