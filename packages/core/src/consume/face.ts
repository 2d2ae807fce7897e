import type { BusError } from "../errors.js";
import type { Delivery } from "./delivery/delivery.js";

/** Where the deliveries of one run go. */
export interface DeliverySink {
  /** In the order of the offsets of each partition. */
  next(delivery: Delivery<unknown>): void;
  /** The run is over: nothing settles any more. */
  close(): void;
}

/** How the face reports what the engine cannot see. */
export interface RunControl {
  /** The pipe is broken (a foreign operator errored or completed). Fences what is out and begins anew, after a while. */
  fail(error: BusError): void;
}

/** What runs on the engine: one handler, or a pipe. Opened anew after every restart. @internal */
export interface ConsumptionFace {
  open(control: RunControl): DeliverySink;
}
