import type { AnyContract, RulePlan, TypeDescription, ValueDescription } from "@org/bus-core";
import fc from "fast-check";
import type { Generation } from "../generation.js";
import { allowedValues } from "../rules.js";
import { byteStrings } from "./bytes.js";
import { floats, integers } from "./numbers.js";
import { texts } from "./texts.js";
import { wellKnownValues } from "./well-known.js";

/** What values are made of: besides the generation, how a message within is made. */
export interface ValueContext extends Generation {
  message(contract: AnyContract): fc.Arbitrary<unknown>;
}

/** Values of the type, made to satisfy the rules as far as that can be done without trying. */
export function values({ type, rules = [] }: ValueDescription, context: ValueContext): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case "scalar":
      return scalars(type, rules, context);
    case "wrapper":
      return scalars(type.scalar, rules, context);
    case "enum":
      return enumValues(type.values, rules, context.taste);
    case "message":
      return context.message(type.message);
    default:
      return wellKnownValues(type.kind, rules, context);
  }
}

type Scalar = Extract<TypeDescription, { readonly kind: "scalar" }>;

function scalars({ scalar, type }: Scalar, rules: readonly RulePlan[], generation: Generation): fc.Arbitrary<unknown> {
  switch (scalar) {
    case "double":
    case "float":
      return floats(rules, scalar === "float", generation);
    case "bool": {
      const allowed = allowedValues(rules);
      return allowed === undefined ? fc.boolean() : fc.constantFrom(...allowed);
    }
    case "string":
      return texts(rules, generation);
    case "bytes":
      return byteStrings(rules);
    default: {
      const [min, max] = limitsOf(scalar, type);
      const made = integers(rules, min, max, generation);
      if (type === "bigint") return made;
      return type === "string" ? made.map(String) : made.map(Number);
    }
  }
}

function limitsOf(scalar: Scalar["scalar"], type: Scalar["type"]): readonly [bigint, bigint] {
  const bits = scalar.endsWith("64") ? 64n : 32n;
  const [min, max] = /^(?:u|f)/.test(scalar) ? [0n, 2n ** bits - 1n] : [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
  if (bits === 32n || type !== "number") return [min, max];
  return [min < 0n ? BigInt(Number.MIN_SAFE_INTEGER) : 0n, BigInt(Number.MAX_SAFE_INTEGER)];
}

/** Declared values; other than the first, which mostly stands for nothing, where that is plain. */
function enumValues(declared: readonly number[], rules: readonly RulePlan[], taste: Generation["taste"]): fc.Arbitrary<unknown> {
  const allowed = allowedValues(rules)?.filter((value) => declared.includes(Number(value))) ?? declared;
  const others = allowed.filter((value) => value !== 0);
  return fc.constantFrom(...(taste === "plain" && others.length > 0 ? others : allowed));
}
