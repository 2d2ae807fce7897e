import { AsyncLocalStorage } from "node:async_hooks";
import type { OpenConsumptions } from "../open-consumptions.js";

/** The consumption of which a handler is a part. */
export interface HandlerScope {
  readonly consumptions: OpenConsumptions;
  /** Resolves when no call of user code is in flight but those that wait for this. */
  othersEnded(): Promise<void>;
}

/** Tells code in a handler apart from all other code, across whatever it awaits. Entered once for each batch of records: for each message it would cost too much. */
export const handlerScope = new AsyncLocalStorage<HandlerScope>();
