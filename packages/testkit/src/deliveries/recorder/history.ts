import type { RecordHeaders } from "@org/bus-core";
import type { DeliveryEvent, InAssignment } from "../event.js";

/** The events of a run, and what connects them. */
export class History {
  readonly events: DeliveryEvent[] = [];
  readonly #onEvent: (event: DeliveryEvent) => void;
  readonly #crashed = new Set<string>();
  /** In which assignment the record with these headers was handed over: each hand-over has headers of its own. */
  readonly #assignments = new WeakMap<RecordHeaders, InAssignment>();
  #count = 0;

  constructor(onEvent: (event: DeliveryEvent) => void) {
    this.#onEvent = onEvent;
  }

  /** A process that has crashed does nothing any more; what its remains seem to do in this one is left out. */
  note(event: DeliveryEvent): void {
    if ("member" in event && event.member !== undefined && this.#crashed.has(event.member)) return;
    if (event.kind === "crashed") this.#crashed.add(event.member);
    this.events.push(event);
    this.#onEvent(event);
  }

  nextAssignment(): number {
    this.#count += 1;
    return this.#count;
  }

  remember(headers: RecordHeaders, assignment: InAssignment): void {
    this.#assignments.set(headers, assignment);
  }

  assignmentOf(headers: RecordHeaders | undefined): InAssignment | undefined {
    return headers && this.#assignments.get(headers);
  }
}
