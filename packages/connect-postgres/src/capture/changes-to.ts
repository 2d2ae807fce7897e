import type { Transform } from "@org/bus-connect";
import type { AnyContract, CompactedContract, Contract } from "@org/bus-core";
import type { TableName } from "../connection/identifier.js";
import { tableOption, tableText } from "../connection/identifier.js";
import type { Row, RowChange } from "./change.js";

/**
 * A message of a row, from the changes of its table: what `toMessage` makes of `after`, and for a row that is gone a tombstone of its primary key where the
 * topic is compacted, else nothing. Changes of other tables are left out.
 *
 * @param toMessage undefined: this change is not told
 */
export function changesTo<T extends object, Init extends object>(
  contract: Contract<T, Init> | CompactedContract<T, Init>,
  table: string | TableName,
  toMessage: (after: Row, change: RowChange) => Init | undefined,
): Transform<RowChange, Init | undefined> {
  const name = tableText(tableOption.parse(table));
  return {
    name: `changes of ${name}`,
    apply(record) {
      const { value: change } = record;
      if (`${change.schema}.${change.table}` !== name) return [];
      if (change.after === undefined) return isCompacted(contract) ? [{ ...record, value: undefined, contract }] : [];
      const message = toMessage(change.after, change);
      return message === undefined ? [] : [{ ...record, value: message, contract }];
    },
  };
}

const isCompacted = (contract: AnyContract): boolean => contract.topic?.cleanup.includes("compact") === true;
