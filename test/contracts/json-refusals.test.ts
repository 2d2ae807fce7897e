import { BusError } from "@org/bus-core";
import type { ContractRegistry } from "@org/bus-core/compiler";
import { beforeAll, describe, expect, it } from "vitest";
import { canary } from "../support/canary.js";
import { loadContracts } from "./support/descriptors.js";

let registry: ContractRegistry;

beforeAll(async () => {
  registry = await loadContracts();
});

const everything = "everything.v1.Everything";

/** Code and text of the error that something leads to. */
function refusal(work: () => unknown): string {
  try {
    return `no error: ${String(work())}`;
  } catch (error) {
    return error instanceof BusError ? `${error.code}: ${error.message}` : String(error);
  }
}

describe("fromJson", () => {
  it.each([
    ["[]", "must be an object, is an array"],
    ['{"priceTag": 1}', "priceTag: is not a field of the contract"],
    ['{"int32values": 1}', "int32values: is not a field of the contract (is int32Value meant?)"],
    ['{"a b": 1}', '["a b"]: is not a field of the contract'],
    ['{"int32Value": 1.5}', "int32Value: must be an integer, is 1.5"],
    ['{"int32Value": 2147483648}', "int32Value: must be between -2147483648 and 2147483647, is 2147483648"],
    ['{"uint32Value": -1}', "uint32Value: must be between 0 and 4294967295, is -1"],
    ['{"int64Value": "9223372036854775808"}', "int64Value: must be between -9223372036854775808 and 9223372036854775807, is 9223372036854775808"],
    ['{"int64Value": 1e1000000000}', "int64Value: must be between -9223372036854775808 and 9223372036854775807, is 1e1000000000"],
    ['{"int64Value": "one"}', "int64Value: must be an integer, is a string"],
    ['{"int64AsNumber": "9007199254740993"}', "int64AsNumber: must be between -9007199254740991 and 9007199254740991, is 9007199254740993"],
    ['{"doubleValue": 1e309}', "doubleValue: must be a number that a double can hold, is 1e309"],
    ['{"floatValue": -1e39}', "floatValue: must be a number that a float can hold, is -1e39"],
    ['{"doubleValue": "nan"}', 'doubleValue: must be a number, "NaN", "Infinity" or "-Infinity", is a string'],
    ['{"boolValue": "true"}', "boolValue: must be true or false, is a string"],
    ['{"stringValue": 5}', "stringValue: must be a string, is the number 5"],
    ['{"stringValue": "\\ud800"}', "stringValue: must be well-formed text, contains a lone surrogate"],
    ['{"bytesValue": "a"}', "bytesValue: must be a string in base64"],
    ['{"color": "COLOR_BLUE"}', "color: must be a value of everything.v1.Color"],
    ['{"color": {}}', "color: must be the name of an enum value, or its number, is an object"],
    ['{"strings": "a"}', "strings: must be an array, is a string"],
    ['{"strings": ["a", null]}', "strings[1]: must be a string, is null"],
    ['{"price": []}', "price: must be an object, is an array"],
    ['{"prices": [{}, {"amount": true}]}', "prices[1].amount: must be an integer, is true"],
    ['{"moneyByBool": {"yes": {}}}', 'moneyByBool["yes"]: key must be "true" or "false", is a string'],
    ['{"doubleByInt32": {"01": 1}}', 'doubleByInt32["01"]: key must be an integer, is a string'],
    ['{"doubleByInt32": {"1": "x"}}', 'doubleByInt32[1]: must be a number, "NaN", "Infinity" or "-Infinity", is a string'],
    ['{"textByText": []}', "textByText: must be an object, is an array"],
    ['{"textChoice": "a", "int64Choice": 1}', "int64Choice: must not be there beside another field of the oneof choice"],
    ['{"int32Value": 1, "int32_value": 1}', 'int32Value: must not be there twice, is there as "int32_value" too'],
    ['{"time": "yesterday"}', "time: must be a time as 2006-01-02T15:04:05.999Z, between the years 1 and 9999"],
    ['{"span": 5}', "span: must be a span of at most 10,000 years, in seconds, as 1.5s, is the number 5"],
    ['{"fieldMask": "foo_bar"}', "fieldMask: must be paths in lowerCamelCase, with commas between them"],
    ['{"struct": []}', "struct: must be an object, is an array"],
    ['{"jsonValue": {"a": [1, 1e999]}}', 'jsonValue["a"][1]: must be a number that a double can hold, is 1e999'],
    ['{"nullValue": 0.5}', "nullValue: must be an integer, is 0.5"],
    ['{"any": {"name": "a"}}', 'any["@type"]: must end in / and the full name of a message, as type.googleapis.com/quakes.v1.QuakeReported'],
    ['{"any": {"@type": "a/b.C"}}', 'any["@type"]: must be a type of the registry, b.C is none'],
    ['{"any": {"@type": "a/everything.v1.Money", "amount": "x"}}', "any.amount: must be an integer, is a string"],
    ['{"any": {"@type": "a/google.protobuf.Duration"}}', "any.value: is required"],
    [
      '{"any": {"@type": "a/google.protobuf.Duration", "value": 1}}',
      "any.value: must be a span of at most 10,000 years, in seconds, as 1.5s, is the number 1",
    ],
    ['{"any": {"@type": "a/google.protobuf.Duration", "value": "1s", "x": 1}}', "any.x: must not be there beside value"],
    ['{"empty": {"a": 1}}', "empty.a: is not a field of the contract"],
    [
      '{"boolValue": 1, "price": {"currency": 2}}',
      "boolValue: must be true or false, is the number 1; price.currency: must be a string, is the number 2",
    ],
    ['{"boolValue": true', 'line 1, column 19: "}" should be here'],
  ])("refuses %s", (json, reason) => {
    expect(refusal(() => registry.fromJson(everything, json))).toBe(`malformed_message: JSON is no ${everything}: ${reason}`);
  });

  it("refuses what would have no encoding", () => {
    const nested = (depth: number): string => `${'{"again": '.repeat(depth)}{}${"}".repeat(depth)}`;
    expect(registry.encode(everything, registry.fromJson(everything, nested(100))).length).toBeGreaterThan(100);
    expect(() => registry.fromJson(everything, nested(101))).toThrow(
      expect.objectContaining({ violations: [expect.objectContaining({ message: "must not be nested in more than 100 messages" })] }),
    );
    expect(refusal(() => registry.fromJson("everything.v1.Legacy", '{"id": 1, "suit": 1}'))).toBe(
      "malformed_message: JSON is no everything.v1.Legacy: part: is required: without it no decoder takes the message",
    );
    expect(refusal(() => registry.fromJson("everything.v1.Legacy", '{"suit": 9}'))).toContain("suit: must be a value of everything.v1.Suit, is 9");
  });

  it("skips what is unknown where that is asked for", () => {
    const json = '{"new": {"x": [1]}, "color": "COLOR_BLUE", "colors": ["COLOR_BLUE", "COLOR_RED"], "price": {"new": 1, "amount": 2}}';
    const message = registry.fromJson(everything, json, { ignoreUnknownFields: true });
    expect(message).toMatchObject({ color: 0, colors: [1], price: { currency: "", amount: 2n } });
  });

  it("takes null for what is not there, and names as the .proto has them", () => {
    const message = registry.fromJson(everything, '{"price": null, "strings": null, "text_choice": null, "int64_choice": 5, "json_value": null}');
    expect(message).toMatchObject({ price: undefined, strings: [], choice: { case: "int64Choice", value: 5n }, jsonValue: null });
  });

  it("keeps enum values that are not declared, as decoding does", () => {
    const message = registry.fromJson(everything, '{"color": 99}');
    expect(registry.validate(everything, message)).toEqual([]);
    expect(registry.toJson(everything, message)).toBe('{"color":99}');
    expect(registry.validate(everything, { ...message, colors: [99] }).map(({ path }) => path)).toEqual(["colors[0]"]);
  });

  it("tells nothing of the value of a sensitive field", () => {
    const json = `{"age": 1.25, "accounts": {"${canary}": 5}}`;
    expect(refusal(() => registry.fromJson("topics.v1.Person", json))).toBe(
      'malformed_message: JSON is no topics.v1.Person: age: must be an integer; accounts["…"]: must be a string',
    );
  });

  it("says of each fault what a violation says", () => {
    try {
      registry.fromJson(everything, '{"prices": [{"amount": true}]}');
      expect.unreachable();
    } catch (error) {
      const { violations } = error as BusError;
      expect(violations).toMatchObject([{ path: "prices[0].amount", rule: "type", message: "must be an integer, is true" }]);
      expect(violations[0]?.standard?.field.map(({ fieldNumber }) => fieldNumber)).toEqual([62, 2]);
    }
  });
});

describe("toJson", () => {
  const decoded = (message: object): object => registry.decode(everything, registry.contract(everything).encode(message));

  it.each<[object, string]>([
    [{ time: { seconds: 253402300800n, nanos: 0 } }, "time.seconds: must be between -62135596800 and 253402300799, is 253402300800"],
    [{ spans: [{ seconds: 1n, nanos: -1 }] }, "spans[0].nanos: must have the sign of seconds, is -1"],
    [
      { any: { typeUrl: "a/google.protobuf.Timestamp", value: Uint8Array.of(16, 255, 255, 255, 255, 7) } },
      "any.value: must be between the years 1 and 9999",
    ],
    [{ any: { typeUrl: "a/google.protobuf.Value", value: Uint8Array.of(17, 0, 0, 0, 0, 0, 0, 240, 127) } }, "any.value: must be finite, is Infinity"],
    [{ fieldMask: { paths: ["fooBar"] } }, "fieldMask: must have paths in lower_snake_case, others have no form in JSON"],
    [{ jsonValues: [Number.NaN] }, "jsonValues[0]: must be null, a boolean, a finite number, text, an array or an object, is NaN"],
    [{ any: { typeUrl: "a/b.C", value: Uint8Array.of(8, 1) } }, 'any.typeUrl: must be a type of the registry, "b.C" is none'],
    [
      { any: { typeUrl: "a/everything.v1.Money", value: Uint8Array.of(8) } },
      "any.value: must be bytes of the type that typeUrl names: the bytes end within a field",
    ],
  ])("has no form for %o", (message, reason) => {
    expect(refusal(() => registry.toJson(everything, decoded(message)))).toBe(`contract_violation: ${everything} has no form in JSON: ${reason}`);
  });

  it("refuses what is no message, and bytes that are none", () => {
    expect(refusal(() => registry.toJson(everything, { boolValue: 1 }))).toContain("boolValue: must be a boolean, is the number 1");
    expect(refusal(() => registry.toJson(everything, Uint8Array.of(8)))).toContain("malformed_message");
    expect(refusal(() => registry.toJson("everything.v1.Everythin", {}))).toContain("is everything.v1.Everything meant?");
  });

  it("takes what may be published, and leaves out what is not set", () => {
    const message = {
      time: new Date(0),
      textByText: { __proto__: "", a: "b" },
      int64s: [1n],
      floatValue: 0.1,
      bytesValue: Uint8Array.of(255),
      price: {},
    };
    expect(registry.toJson(everything, message)).toBe(
      '{"floatValue":0.10000000149011612,"bytesValue":"/w==","int64s":["1"],"price":{},"textByText":{"a":"b"},"time":"1970-01-01T00:00:00Z"}'.replace(
        "0.10000000149011612",
        "0.1",
      ),
    );
    expect(registry.toJson(everything, { boolValue: true }, { indent: 2 })).toBe('{\n  "boolValue": true\n}');
  });

  it("shows extensions, which are read back", () => {
    const json = '{"id":1,"suit":"SUIT_CLUBS","part":{"size":1},"[everything.v1.extra_strings]":["a"],"[everything.v1.extra_part]":{"size":2}}';
    expect(registry.toJson("everything.v1.Legacy", registry.fromJson("everything.v1.Legacy", json))).toBe(json);
    expect(refusal(() => registry.fromJson("everything.v1.Legacy", '{"[everything.v1.extra]": 1}'))).toContain(
      '["[everything.v1.extra]"]: is not a field of the contract',
    );
  });

  it("ends with a reason where an Any holds an Any without end", () => {
    let value: Uint8Array = new Uint8Array();
    for (let depth = 0; depth < 500; depth++) {
      const any = { typeUrl: "type.googleapis.com/google.protobuf.Any", value };
      // the bytes of a field are behind its tag and length
      const encoded = registry.encode(everything, { any });
      value = new Uint8Array(encoded.subarray(encoded.length - lengthOf(encoded)));
    }
    expect(() => registry.toJson(everything, { any: { typeUrl: "type.googleapis.com/google.protobuf.Any", value } })).toThrow(
      expect.objectContaining({ violations: [expect.objectContaining({ message: "must not be nested in more than 100 messages" })] }),
    );
  });
});

/** The length of the one message in `encoded`, whose tag has two bytes. */
function lengthOf(encoded: Uint8Array): number {
  let length = 0;
  let shift = 0;
  for (const byte of encoded.subarray(2)) {
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
    shift += 7;
  }
  return length;
}
