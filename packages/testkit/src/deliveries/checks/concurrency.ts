import { type DeliveryEvent, type EventOf, positionId } from "../event.js";

/**
 * The largest number of works that one member had at once in one stage; a call that takes several records is one. Work of streams that
 * close, and work that outlasts its assignment, is not counted: another may have begun meanwhile.
 */
export function maxConcurrent(events: readonly DeliveryEvent[]): number {
  const running = new Running();
  for (const event of events) {
    if (event.kind === "started") running.started(event);
    else if (event.kind === "ended") running.ended(event);
    else if (event.kind === "fenced" || event.kind === "closing") running.drop(({ assignment }) => assignment === event.assignment);
    else if (event.kind === "crashed") running.drop(({ member }) => member === event.member);
  }
  return running.most;
}

class Running {
  most = 0;
  /** By member and stage, the works that run. */
  readonly #works = new Map<string, EventOf<"started">[]>();

  started(event: EventOf<"started">): void {
    const works = this.#worksOf(event);
    works.push(event);
    const calls = new Set(works.map((work, index) => (work.call === undefined ? `record ${index}` : `call ${work.call}`)));
    this.most = Math.max(this.most, calls.size);
  }

  ended(event: EventOf<"ended">): void {
    const works = this.#worksOf(event);
    const index = works.findIndex((work) => positionId(work) === positionId(event) && work.assignment === event.assignment);
    if (index >= 0) works.splice(index, 1);
  }

  drop(gone: (work: EventOf<"started">) => boolean): void {
    for (const [id, works] of this.#works) {
      this.#works.set(
        id,
        works.filter((work) => !gone(work)),
      );
    }
  }

  #worksOf({ member = "", stage = "" }: EventOf<"started" | "ended">): EventOf<"started">[] {
    const id = `${member} ${stage}`;
    const works = this.#works.get(id) ?? [];
    this.#works.set(id, works);
    return works;
  }
}
