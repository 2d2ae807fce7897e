import type { Publisher } from "./publisher.js";

/** A publisher on a connection of its own. */
export interface OpenPublisher {
  readonly publisher: Publisher;
  /** Why the broker takes nothing at the moment; undefined: it does. */
  readonly blocked: string | undefined;
  /** Resolves when it takes messages again, or the connection is gone. */
  unblocked(): Promise<void>;
}

/** Where publishers come from. Both fail when the broker cannot be reached. */
export interface Publishers {
  /** The one that all writes share; another when it was closed. */
  shared(): Promise<OpenPublisher>;
  /** A new one. */
  own(): Promise<OpenPublisher>;
}
