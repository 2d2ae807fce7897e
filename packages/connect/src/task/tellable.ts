import type { AnyContract } from "@org/bus-core";
import { withoutSensitive } from "@org/bus-core/internal";
import type { ConnectRecord } from "../record.js";

/** `error` as it may be told, where it came up over `records` in a connector that knows `contracts`: a record may name another one, as `route` gives it. */
export function tellable(error: unknown, contracts: readonly AnyContract[], records: readonly ConnectRecord<unknown>[]): unknown {
  return withoutSensitive(error, [...contracts, ...records.flatMap(({ contract }) => contract ?? [])]);
}
