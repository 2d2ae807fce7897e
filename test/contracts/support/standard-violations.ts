import { type DescMessage, fromBinary, type JsonObject, type Message, toJson } from "@bufbuild/protobuf";
import { RuntimeError, type Validator, violationsToProto } from "@bufbuild/protovalidate";
import { type AnyContract, encodeViolations } from "@org/bus-core";
import { type Loose, toEsMessage } from "./es-message.js";

const [, ViolationsSchema] = violationsToProto([]);

/** What `contract` finds, in the form of the standard but for the text, sorted. */
export const standardVerdict = (contract: AnyContract, message: Loose): readonly string[] =>
  comparable(fromBinary(ViolationsSchema, encodeViolations(contract.validate(message))));

/** What another implementation of the rules finds, in the same form; `unevaluable` where a rule could not be evaluated. */
export function verdictElsewhere(validator: Validator, desc: DescMessage, message: Loose): readonly string[] | "unevaluable" {
  const result = validator.validate(desc, toEsMessage(desc, message));
  if (result.kind === "error" && result.error instanceof RuntimeError) return "unevaluable";
  if (result.kind === "error") throw result.error;
  // a predefined rule whose value is a list is reported once for each item of that list there
  return comparable(violationsToProto(result.violations ?? [])[0]).filter(
    (one, index, all) => !(one.includes('"fieldName":"[') && one === all[index - 1]),
  );
}

function comparable(violations: Message): readonly string[] {
  const { violations: list = [] } = toJson(ViolationsSchema, violations as never) as { violations?: readonly JsonObject[] };
  return list.map(({ message: _, forKey = false, ...rest }) => JSON.stringify({ ...rest, forKey })).sort();
}
