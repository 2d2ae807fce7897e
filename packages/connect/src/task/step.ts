import type { Delivery } from "@org/bus-core";
import type { ConnectRecord } from "../record.js";

/** A record on its way through the engine, which settles it when all that came of it is written. */
export type RecordDelivery = Delivery<ConnectRecord<unknown>>;

/** Takes a record over, for the next step of the way. */
export type Step = (delivery: RecordDelivery) => void;
