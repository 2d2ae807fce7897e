import { create, type DescField, type DescMessage, fromJson, type JsonValue, type Message, ScalarType } from "@bufbuild/protobuf";

/** A message of ours, with all properties unknown. */
export type Loose = Readonly<Record<string, unknown>>;

/** What `message`, in a form in which it may be published, is in @bufbuild/protobuf. */
export function toEsMessage(desc: DescMessage, message: Loose): Message {
  const init: Record<string, unknown> = {};
  for (const member of desc.members) {
    const value = message[propertyOf(member.localName)];
    if (value === undefined) continue;
    if (member.kind === "field") {
      init[member.localName] = toEsField(member, value);
      continue;
    }
    const chosen = value as { readonly case: string; readonly value: unknown };
    const field = member.fields.find((candidate) => propertyOf(candidate.localName) === chosen.case);
    if (field !== undefined) init[member.localName] = { case: field.localName, value: toEsField(field, chosen.value) };
  }
  return create(desc, init as never);
}

/** Properties that every object has get a `$`. */
export const propertyOf = (localName: string): string => (localName in Object.prototype ? `${localName}$` : localName);

function toEsField(field: DescField, value: unknown): unknown {
  if (field.fieldKind === "list") return (value as readonly unknown[]).map((item) => toEsValue(field, item, true));
  if (field.fieldKind !== "map") return toEsValue(field, value, false);
  const entries = value instanceof Map ? [...value] : Object.entries(value as object);
  return Object.fromEntries(entries.map(([key, entry]) => [key, toEsValue(field, entry, true)]));
}

function toEsValue(field: DescField, value: unknown, nested: boolean): unknown {
  if (field.message === undefined) return toEsScalar(field, value);
  const { typeName } = field.message;
  if (typeName === "google.protobuf.Timestamp" || typeName === "google.protobuf.Duration") {
    const { seconds, nanos } = value instanceof Date ? fromDate(value) : (value as { seconds: bigint; nanos: number });
    return create(field.message, { seconds, nanos } as never);
  }
  if (typeName === "google.protobuf.Struct") return withoutUndefined(value);
  if (typeName === "google.protobuf.Value" || typeName === "google.protobuf.ListValue") return fromJson(field.message, withoutUndefined(value));
  // @bufbuild/protobuf shows a wrapper by its value where it is a field of its own, and as a message elsewhere
  if (isWrapper(field.message)) {
    const arrived = arrivedScalar(field.message.fields[0]?.scalar, value);
    return nested || field.oneof !== undefined ? create(field.message, { value: arrived } as never) : arrived;
  }
  return toEsMessage(field.message, value as Loose);
}

/** As `JSON.stringify` has it: a property that is undefined is none. */
function withoutUndefined(value: unknown): JsonValue {
  if (typeof value !== "object" || value === null) return value as JsonValue;
  if (Array.isArray(value)) return value.map(withoutUndefined);
  const entries = Object.entries(value).filter(([, property]) => property !== undefined);
  return Object.fromEntries(entries.map(([name, property]) => [name, withoutUndefined(property)]));
}

/** Whether a type is one of wrappers.proto, which are plain values. */
export const isWrapper = ({ file }: DescMessage): boolean => file.proto.name === "google/protobuf/wrappers.proto";

/** 64-bit integers are bigint or text there; `jstype = JS_NUMBER` is not known. */
function toEsScalar(field: DescField, value: unknown): unknown {
  // the one value of NullValue
  if (value === null) return 0;
  return field.proto.options?.jstype === 2 ? BigInt(value as number) : arrivedScalar(field.scalar, value);
}

/** What arrives: floats are rounded, and integers have no minus zero. */
function arrivedScalar(scalar: ScalarType | undefined, value: unknown): unknown {
  if (typeof value !== "number" || scalar === ScalarType.DOUBLE) return value;
  return scalar === ScalarType.FLOAT ? Math.fround(value) : value + 0;
}

function fromDate(date: Date): { seconds: bigint; nanos: number } {
  const timeMs = BigInt(date.getTime());
  const ms = ((timeMs % 1000n) + 1000n) % 1000n;
  return { seconds: (timeMs - ms) / 1000n, nanos: Number(ms) * 1_000_000 };
}
