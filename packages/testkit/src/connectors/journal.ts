import { appendFileSync, existsSync, readFileSync } from "node:fs";
import type { JsonValue } from "@org/bus-core";

/** What happened in the processes of a test, in the order in which it did. `run` is the process. */
export type JournalEvent = { readonly run: number } & (
  | {
      readonly type: "read";
      readonly split: string;
      readonly batch: number;
      readonly position: JsonValue | undefined;
      readonly records: readonly { readonly id: string; readonly key: string | null }[];
    }
  | { readonly type: "written"; readonly ids: readonly string[] }
  | { readonly type: "stored"; readonly split: string; readonly position: JsonValue }
  | { readonly type: "acknowledged"; readonly split: string; readonly batch: number }
);

/** A line for each event. What was appended outlives the process, if not the machine. */
export class Journal {
  /** What was read of the file so far. */
  private readonly events: JournalEvent[] = [];
  private readBytes = 0;

  constructor(
    private readonly path: string,
    private readonly run: number = process.pid,
  ) {}

  append(event: JournalEvent extends infer Event ? (Event extends JournalEvent ? Omit<Event, "run"> : never) : never): void {
    appendFileSync(this.path, `${JSON.stringify({ run: this.run, ...event })}\n`);
  }

  read(): readonly JournalEvent[] {
    if (!existsSync(this.path)) return [];
    const added = readFileSync(this.path).subarray(this.readBytes);
    // what is being appended just now is for the next time
    const whole = added.subarray(0, added.lastIndexOf("\n") + 1);
    this.readBytes += whole.length;
    for (const line of whole.toString().split("\n")) if (line !== "") this.events.push(JSON.parse(line) as JournalEvent);
    return this.events;
  }
}
