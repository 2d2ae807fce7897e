import type { AnyContract } from "@org/bus-core";
import { describe, expect, it } from "vitest";
import { canary } from "../support/canary.js";
import { Concealed, Evaluated, Fielded, Operands, Predefined } from "./gen/rules/v1/expressions.js";
import { Bytes, Collections, Formats, Numbers, Presence, Texts, Times } from "./gen/rules/v1/rules.js";

/** A contract, a property, a value that breaks a rule of it, and what the user is told: `path: rule: message` of each fault. */
type Row = readonly [contract: AnyContract, property: string, value: unknown, ...faults: string[]];

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

const rows: readonly Row[] = [
  [Numbers, "doubleConst", 1, "doubleConst: double.const: must equal 1.5, is 1"],
  [Numbers, "doubleRange", 2, "doubleRange: double.gt_lte: must be greater than -1 and less than or equal to 1, is 2"],
  [Numbers, "doubleOutside", 0, "doubleOutside: double.gte_lt_exclusive: must be greater than or equal to 2 or less than -2, is 0"],
  [Numbers, "doubleFinite", Number.POSITIVE_INFINITY, "doubleFinite: double.finite: must be finite, is Infinity"],
  [Numbers, "floatIn", 0.2, "floatIn: float.in: must be one of 0, 0.10000000149011612, 2, is 0.20000000298023224"],
  [Numbers, "floatLt", Number.NaN, "floatLt: float.lt: must be less than 0.30000001192092896, is NaN"],
  [Numbers, "int32NotIn", 1, "int32NotIn: int32.not_in: must not be one of 1, 2, is 1"],
  [Numbers, "int32Gt", -2, "int32Gt: int32.gt: must be greater than -2, is -2"],
  [Numbers, "sint32Lte", 2, "sint32Lte: sint32.lte: must be less than or equal to 1, is 2"],
  [Numbers, "fixed32GteLt", 2, "fixed32GteLt: fixed32.gte_lt_exclusive: must be greater than or equal to 3 or less than 1, is 2"],
  [Numbers, "int64GtLte", 0n, "int64GtLte: int64.gt_lte_exclusive: must be greater than 1 or less than or equal to -1, is 0"],
  [Numbers, "uint64NotIn", 1n, "uint64NotIn: uint64.not_in: must not be one of 18446744073709551615, 1, is 1"],
  [Numbers, "boolConst", false, "boolConst: bool.const: must equal true, is false"],
  [Texts, "const", "b", 'const: string.const: must equal "a"'],
  [Texts, "len", "abc", "len: string.len: must be 2 characters, is 3"],
  [Texts, "minLen", "😀", "minLen: string.min_len: must be at least 2 characters, is 1"],
  [Texts, "maxLen", "abc", "maxLen: string.max_len: must be at most 2 characters, is 3"],
  [Texts, "lenBytes", "é", "lenBytes: string.len_bytes: must be 4 bytes, is 2"],
  [Texts, "minBytes", "a", "minBytes: string.min_bytes: must be at least 3 bytes, is 1"],
  [Texts, "maxBytes", "éé", "maxBytes: string.max_bytes: must be at most 3 bytes, is 4"],
  [Texts, "pattern", "A", "pattern: string.pattern: must match the pattern ^[a-z\\d]+$"],
  [Texts, "prefix", "b", 'prefix: string.prefix: must begin with "a"'],
  [Texts, "suffix", "a", 'suffix: string.suffix: must end with "b"'],
  [Texts, "contains", "b", 'contains: string.contains: must contain "ab"'],
  [Texts, "notContains", "b", 'notContains: string.not_contains: must not contain "b"'],
  [Texts, "in", "c", 'in: string.in: must be one of "", "a", "ab"'],
  [Texts, "notIn", "a", 'notIn: string.not_in: must not be one of "a", "ab"'],
  [Texts, "twoRules", "a", "twoRules: string.min_len: must be at least 3 characters, is 1", "twoRules: string.pattern: must match the pattern b"],
  [Formats, "email", "nobody", "email: string.email: must be a valid email address"],
  [Formats, "email", "", "email: string.email_empty: must be a valid email address, is empty"],
  [Formats, "uuid", "1", "uuid: string.uuid: must be a valid UUID"],
  [Formats, "hostname", "-", "hostname: string.hostname: must be a valid hostname"],
  [Formats, "ip", "1.2.3", "ip: string.ip: must be a valid IP address"],
  [Formats, "ipPrefix", "10.1.0.0/8", "ipPrefix: string.ip_prefix: must be a valid IP prefix"],
  [Formats, "uri", "a", "uri: string.uri: must be a valid URI"],
  [Formats, "hostAndPort", "a", "hostAndPort: string.host_and_port: must be a valid host and port"],
  [Formats, "ulid", "U", "ulid: string.ulid: must be a valid ULID"],
  [Formats, "headerName", "a b", "headerName: string.well_known_regex.header_name: must be a valid HTTP header name"],
  [Bytes, "const", text("b"), "const: bytes.const: must equal 0x61"],
  [Bytes, "len", text("abc"), "len: bytes.len: must be 2 bytes, is 3"],
  [Bytes, "prefix", text("b"), "prefix: bytes.prefix: must begin with 0x61"],
  [Bytes, "in", text("c"), "in: bytes.in: must be one of 0x, 0x61, 0x6162"],
  [Bytes, "ip", text("abc"), "ip: bytes.ip: must be an IP address (4 or 16 bytes), is 3 bytes"],
  [Bytes, "uuid", new Uint8Array(), "uuid: bytes.uuid_empty: must be a UUID (16 bytes), is empty"],
  [Collections, "minItems", [], "minItems: repeated.min_items: must have at least 1 item, is 0"],
  [Collections, "maxItems", [1, 2, 3], "maxItems: repeated.max_items: must have at most 2 items, is 3"],
  [Collections, "unique", ["a", "a"], "unique: repeated.unique: must have no item twice"],
  [Collections, "items", ["ab", "a"], "items[1]: string.min_len: must be at least 2 characters, is 1"],
  [Collections, "levels", [5], "levels[0]: enum.in: must be one of 1, 2, is 5"],
  [Collections, "nested", [{ name: "ab" }], "nested[0].name: string.max_len: must be at most 1 character, is 2"],
  [Collections, "pairs", { a: 1, b: 2, c: 3 }, "pairs: map.max_pairs: must have at most 2 entries, is 3"],
  [
    Collections,
    "keys",
    { a: "ab" },
    'keys["a"]: string.min_len: key must be at least 2 characters, is 1',
    'keys["a"]: string.max_len: must be at most 1 character, is 2',
  ],
  [
    Collections,
    "nestedByKey",
    new Map([[0, { name: "ab" }]]),
    "nestedByKey[0]: int32.gt: key must be greater than 0, is 0",
    "nestedByKey[0].name: string.max_len: must be at most 1 character, is 2",
  ],
  [Collections, "requiredList", [], "requiredList: required: is required"],
  [Collections, "spans", [{ seconds: -1n, nanos: -500_000_000 }], "spans[0]: duration.gt: must be greater than 0s, is -1.5s"],
  [Presence, "requiredText", "", "requiredText: required: is required", ": message.oneof: one of left, right must be set"],
  [Presence, "requiredMessage", undefined, "requiredMessage: required: is required", ": message.oneof: one of left, right must be set"],
  [Presence, "levelConst", 2, "levelConst: enum.const: must equal 1, is 2", ": message.oneof: one of left, right must be set"],
  [Presence, "must", undefined, "must: required: exactly one of its fields is required", ": message.oneof: one of left, right must be set"],
  [Presence, "must", { case: "mustText", value: "a" }, "mustText: string.min_len: must be at least 2 characters, is 1"],
  [Times, "const", new Date(5), "const: timestamp.const: must equal 1970-01-01T00:00:01Z, is 1970-01-01T00:00:00.005Z"],
  [
    Times,
    "range",
    new Date("2024-05-06T07:08:09.010Z"),
    "range: timestamp.gt_lte: must be greater than 1969-12-31T23:59:59Z and less than or equal to 1970-01-01T00:00:01.000000005Z, is 2024-05-06T07:08:09.01Z",
  ],
  [Times, "ltNow", new Date("9999-01-01T00:00:00Z"), "ltNow: timestamp.lt_now: must be less than now, is 9999-01-01T00:00:00Z"],
  [Times, "gtNow", new Date(0), "gtNow: timestamp.gt_now: must be greater than now, is 1970-01-01T00:00:00Z"],
  [Times, "within", new Date(0), "within: timestamp.within: must be within 3600s of now, is 1970-01-01T00:00:00Z"],
  [Times, "spanIn", { seconds: 2n, nanos: 0 }, "spanIn: duration.in: must be one of 1s, 0.000000005s, is 2s"],
  [Fielded, "scalar", 1, "scalar: scalar: must not be 1"],
  [
    Fielded,
    "list",
    ["ab", "", "c"],
    "list[0]: item: must not be ab",
    "list[1]: this.size() > 0: must satisfy this.size() > 0",
    "list: this.size() < 3: must satisfy this.size() < 3",
  ],
  [
    Fielded,
    "map",
    { b: -1n },
    "map[\"b\"]: this != 'b': key must satisfy this != 'b'",
    'map["b"]: this >= 0: must satisfy this >= 0',
    "map: 'a' in this || this.size() == 0: must satisfy 'a' in this || this.size() == 0",
  ],
  [Fielded, "messages", [{}], "messages[0]: unevaluable: the rule this.count / this.count == 1 could not be evaluated: division by zero"],
  [Predefined, "even", 1, "even: int32.even: must be even"],
  [Predefined, "among", 3, "among: int32.among: must be one of [1, 2]"],
  [Predefined, "atLeast", [1], "atLeast[0]: int32.even: must be even", "atLeast: repeated.at_least: must satisfy uint(this.size()) >= rule"],
  [
    Concealed,
    "secret",
    canary,
    "secret: this == 'a' ? '' : this + '!': must satisfy this == 'a' ? '' : this + '!'",
    ": concealed.whole: must satisfy this.secret == 'a' ? '' : 'it is %s'.format([this.secret])",
    ": concealed.known: must be another one",
    ": unevaluable: the rule concealed.failed could not be evaluated",
    ": concealed.evaluated: must satisfy dyn(this.secret) == 'a' ? '' : this.secret",
  ],
  [
    Operands,
    "text",
    "abc",
    ": unevaluable: the rule operands.quotient could not be evaluated: division by zero",
    ": unevaluable: the rule operands.absorbed could not be evaluated: division by zero",
    ": operands.text: abc has 3 characters",
  ],
  [
    Evaluated,
    "inners",
    [{ count: 1 }, {}],
    "inners[1]: this != rules.v1.Inner{}: must satisfy this != rules.v1.Inner{}",
    ": evaluated.dyn: must satisfy dyn(this).number == 1",
  ],
];

/** The faults of a message that concern the property, or no property at all. */
function faultsOf(contract: AnyContract, property: string, value: unknown): readonly string[] {
  const given = value as { readonly case?: string } | undefined;
  const concerned = new Set([property, given?.case]);
  return contract
    .validate({ [property]: value })
    .filter(({ path }) => concerned.has(/^[^.[]+/.exec(path)?.[0]))
    .map(({ path, rule, message }) => `${path}: ${rule}: ${message}`);
}

describe("what a user is told of a broken rule", () => {
  it.each(rows.map((row) => ({ name: `${row[0].typeName}.${row[1]}: ${row[3]}`, row })))(
    "$name",
    ({ row: [contract, property, value, ...faults] }) => {
      expect(faultsOf(contract, property, value)).toEqual(faults);
    },
  );
});
