import type { RulePlan, TypeDescription } from "@org/bus-core";
import fc from "fast-check";
import type { Generation } from "../generation.js";
import { refusedValues } from "../rules.js";
import { byteStrings } from "./bytes.js";
import { durations, timestamps } from "./times.js";

type WellKnown = Exclude<TypeDescription["kind"], "scalar" | "wrapper" | "enum" | "message">;

/** Values of the types that Google declares, in the form that they have in TypeScript. */
export function wellKnownValues(kind: WellKnown, rules: readonly RulePlan[], generation: Generation): fc.Arbitrary<unknown> {
  const isPlain = generation.taste === "plain";
  switch (kind) {
    case "timestamp":
      return timestamps(rules, generation);
    case "duration":
      return durations(rules, generation);
    case "any":
      return fc.record({
        typeUrl: fc.constantFrom(...(isPlain ? plainTypeUrls(rules) : ["type.googleapis.com/google.protobuf.Empty", ...typeUrlsIn(rules)])),
        value: isPlain ? fc.constant(new Uint8Array()) : byteStrings([]),
      });
    case "field_mask":
      return fc.record({
        paths: fc.uniqueArray(fc.constantFrom("name", "address.city", "items", ...textsIn(rules)), { minLength: 1, maxLength: 3 }),
      });
    case "empty":
      return fc.constant({});
    case "null_value":
      return fc.constant(null);
    case "struct":
      return isPlain ? fc.constant({ note: "amber", count: 3 }) : jsonObject();
    case "list_value":
      return isPlain ? fc.constant(["amber", 3]) : fc.array(jsonValue(), { maxLength: 3 });
    case "value":
      return isPlain ? fc.constantFrom("amber", 3, true) : jsonValue();
  }
}

/** A value of JSON as `google.protobuf.Value` can hold it. */
const jsonValue = (): fc.Arbitrary<unknown> => fc.jsonValue({ maxDepth: 2 });

const jsonObject = (): fc.Arbitrary<object> => fc.dictionary(fc.string({ maxLength: 8 }), jsonValue(), { maxKeys: 3 });

const typeUrlsIn = (rules: readonly RulePlan[]): readonly string[] => textsIn(rules).filter((text) => text.includes("/"));

/** Those that rules name, or that of no message at all, which has a form in JSON wherever it is. */
function plainTypeUrls(rules: readonly RulePlan[]): readonly string[] {
  const refused = refusedValues(rules);
  const named = typeUrlsIn(rules).filter((url) => !refused.includes(url));
  return named.length > 0 ? named : [""];
}

/** All texts among the arguments of rules, for those whose values can only be guessed. */
function textsIn(rules: readonly RulePlan[]): readonly string[] {
  return rules.flatMap(({ args }) =>
    args.flatMap((argument) => {
      if (typeof argument === "string") return [argument];
      return typeof argument === "object" && "kind" in argument && argument.kind === "list"
        ? argument.items.filter((item) => typeof item === "string")
        : [];
    }),
  );
}
