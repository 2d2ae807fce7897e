import type { Contract } from "../contract.js";
import { fromJson } from "../json/from-json.js";
import type { JsonMessage, JsonTypes } from "../json/json-types.js";
import { toJson } from "../json/to-json.js";
import { contractViolation } from "../violations/contract-violation.js";
import type { ContractRegistry } from "./contract-registry.js";
import { unknownType } from "./suggest-types.js";

/** The registry of `contracts`; `types` are the same ones as JSON needs them. */
export function createRegistry(contracts: ReadonlyMap<string, Contract>, types: JsonTypes): ContractRegistry {
  const contractOf = (typeName: string): Contract => {
    const contract = contracts.get(typeName);
    if (contract === undefined) throw unknownType(typeName, contracts.keys());
    return contract;
  };
  const jsonTypeOf = (typeName: string): JsonMessage => {
    const type = types.message(typeName);
    if (type === undefined) throw unknownType(typeName, contracts.keys());
    return type;
  };
  return {
    contracts,
    byTopic: byTopic(contracts.values()),
    contract: contractOf,
    validate: (typeName, message) => contractOf(typeName).validate(message),
    validateBytes(typeName, bytes) {
      const contract = contractOf(typeName);
      return contract.validate(contract.decode(bytes));
    },
    decode: (typeName, bytes, limits) => contractOf(typeName).decode(bytes, limits),
    encode(typeName, message) {
      const contract = contractOf(typeName);
      const violations = contract.validate(message);
      if (violations.length > 0) throw contractViolation(contract, violations);
      return contract.encode(message as object);
    },
    toJson(typeName, message, options) {
      const type = jsonTypeOf(typeName);
      return toJson(types, type, message instanceof Uint8Array ? contractOf(typeName).decode(message) : message, options);
    },
    fromJson: (typeName, json, options) => fromJson(types, jsonTypeOf(typeName), json, options),
  };
}

function byTopic(contracts: Iterable<Contract>): ReadonlyMap<string, Contract> {
  const found = new Map<string, Contract>();
  for (const contract of contracts) if (contract.topic !== undefined) found.set(contract.topic.name, contract);
  return found;
}
