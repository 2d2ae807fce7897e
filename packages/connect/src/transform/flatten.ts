import { atOnce } from "@org/bus-core/internal";
import type { ConnectRecord } from "../record.js";
import type { Transform } from "./transform.js";

/**
 * Makes any number of records of each, with the ids `<id>#0`, `<id>#1` …
 *
 * @param items the values; default: those of a list
 */
export function flatten<Item>(): Transform<readonly Item[], Item>;
export function flatten<In, Item>(items: (value: In, record: ConnectRecord<In>) => readonly Item[]): Transform<In, Item>;
export function flatten(items: (value: unknown, record: ConnectRecord<unknown>) => readonly unknown[] = listed): Transform<unknown, unknown> {
  return {
    name: "flatten",
    apply: (record) =>
      atOnce("flatten", items(record.value, record)).map((value, index) => ({
        ...record,
        id: `${record.id}#${index}`,
        value: atOnce("flatten", value),
      })),
  };
}

/** The signature without `items` lets lists in only. */
const listed = (value: unknown): readonly unknown[] => value as readonly unknown[];
