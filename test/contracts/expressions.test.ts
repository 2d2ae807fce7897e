import type { FileRegistry } from "@bufbuild/protobuf";
import { createValidator, type Validator } from "@bufbuild/protovalidate";
import type { AnyContract } from "@org/bus-core";
import { type ContractRegistry, compileContracts } from "@org/bus-core/compiler";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { Evaluated, Fielded, Operands, Predefined } from "./gen/rules/v1/expressions.js";
import { arbitraryMessage } from "./support/arbitrary-message.js";
import { loadDescriptors, loadRegistry, messageOf } from "./support/descriptors.js";
import { standardVerdict, verdictElsewhere } from "./support/standard-violations.js";
import { valuesNearBounds } from "./support/values-near-bounds.js";

let registry: FileRegistry;
let validator: Validator;
let closures: ContractRegistry;

beforeAll(async () => {
  registry = await loadRegistry();
  validator = createValidator({ registry });
  closures = compileContracts(await loadDescriptors());
});

const isUnevaluable = (violation: string): boolean => violation.includes('"ruleId":"bus.unevaluable"');

/** Rules of each message, all of which some message breaks. */
const cases: readonly { readonly contract: AnyContract; readonly typeName: string; readonly rules: string }[] = [
  {
    contract: Operands,
    typeName: Operands.typeName,
    rules:
      "operands.absorbed operands.bytes operands.choice operands.every operands.grade operands.inners operands.int operands.labels operands.nested " +
      "operands.past operands.text operands.times operands.wrapped",
  },
  { contract: Fielded, typeName: Fielded.typeName, rules: "scalar item required" },
  {
    contract: Predefined,
    typeName: Predefined.typeName,
    rules:
      "int32.even int32.among int32.beyond int32.loose int64.one_of string.shout.end string.shout.case duration.multiple_of repeated.at_least map.no_empty_key",
  },
  { contract: Evaluated, typeName: Evaluated.typeName, rules: "evaluated.equal evaluated.dyn evaluated.struct evaluated.made" },
];

describe("rules in CEL", { timeout: 180_000 }, () => {
  it.each(cases)("find in $typeName what another implementation of them finds", ({ contract, typeName, rules }) => {
    const desc = messageOf(registry, typeName);
    const seen = new Set<string>();
    fc.assert(
      fc.property(arbitraryMessage(desc, valuesNearBounds), (message) => {
        const found = standardVerdict(contract, message);
        expect(standardVerdict(closures.contract(typeName), message)).toEqual(found);
        for (const one of found) seen.add(/"ruleId":"([^"]*)"/.exec(one)?.[1] ?? "");
        const elsewhere = verdictElsewhere(validator, desc, message);
        if (elsewhere === "unevaluable") expect(found.some(isUnevaluable)).toBe(true);
        else expect(found).toEqual(elsewhere);
      }),
      { numRuns: 1000 },
    );
    expect(rules.split(" ").filter((rule) => !seen.has(rule))).toEqual([]);
  });
});
