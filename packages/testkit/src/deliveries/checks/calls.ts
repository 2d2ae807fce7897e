import { type EventOf, partitionId } from "../event.js";

/** Calls that take several records at once. */
export class Calls {
  readonly #last = new Map<string, number>();

  /** Whether the record begins behind one of its partition that began with the same call: then it has not overtaken anything. */
  follows({ call, offset, ...at }: EventOf<"started">): boolean {
    if (call === undefined) return false;
    const id = `${call} ${partitionId(at)}`;
    const last = this.#last.get(id);
    this.#last.set(id, offset);
    return last !== undefined && last < offset;
  }
}
