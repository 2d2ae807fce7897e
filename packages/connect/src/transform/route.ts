import type { AnyContract, Contract } from "@org/bus-core";
import { atOnce, contractViolation } from "@org/bus-core/internal";
import type { ConnectRecord } from "../record.js";
import type { Transform } from "./transform.js";

/** A message, and the contract that it is of. */
export interface Routed<Init extends object> {
  // biome-ignore lint/suspicious/noExplicitAny: what is decoded does not matter here, and stands in argument position too
  readonly contract: Contract<any, Init>;
  readonly message: Init;
}

/**
 * Makes a message of a contract of each value, or of one of several contracts; `undefined` drops it. The message is checked as publishing it would: one that
 * breaks its contract fails here, with all faults.
 *
 * @example route((row: OrderRow) => ({ contract: row.paid ? OrderPaid : OrderPlaced, message: { id: row.id } }))
 */
export function route<In, Init extends object>(choose: (value: In, record: ConnectRecord<In>) => Routed<Init> | undefined): Transform<In, Init> {
  return {
    name: "route",
    apply(record) {
      const routed = atOnce("route", choose(record.value, record));
      if (routed === undefined) return [];
      const contract: AnyContract = routed.contract;
      const violations = contract.validate(routed.message);
      if (violations.length > 0) throw contractViolation(contract, violations);
      return [{ ...record, value: routed.message, contract }];
    },
  };
}
