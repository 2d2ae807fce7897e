import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import fc, { type GeneratorValue } from "fast-check";
import { isWrapper, type Loose, propertyOf } from "./es-message.js";

/** Where the values of fields come from. */
export interface ValueSource {
  readonly scalar: (type: ScalarType) => fc.Arbitrary<unknown>;
  readonly timestamp: () => fc.Arbitrary<unknown>;
  readonly duration: () => fc.Arbitrary<unknown>;
  /** @default of a type that is none of the message's, with any bytes */
  readonly any?: () => fc.Arbitrary<unknown>;
}

/** Messages of type `desc` with a few fields each, of every kind over many: of the right types, from the whole of their ranges by default. */
export function arbitraryMessage(desc: DescMessage, source: ValueSource = wholeRange): fc.Arbitrary<Loose> {
  return fc.gen().map((generate) => generateMessageOf(generate, desc, source));
}

/** One such message, for what generates its type as well. */
export function generateMessageOf(generate: GeneratorValue, desc: DescMessage, source: ValueSource = wholeRange): Loose {
  return generateMessage({ generate, source }, desc, 6, 0);
}

interface Generation {
  readonly generate: GeneratorValue;
  readonly source: ValueSource;
}

function generateMessage(generation: Generation, desc: DescMessage, maxFields: number, depth: number): Loose {
  const { generate } = generation;
  const message: Record<string, unknown> = {};
  for (const field of desc.fields) {
    if (field.presence === FeatureSet_FieldPresence.LEGACY_REQUIRED) message[propertyOf(field.localName)] = generateField(generation, field, depth);
  }
  if (desc.members.length === 0 || depth > 4) return message;
  const count = generate(fc.nat, maxFields);
  for (let index = 0; index < count; index++) {
    const member = desc.members[generate(fc.nat, desc.members.length - 1)];
    if (member === undefined) continue;
    if (member.kind === "field") message[propertyOf(member.localName)] = generateField(generation, member, depth);
    else {
      const field = member.fields[generate(fc.nat, member.fields.length - 1)];
      if (field !== undefined)
        message[propertyOf(member.localName)] = { case: propertyOf(field.localName), value: generateField(generation, field, depth) };
    }
  }
  return message;
}

function generateField(generation: Generation, field: DescField, depth: number): unknown {
  const { generate, source } = generation;
  const value = (): unknown => generateValue(generation, field, depth);
  if (field.fieldKind === "list") return Array.from({ length: generate(fc.nat, 3) }, value);
  if (field.fieldKind !== "map") return value();
  const entries = Array.from({ length: generate(fc.nat, 3) }, () => [generate(source.scalar, field.mapKey), value()] as const);
  return field.mapKey === ScalarType.STRING && generate(fc.boolean) ? Object.fromEntries(entries) : new Map(entries);
}

function generateValue(generation: Generation, field: DescField, depth: number): unknown {
  const { generate, source } = generation;
  if (field.enum?.typeName === "google.protobuf.NullValue") return null;
  if (field.enum !== undefined) return generate(oneOf, ...field.enum.values.map(({ number }) => number));
  if (field.message !== undefined) return generateMessageValue(generation, field.message, depth);
  const value = generate(source.scalar, field.scalar ?? ScalarType.STRING);
  switch (field.proto.options?.jstype) {
    case 1:
      return String(value);
    case 2:
      return Number(BigInt.asIntN(53, value as bigint));
    default:
      return value;
  }
}

function generateMessageValue(generation: Generation, desc: DescMessage, depth: number): unknown {
  const { generate, source } = generation;
  switch (desc.typeName) {
    case "google.protobuf.Timestamp":
      return generate(source.timestamp);
    case "google.protobuf.Duration":
      return generate(source.duration);
    case "google.protobuf.Any":
      return generate(source.any ?? any);
    case "google.protobuf.FieldMask":
      return generate(fieldMask);
    case "google.protobuf.Struct":
      return generate(struct);
    case "google.protobuf.Value":
      return generate(jsonValue);
    case "google.protobuf.ListValue":
      return generate(jsonList);
    default:
  }
  const wrapped = isWrapper(desc) ? desc.fields[0]?.scalar : undefined;
  return wrapped === undefined ? generateMessage(generation, desc, 4, depth + 1) : generate(source.scalar, wrapped);
}

const any = (): fc.Arbitrary<unknown> =>
  fc.oneof(
    fc.record({ typeUrl: fc.constantFrom("type.googleapis.com/everything.v1.Money", "a/b"), value: fc.uint8Array({ maxLength: 8 }) }),
    fc.constantFrom({}, { typeUrl: "", value: new Uint8Array() }),
  );

const fieldMask = (): fc.Arbitrary<unknown> => fc.record({ paths: fc.array(fc.constantFrom("name", "price.currency"), { maxLength: 3 }) });

const text = (): fc.Arbitrary<string> => fc.oneof(fc.string({ unit: "grapheme", maxLength: 8 }), fc.constantFrom("__proto__", "constructor", "7"));

const {
  jsonValue: json,
  jsonObject,
  jsonArray,
} = fc.letrec((tie) => ({
  jsonValue: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom(null, true, false, 0, -0, 1e300),
    text(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    tie("jsonObject"),
    tie("jsonArray"),
  ),
  jsonObject: fc.dictionary(text(), tie("jsonValue"), { maxKeys: 3, noNullPrototype: true }),
  jsonArray: fc.array(tie("jsonValue"), { maxLength: 3 }),
}));

const jsonValue = (): fc.Arbitrary<unknown> => json;
const struct = (): fc.Arbitrary<unknown> => jsonObject;
const jsonList = (): fc.Arbitrary<unknown> => jsonArray;

const timestamp = (): fc.Arbitrary<unknown> =>
  fc.oneof(
    fc.date({ min: new Date("0001-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59.999Z"), noInvalidDate: true }),
    fc.record({ seconds: fc.bigInt({ min: -62135596800n, max: 253402300799n }), nanos: fc.integer({ min: 0, max: 999_999_999 }) }),
  );

const duration = (): fc.Arbitrary<unknown> =>
  fc
    .record({ seconds: fc.bigInt({ min: 0n, max: 315_576_000_000n }), nanos: fc.integer({ min: 0, max: 999_999_999 }), sign: fc.boolean() })
    .map(({ seconds, nanos, sign }) => (sign ? { seconds: -seconds, nanos: nanos === 0 ? 0 : -nanos } : { seconds, nanos }));

// the arguments of what is passed to `generate` are compared, which descriptors would not survive
const oneOf = (...numbers: number[]): fc.Arbitrary<number> => fc.constantFrom(...numbers);

function scalar(type: ScalarType): fc.Arbitrary<unknown> {
  switch (type) {
    case ScalarType.DOUBLE:
      return fc.oneof(fc.double(), fc.constantFrom(0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY));
    case ScalarType.FLOAT:
      return fc.oneof(fc.float(), fc.constantFrom(0.1, -0, Number.NaN));
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return fc.integer();
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return fc.nat(4294967295);
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: -300n, max: 300n }));
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 300n }));
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.STRING:
      return fc.string({ unit: "grapheme", maxLength: 12 });
    case ScalarType.BYTES:
      return fc.uint8Array({ maxLength: 12 });
  }
}

/** All values that a type can hold. */
export const wholeRange: ValueSource = { scalar, timestamp, duration };
