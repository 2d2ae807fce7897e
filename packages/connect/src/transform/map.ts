import { atOnce } from "@org/bus-core/internal";
import type { ConnectRecord } from "../record.js";
import type { Transform } from "./transform.js";

/** Makes another value of each, at once: `enrich` is for what has to wait. One that is published to a contract afterwards is checked against it there. */
export function map<In, Out>(fn: (value: In, record: ConnectRecord<In>) => Out): Transform<In, Out> {
  return { name: "map", apply: (record) => [{ ...record, value: atOnce("map", fn(record.value, record)) }] };
}
