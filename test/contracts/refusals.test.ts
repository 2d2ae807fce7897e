import type { AnyContract } from "@org/bus-core";
import { describe, expect, it } from "vitest";
import { Color, Everything, type EverythingInit } from "./gen/everything/v1/everything.js";
import { Collections, Presence, Texts } from "./gen/rules/v1/rules.js";

/** The faults of `message`, as `path: rule: message`. */
const faultsOf = (contract: AnyContract, message: unknown): readonly string[] =>
  contract.validate(message).map((fault) => `${fault.path}: ${fault.rule}: ${fault.message}`);

function cyclic(): object {
  const object: Record<string, unknown> = {};
  object.self = object;
  return object;
}

const refusals: readonly { readonly name: string; readonly message: unknown; readonly faults: readonly string[] }[] = [
  {
    name: "a misspelt property",
    message: { stringValu: "a" },
    faults: ["stringValu: unknown_field: is not a field of the contract (is stringValue meant?)"],
  },
  {
    name: "the name of the .proto",
    message: { string_value: "a" },
    faults: ["string_value: unknown_field: is not a field of the contract (is stringValue meant?)"],
  },
  { name: "an undeclared property", message: { "a b": 1 }, faults: ['["a b"]: unknown_field: is not a field of the contract'] },
  {
    name: "an undeclared property deep inside",
    message: { prices: [{}, { currency: "EUR", amuont: 1n }] },
    faults: ["prices[1].amuont: unknown_field: is not a field of the contract (is amount meant?)"],
  },
  {
    name: "an own __proto__",
    message: JSON.parse('{"__proto__": {"stringValue": 1}}'),
    faults: ["__proto__: unknown_field: is not a field of the contract"],
  },
  { name: "uint32 -1", message: { uint32Value: -1 }, faults: ["uint32Value: range: must be between 0 and 4294967295, is -1"] },
  { name: "uint32 2^40", message: { uint32Value: 2 ** 40 }, faults: ["uint32Value: range: must be between 0 and 4294967295, is 1099511627776"] },
  { name: "int32 2^31", message: { int32Value: 2 ** 31 }, faults: ["int32Value: range: must be between -2147483648 and 2147483647, is 2147483648"] },
  { name: "a fraction for an integer", message: { sint32Value: 1.5 }, faults: ["sint32Value: type: must be an integer, is the number 1.5"] },
  { name: "NaN for an integer", message: { fixed32Value: Number.NaN }, faults: ["fixed32Value: type: must be an integer, is NaN"] },
  { name: "text for an integer", message: { int32Value: "5" }, faults: ["int32Value: type: must be an integer, is a string"] },
  { name: "a number for an int64", message: { int64Value: 5 }, faults: ["int64Value: type: must be a bigint, is the number 5"] },
  {
    name: "a bigint beyond int64",
    message: { sint64Value: 2n ** 63n },
    faults: ["sint64Value: range: must be between -9223372036854775808 and 9223372036854775807, is 9223372036854775808"],
  },
  {
    name: "a negative bigint for a uint64",
    message: { fixed64s: [0n, -1n] },
    faults: ["fixed64s[1]: range: must be between 0 and 18446744073709551615, is -1"],
  },
  {
    name: "an unsafe integer",
    message: { int64AsNumber: 2 ** 53 },
    faults: ["int64AsNumber: range: must be between -9007199254740991 and 9007199254740991, is 9007199254740992"],
  },
  {
    name: "text that is no integer",
    message: { uint64AsText: "1e3", sint64sAsText: ["01"] },
    faults: ["uint64AsText: type: must be an integer in decimal, as a string", "sint64sAsText[0]: type: must be an integer in decimal, as a string"],
  },
  {
    name: "what is no value of JSON",
    message: {
      jsonValues: [undefined, Number.NaN, Number.POSITIVE_INFINITY, 1n, "a\ud800", () => 0, new Date(0), new Map(), Symbol("a")],
      listValue: {},
      struct: [],
    },
    faults: [
      "struct: type: must be an object, is an array",
      "listValue: type: must be an array, is an object",
      "jsonValues[0]: type: must be null, a boolean, a finite number, text, an array or an object, is undefined",
      "jsonValues[1]: type: must be null, a boolean, a finite number, text, an array or an object, is NaN",
      "jsonValues[2]: type: must be null, a boolean, a finite number, text, an array or an object, is Infinity",
      "jsonValues[3]: type: must be null, a boolean, a finite number, text, an array or an object, is the bigint 1n",
      "jsonValues[4]: utf8: must be well-formed text, contains a lone surrogate",
      "jsonValues[5]: type: must be null, a boolean, a finite number, text, an array or an object, is a function",
      "jsonValues[6]: type: must be an object, is a Date",
      "jsonValues[7]: type: must be an object, is a Map",
      "jsonValues[8]: type: must be null, a boolean, a finite number, text, an array or an object, is a symbol",
    ],
  },
  {
    name: "what is no value of JSON, deep inside",
    message: { struct: { a: { "b c": [1, [Number.NaN]] }, "\udc00": 1 }, structByText: { x: { y: { z: 1n } } } },
    faults: [
      'struct["a"]["b c"][1][0]: type: must be null, a boolean, a finite number, text, an array or an object, is NaN',
      'struct["\\udc00"]: utf8: key must be well-formed text, contains a lone surrogate',
      'structByText["x"]["y"]["z"]: type: must be null, a boolean, a finite number, text, an array or an object, is the bigint 1n',
    ],
  },
  {
    name: "JSON that contains itself",
    message: { struct: cyclic() },
    faults: [expect.stringMatching(/^struct\["self"\](?:\["self"\])+: depth: must not be nested in more than 100 messages$/)],
  },
  {
    name: "null where it is no value, and what is not null where only null is",
    message: { any: null, empty: null, fieldMask: null, nullValue: 0, nullValues: [null, undefined], nullByText: { a: 1 } },
    faults: [
      "any: type: must be an object, is null",
      "nullValue: type: must be null, is the number 0",
      "fieldMask: type: must be an object, is null",
      "empty: type: must be an object, is null",
      "nullValues[1]: type: must be null, is undefined",
      'nullByText["a"]: type: must be null, is the number 1',
    ],
  },
  {
    name: "an Any that does not say what it is",
    message: {
      anys: [{ typeUrl: "a.v1.B" }, { typeUrl: "x/" }, { typeUrl: "x/a..b" }, { value: Uint8Array.of(1) }, { typeUrl: 1, value: "a" }, { type: "x" }],
    },
    faults: [
      "anys[0].typeUrl: type_url: must end in / and the full name of a message, as type.googleapis.com/quakes.v1.QuakeReported",
      "anys[1].typeUrl: type_url: must end in / and the full name of a message, as type.googleapis.com/quakes.v1.QuakeReported",
      "anys[2].typeUrl: type_url: must end in / and the full name of a message, as type.googleapis.com/quakes.v1.QuakeReported",
      "anys[3].typeUrl: type_url: must end in / and the full name of a message, as type.googleapis.com/quakes.v1.QuakeReported",
      "anys[4].value: type: must be a Uint8Array, is a string",
      "anys[4].typeUrl: type: must be a string, is the number 1",
      "anys[5].type: unknown_field: is not a field of the contract",
    ],
  },
  {
    name: "a field mask or nothing that holds something else",
    message: { fieldMask: { paths: ["a", 1, "\ud800"], more: 1 }, empty: { a: 1 } },
    faults: [
      "fieldMask.more: unknown_field: is not a field of the contract",
      "fieldMask.paths[1]: type: must be a string, is the number 1",
      "fieldMask.paths[2]: utf8: must be well-formed text, contains a lone surrogate",
      "empty.a: unknown_field: is not a field of the contract",
    ],
  },
  {
    name: "a number that is infinite as a float",
    message: { floatValue: 1e39 },
    faults: ["floatValue: range: must be between -3.4028234663852886e+38 and 3.4028234663852886e+38, is 1e+39"],
  },
  {
    name: "a lone surrogate",
    message: { stringValue: "a\ud800b" },
    faults: ["stringValue: utf8: must be well-formed text, contains a lone surrogate"],
  },
  {
    name: "a lone surrogate in the key and the value of a map",
    message: { textByText: { "\udc00": "\ud800" } },
    faults: [
      'textByText["\\udc00"]: utf8: key must be well-formed text, contains a lone surrogate',
      'textByText["\\udc00"]: utf8: must be well-formed text, contains a lone surrogate',
    ],
  },
  { name: "an undeclared enum value", message: { color: 99 }, faults: ["color: enum.undeclared: must be a declared value of its enum, is 99"] },
  { name: "the name of an enum value", message: { color: "COLOR_RED" }, faults: ["color: type: must be an enum value (a number), is a string"] },
  {
    name: "null",
    message: { stringValue: null, optionalInt32: null, price: null, strings: null, choice: null, time: null, wrappedInt32: null },
    faults: [
      "stringValue: type: must be a string, is null",
      "optionalInt32: type: must be an integer, is null",
      "strings: type: must be an array, is null",
      "price: type: must be an object, is null",
      "choice: type: must be an object { case, value }, is null",
      "time: type: must be a Date or { seconds, nanos }, is null",
      "wrappedInt32: type: must be an integer, is null",
    ],
  },
  {
    name: "a hole in a list",
    message: { strings: new Array(2) },
    faults: ["strings[0]: type: must be a string, is undefined", "strings[1]: type: must be a string, is undefined"],
  },
  { name: "a list that is none", message: { strings: { length: 1, 0: "a" } }, faults: ["strings: type: must be an array, is an object"] },
  {
    name: "bytes as text or numbers",
    message: { bytesValue: "abc", byteses: [[1]] },
    faults: ["bytesValue: type: must be a Uint8Array, is a string", "byteses[0]: type: must be a Uint8Array, is an array"],
  },
  {
    name: "a map that is none",
    message: { textByText: [["a", "b"]], bytesByInt64: { 1: new Uint8Array() } },
    faults: ["textByText: type: must be a Map or a plain object, is an array", "bytesByInt64: type: must be a Map, is an object"],
  },
  {
    name: "a wrong key and value of a map",
    message: { doubleByInt32: new Map<unknown, unknown>([["1", "2"]]) },
    faults: ['doubleByInt32["1"]: type: key must be an integer, is a string', 'doubleByInt32["1"]: type: must be a number, is a string'],
  },
  {
    name: "a message that is another kind of object",
    message: { price: new Date(0), inner: Promise.resolve({}), prices: [new Map(), []] },
    faults: [
      "price: type: must be an object, is a Date",
      "prices[0]: type: must be an object, is a Map",
      "prices[1]: type: must be an object, is an array",
      "inner: type: must be an object, is a Promise (await it)",
    ],
  },
  {
    name: "a oneof without its shape",
    message: { choice: "text", otherChoice: { case: "boolChoice", value: true, extra: 1 } },
    faults: ["choice: type: must be an object { case, value }, is a string", "otherChoice.extra: unknown_field: is not a field of the contract"],
  },
  {
    name: "an unknown case",
    message: { otherChoice: { case: "bool", value: true } },
    faults: ['otherChoice.case: oneof.undeclared: must be one of "boolChoice", "againChoice", is "bool"'],
  },
  {
    name: "a wrong value of a oneof",
    message: { choice: { case: "moneyChoice", value: { amount: 1 } } },
    faults: ["moneyChoice.amount: type: must be a bigint, is the number 1"],
  },
  { name: "a oneof without a value", message: { choice: { case: "textChoice" } }, faults: ["textChoice: type: must be a string, is undefined"] },
  {
    name: "times out of range",
    message: { time: new Date(Number.NaN), times: [{ seconds: 1, nanos: 1e9 }], span: { seconds: 1n, nanos: -1 }, spans: [{ seconds: 1n }] },
    faults: [
      "time: type: must be a valid Date",
      "span.nanos: range: must have the sign of seconds, is -1",
      "times[0].seconds: type: must be a bigint, is the number 1",
      "times[0].nanos: range: must be between 0 and 999999999, is 1000000000",
      "spans[0].nanos: type: must be an integer, is undefined",
    ],
  },
  { name: "no message at all", message: undefined, faults: [": type: must be an object, is undefined"] },
  {
    name: "all faults at once",
    message: { int32Value: 0.5, color: 7, price: { currency: 1 }, typo: true },
    faults: [
      "typo: unknown_field: is not a field of the contract",
      "int32Value: type: must be an integer, is the number 0.5",
      "color: enum.undeclared: must be a declared value of its enum, is 7",
      "price.currency: type: must be a string, is the number 1",
    ],
  },
];

describe("validate", () => {
  it.each(refusals)("refuses $name", ({ message, faults }) => {
    expect(faultsOf(Everything, message)).toEqual(faults);
  });

  it("survives getters and proxies that throw", () => {
    const throws = {
      get stringValue(): string {
        throw new Error("no");
      },
    };
    expect(faultsOf(Everything, throws)).toEqual([": unreadable: must be readable: no"]);
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(Everything.validate(proxy)).toHaveLength(1);
  });

  it("refuses a message that contains itself, as deep as others would decode it", () => {
    const message: { again?: unknown } = {};
    message.again = message;
    const faults = Everything.validate(message);
    expect(faults).toEqual([{ path: Array(101).fill("again").join("."), rule: "depth", message: "must not be nested in more than 100 messages" }]);
  });

  it("takes no property from the prototypes of objects for a field", () => {
    expect(Everything.validate({})).toEqual([]);
    expect(Everything.validate(Object.create(null))).toEqual([]);
  });

  it("accepts 100 levels, counting entries of maps, times and wrappers, and refuses one more", () => {
    const nest = (depth: number, leaf: EverythingInit): EverythingInit => (depth === 0 ? leaf : { again: nest(depth - 1, leaf) });
    const leaves: readonly (readonly [number, EverythingInit])[] = [
      [100, {}],
      [99, { price: {} }],
      [99, { textByText: { a: "b" } }],
      [98, { moneyByBool: new Map([[true, {}]]) }],
      [98, { timeByText: { a: new Date(0) } }],
      [99, { time: new Date(0) }],
      [99, { span: { seconds: 0n, nanos: 0 } }],
      [99, { wrappedBool: true }],
      [98, { wrappedByText: { a: 1n } }],
      [99, { any: {} }],
      [99, { fieldMask: {} }],
      [99, { empty: {} }],
      [98, { anyByText: { a: {} } }],
      [99, { struct: {} }],
      [97, { struct: { a: 1 } }],
      [94, { struct: { a: { b: 1 } } }],
      [99, { jsonValue: null }],
      [98, { jsonValue: [] }],
      [95, { jsonValue: [[1]] }],
      [97, { listValue: [[]] }],
      [97, { jsonByText: { a: {} } }],
    ];
    for (const [depth, leaf] of leaves) {
      const message = nest(depth, leaf);
      expect(Everything.validate(message)).toEqual([]);
      expect(Everything.validate(Everything.decode(Everything.encode(message)))).toEqual([]);
      expect(Everything.validate(nest(depth + 1, leaf)).map(({ rule }) => rule)).toEqual(["depth"]);
      expect(() => Everything.decode(Everything.encode(nest(depth + 1, leaf)))).toThrow("messages are nested deeper than 100");
    }
  });

  it("reports rules with their bounds, and text only by its length", () => {
    expect(faultsOf(Texts, { ...validTexts, minLen: "😀", maxBytes: "€€", pattern: "A", in: "secret", email: 1 })).toEqual([
      "email: unknown_field: is not a field of the contract",
      "minLen: string.min_len: must be at least 2 characters, is 1",
      "maxBytes: string.max_bytes: must be at most 3 bytes, is 6",
      "pattern: string.pattern: must match the pattern ^[a-z\\d]+$",
      'in: string.in: must be one of "", "a", "ab"',
    ]);
    expect(
      faultsOf(Collections, { minItems: [], pairs: { a: 1, b: 2, c: 3 }, levels: [1], requiredList: ["a"], requiredMap: {}, keys: { a: "bb" } }),
    ).toEqual([
      "minItems: repeated.min_items: must have at least 1 item, is 0",
      "pairs: map.max_pairs: must have at most 2 entries, is 3",
      'keys["a"]: string.min_len: key must be at least 2 characters, is 1',
      'keys["a"]: string.max_len: must be at most 1 character, is 2',
      "requiredMap: required: is required",
    ]);
  });

  it("reports missing required fields and oneofs", () => {
    expect(faultsOf(Presence, { levelConst: 1 })).toEqual([
      "requiredText: required: is required",
      "requiredOptional: required: is required",
      "requiredRuled: required: is required",
      "requiredMessage: required: is required",
      "requiredEnum: required: is required",
      "requiredBytes: required: is required",
      "must: required: exactly one of its fields is required",
      "mustNumber: required: is required",
      ": message.oneof: one of left, right must be set",
    ]);
  });

  it("keeps what would not encode where rules are ignored", () => {
    const faults = faultsOf(Collections, {
      minItems: [1],
      levels: [1],
      pairs: { a: 1 },
      requiredList: ["a"],
      requiredMap: { a: "b" },
      uncheckedNested: [{ name: "too long" }, { name: 1 }],
    });
    expect(faults).toEqual(["uncheckedNested[1].name: type: must be a string, is the number 1"]);
  });

  it("leaves the poison pill out of the log: what is accepted decodes", () => {
    const message: EverythingInit = { stringValue: "a\ud800b", color: Color.RED };
    expect(Everything.validate(message)).toHaveLength(1);
    expect(Everything.decode(Everything.encode({ ...message, stringValue: "a😀b" })).stringValue).toBe("a😀b");
  });
});

const validTexts = {
  const: "a",
  len: "ab",
  minLen: "ab",
  lenBytes: "abcd",
  minBytes: "abc",
  pattern: "a",
  prefix: "a",
  suffix: "b",
  contains: "ab",
  twoRules: "abc",
};
