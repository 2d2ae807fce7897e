import { celFromScalar } from "@bufbuild/cel";
import { type DescField, ScalarType } from "@bufbuild/protobuf";
import { type ReflectMessage, scalarZeroValue } from "@bufbuild/protobuf/reflect";
import type { EvaluatedRule } from "./evaluated-rule.js";

/** A value that a rule is about, and where it is. */
export interface Place {
  readonly value: unknown;
  readonly property: string;
  readonly key: unknown;
}

/** The values in `field` that `rule` is about. */
export function elementsOf(message: ReflectMessage, field: DescField, rule: EvaluatedRule): readonly Place[] {
  const { place, property, skipUnset } = rule;
  if (place === "field") {
    if (skipUnset && !message.isSet(field)) return [];
    return [
      {
        value: field.fieldKind === "scalar" || field.fieldKind === "enum" ? toCel(field, message.get(field)) : message.get(field),
        property,
        key: undefined,
      },
    ];
  }
  if (field.fieldKind === "list") {
    return Array.from(message.get(field), (item, key) => ({ value: toCel(field, item), property, key, isZero: isZero(field, item) })).filter(
      isWanted(rule),
    );
  }
  if (field.fieldKind !== "map") return [];
  return Array.from(message.get(field), ([key, entry]) =>
    place === "keys"
      ? { value: celFromScalar(field.mapKey, key as never), property, key, isZero: key === scalarZeroValue(field.mapKey, false) }
      : { value: toCel(field, entry), property, key, isZero: isZero(field, entry) },
  ).filter(isWanted(rule));
}

const isWanted =
  ({ skipZero }: EvaluatedRule) =>
  ({ isZero: zero }: { readonly isZero: boolean }): boolean =>
    !(skipZero && zero);

/** A value of a field, or an item or entry of it, as CEL has it. */
function toCel({ enum: ofEnum, message, scalar }: DescField, value: unknown): unknown {
  if (message !== undefined) return value;
  return ofEnum === undefined ? celFromScalar(scalar ?? ScalarType.STRING, value as never) : BigInt(value as number);
}

function isZero({ enum: ofEnum, message, scalar }: DescField, value: unknown): boolean {
  if (message !== undefined) return false;
  if (ofEnum !== undefined) return value === ofEnum.values[0]?.number;
  if (value instanceof Uint8Array) return value.length === 0;
  return value === scalarZeroValue(scalar ?? ScalarType.STRING, false);
}
