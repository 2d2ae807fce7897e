import { type AnyContract, BusError, type MessageDescription } from "@org/bus-core";

const descriptions = new WeakMap<AnyContract, MessageDescription>();

/** What a contract says of its messages. @throws {BusError} `invalid_options`: it says nothing */
export function descriptionOf(contract: AnyContract): MessageDescription {
  const known = descriptions.get(contract);
  if (known !== undefined) return known;
  const description = contract.describe?.();
  if (description === undefined) {
    throw new BusError("invalid_options", `contract ${contract.typeName} does not describe its messages (generate it anew with bus gen)`);
  }
  descriptions.set(contract, description);
  return description;
}
