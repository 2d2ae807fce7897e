import { createHash } from "node:crypto";
import type { Clock, Logger } from "@org/bus-core";
import type { DeliveryEvent } from "@org/bus-testkit";

/** What happened in a run, line by line: two runs are the same when their lines are. */
export class Trace {
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #print: ((line: string) => void) | undefined;
  readonly #hash = createHash("sha256");
  #lines = 0;

  /** @param print gets every line, to show it */
  constructor(clock: Clock, print?: (line: string) => void) {
    this.#clock = clock;
    this.#startMs = clock.now();
    this.#print = print;
  }

  get lines(): number {
    return this.#lines;
  }

  line(who: string, what: string): void {
    const line = `${((this.#clock.now() - this.#startMs) / 1000).toFixed(4).padStart(9)} ${who.padEnd(9)} ${what}`;
    this.#lines += 1;
    this.#hash.update(line);
    this.#print?.(line);
  }

  event(event: DeliveryEvent): void {
    this.line("member" in event ? (event.member ?? "") : "", describe(event));
  }

  /** The logger of one process: everything that it says is a part of the trace. */
  logger(who: string): Logger {
    const write = (level: string) => (fields: object, message: string) => this.line(who, `${level} ${message} ${JSON.stringify(fields)}`);
    return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
  }

  digest(): string {
    return this.#hash.digest("hex").slice(0, 16);
  }
}

function describe(event: DeliveryEvent): string {
  if (event.kind === "crashed") return "crashed";
  const { kind, topic, partition } = event;
  const at = "offset" in event ? `@${event.offset}` : "";
  const within = "assignment" in event && event.assignment !== undefined ? ` in #${event.assignment}` : "";
  return `${kind} ${topic}[${partition}]${at}${details(event)}${within}`;
}

function details(event: Exclude<DeliveryEvent, { readonly kind: "crashed" }>): string {
  switch (event.kind) {
    case "assigned":
      return ` from ${event.position}${event.committed === undefined ? "" : `, committed ${event.committed.offset} ${event.committed.metadata}`}`;
    case "received":
      return ` ${event.records.map(({ offset, key }) => `${offset}:${key ?? "-"}`).join(" ")}`;
    case "started":
      return ` key ${event.key ?? "-"}${event.stage === undefined ? "" : ` in ${event.stage}`}`;
    case "ended":
      return ` ${event.outcome} key ${event.key ?? "-"}${event.stage === undefined ? "" : ` in ${event.stage}`}`;
    case "fenced":
      return ` ${event.reason}`;
    case "committed":
    case "acknowledged":
    case "refused":
      return event.metadata ? ` ${event.metadata}` : "";
    default:
      return "";
  }
}
