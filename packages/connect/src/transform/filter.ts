import { atOnce } from "@org/bus-core/internal";
import type { ConnectRecord } from "../record.js";
import type { Transform } from "./transform.js";

/** Keeps those for which `keep` answers true. What it drops is done with: its position moves on. */
export function filter<In, Kept extends In>(keep: (value: In, record: ConnectRecord<In>) => value is Kept): Transform<In, Kept>;
export function filter<In>(keep: (value: In, record: ConnectRecord<In>) => boolean): Transform<In, In>;
export function filter<In>(keep: (value: In, record: ConnectRecord<In>) => boolean): Transform<In, In> {
  return { name: "filter", apply: (record) => (atOnce("filter", keep(record.value, record)) ? [record] : []) };
}
