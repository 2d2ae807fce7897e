import type { ConnectorContext } from "@org/bus-connect";
import { messageOf } from "@org/bus-core/internal";
import type { GroupConsumer } from "./group.js";

/** The batches that are handed out. Shows every now and then that they are being worked on, so that nobody takes them over. */
export class InFlight {
  readonly #group: GroupConsumer;
  readonly #context: ConnectorContext;
  readonly #everyMs: number;
  readonly #batches = new Set<readonly string[]>();
  #cancel: (() => void) | undefined;

  constructor(group: GroupConsumer, everyMs: number, context: ConnectorContext) {
    this.#group = group;
    this.#everyMs = everyMs;
    this.#context = context;
    this.#schedule();
  }

  add(ids: readonly string[]): void {
    this.#batches.add(ids);
  }

  remove(ids: readonly string[]): void {
    this.#batches.delete(ids);
  }

  stop(): void {
    this.#cancel?.();
  }

  #schedule(): void {
    this.#cancel = this.#context.clock.schedule(this.#everyMs, () => {
      const keeping = [...this.#batches].map((ids) => this.#group.keep(ids));
      Promise.all(keeping).then(
        () => this.#schedule(),
        // the connection is gone, which the next read says too
        (error: unknown) => this.#context.logger.warn({ reason: messageOf(error) }, "entries in work could not be kept from being taken over"),
      );
    });
  }
}
