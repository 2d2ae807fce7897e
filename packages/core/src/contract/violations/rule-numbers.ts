import { fieldTypes } from "./field-table.js";

/* The field numbers of `buf.validate.FieldRules` and of the rules in it. A test compares them with the declaration itself. */

export const kindNumbers: Readonly<Record<string, number>> = {
  float: 1,
  double: 2,
  int32: 3,
  int64: 4,
  uint32: 5,
  uint64: 6,
  sint32: 7,
  sint64: 8,
  fixed32: 9,
  fixed64: 10,
  sfixed32: 11,
  sfixed64: 12,
  bool: 13,
  string: 14,
  bytes: 15,
  enum: 16,
  repeated: 18,
  map: 19,
  any: 20,
  duration: 21,
  timestamp: 22,
  field_mask: 28,
};

type Numbers = Readonly<Record<string, number>>;

const numeric: Numbers = { const: 1, lt: 2, lte: 3, gt: 4, gte: 5, in: 6, not_in: 7, finite: 8 };

const special: Readonly<Record<string, Numbers>> = {
  bool: { const: 1 },
  string: {
    ...{ const: 1, len: 19, min_len: 2, max_len: 3, len_bytes: 20, min_bytes: 4, max_bytes: 5, pattern: 6, prefix: 7, suffix: 8, contains: 9 },
    ...{ not_contains: 23, in: 10, not_in: 11, email: 12, hostname: 13, ip: 14, ipv4: 15, ipv6: 16, uri: 17, uri_ref: 18, address: 21, uuid: 22 },
    ...{ tuuid: 33, ip_with_prefixlen: 26, ipv4_with_prefixlen: 27, ipv6_with_prefixlen: 28, ip_prefix: 29, ipv4_prefix: 30, ipv6_prefix: 31 },
    ...{ host_and_port: 32, ulid: 35, protobuf_fqn: 37, protobuf_dot_fqn: 38, well_known_regex: 24 },
  },
  bytes: {
    ...{ const: 1, len: 13, min_len: 2, max_len: 3, pattern: 4, prefix: 5, suffix: 6, contains: 7, in: 8, not_in: 9 },
    ...{ ip: 10, ipv4: 11, ipv6: 12, uuid: 15 },
  },
  enum: { const: 1, defined_only: 2, in: 3, not_in: 4 },
  repeated: { min_items: 1, max_items: 2, unique: 3 },
  map: { min_pairs: 1, max_pairs: 2 },
  any: { in: 2, not_in: 3 },
  duration: { const: 2, lt: 3, lte: 4, gt: 5, gte: 6, in: 7, not_in: 8 },
  timestamp: { const: 2, lt: 3, lte: 4, lt_now: 7, gt: 5, gte: 6, gt_now: 8, within: 9 },
  field_mask: { const: 1, in: 2, not_in: 3 },
};

/** The rules of a kind, by name. */
export const ruleNumbers = (kind: string): Numbers => special[kind] ?? numeric;

const counts: ReadonlySet<string> = new Set("len min_len max_len len_bytes min_bytes max_bytes min_items max_items min_pairs max_pairs".split(" "));
const ownTypes: ReadonlySet<string> = new Set("const lt lte gt gte in not_in within prefix suffix contains not_contains".split(" "));

/** The type of the field that asks for a rule. */
export function typeOfRule(kind: string, name: string): number {
  if (counts.has(name)) return fieldTypes.uint64;
  if (name === "pattern") return fieldTypes.string;
  if (name === "well_known_regex") return fieldTypes.enum;
  if (!ownTypes.has(name)) return fieldTypes.bool;
  switch (kind) {
    case "duration":
    case "timestamp":
      return fieldTypes.message;
    case "field_mask":
      return name === "const" ? fieldTypes.message : fieldTypes.string;
    case "any":
      return fieldTypes.string;
    case "enum":
      return fieldTypes.int32;
    default:
      return fieldTypes[kind as keyof typeof fieldTypes];
  }
}
