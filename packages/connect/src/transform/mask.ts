import type { AnyContract, FieldDescription, MemberDescription, ShapeDescription } from "@org/bus-core";
import { BusError } from "@org/bus-core";
import { atOnce } from "@org/bus-core/internal";
import type { Transform } from "./transform.js";

export interface MaskOptions {
  /** What stands in the place of a sensitive value. @default `***` for text, zero, false, no bytes; messages, lists and maps are left out */
  readonly replace?: (value: unknown) => unknown;
}

/**
 * Hides what a contract marks as sensitive, in messages within messages too. What the contract does not know (unknown fields) is left out.
 *
 * @throws {BusError} `invalid_options` for a contract that does not describe itself
 */
export function mask<T extends object>(contract: AnyContract, { replace = hidden }: MaskOptions = {}): Transform<T, T> {
  if (contract.describe === undefined) {
    throw new BusError(
      "invalid_options",
      `mask: ${contract.typeName} does not describe its fields; use a contract that bus gen or compileContracts has made`,
    );
  }
  return { name: "mask", apply: (record) => [{ ...record, value: masked(contract, record.value, replace) as T }] };
}

type Replace = NonNullable<MaskOptions["replace"]>;
type Properties = Readonly<Record<string, unknown>>;

function masked(contract: AnyContract, value: unknown, replace: Replace): unknown {
  if (typeof value !== "object" || value === null) return value;
  const copy: Record<string, unknown> = { ...Object.fromEntries(Object.entries(value)) };
  const sensitive = new Set(contract.sensitiveFields.filter((path) => !path.includes(".")).map(propertyOf));
  for (const member of contract.describe?.().members ?? []) {
    if (copy[member.property] !== undefined) copy[member.property] = maskedMember(member, copy[member.property], sensitive, replace);
  }
  return copy;
}

function maskedMember(member: MemberDescription, value: unknown, sensitive: ReadonlySet<string>, replace: Replace): unknown {
  if (member.kind === "field") return maskedField(member, value, sensitive, replace);
  const { case: chosen, value: inner } = value as { readonly case: string; readonly value: unknown };
  const field = member.fields.find(({ property }) => property === chosen);
  if (field === undefined) return value;
  const result = maskedField(field, inner, sensitive, replace);
  return result === undefined ? undefined : { case: chosen, value: result };
}

function maskedField({ property, shape }: FieldDescription, value: unknown, sensitive: ReadonlySet<string>, replace: Replace): unknown {
  return sensitive.has(property.replace(/\$$/, "")) ? atOnce("mask", replace(value)) : maskedShape(shape, value, replace);
}

function maskedShape(shape: ShapeDescription, value: unknown, replace: Replace): unknown {
  const { type } = shape.kind === "list" ? shape.item : shape.value;
  if (type.kind !== "message") return value;
  const { message } = type;
  if (shape.kind === "single") return masked(message, value, replace);
  if (Array.isArray(value)) return value.map((item) => masked(message, item, replace));
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, masked(message, item, replace)]));
  return Object.fromEntries(Object.entries(value as Properties).map(([key, item]) => [key, masked(message, item, replace)]));
}

function hidden(value: unknown): unknown {
  switch (typeof value) {
    case "string":
      return "***";
    case "number":
      return 0;
    case "bigint":
      return 0n;
    case "boolean":
      return false;
    default:
      return value instanceof Uint8Array ? new Uint8Array() : undefined;
  }
}

/** The property of a field, as generated code has it: the JSON name of Protobuf. */
function propertyOf(field: string): string {
  return field.replace(/_+(.)?/g, (_, letter: string | undefined) => letter?.toUpperCase() ?? "");
}
