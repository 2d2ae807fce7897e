import type { DescMessage } from "@bufbuild/protobuf";

/** A type of CEL. `any` is what is known only at run time: `dyn`, `google.protobuf.Any` and `Value`. */
export type Type =
  | { readonly kind: "int" | "uint" | "double" | "bool" | "string" | "bytes" | "null" | "timestamp" | "duration" | "any" | "type" }
  | { readonly kind: "list"; readonly item: Type }
  | { readonly kind: "map"; readonly key: Type; readonly value: Type }
  /** A message of `google.protobuf` that holds one value, or null where it is absent. */
  | { readonly kind: "wrapper"; readonly of: Type }
  | { readonly kind: "message"; readonly desc: DescMessage }
  /** What is not known yet: a parameter of a function, the item of an empty list. */
  | { readonly kind: "parameter"; readonly id: number };

export const types = {
  int: { kind: "int" },
  uint: { kind: "uint" },
  double: { kind: "double" },
  bool: { kind: "bool" },
  string: { kind: "string" },
  bytes: { kind: "bytes" },
  null: { kind: "null" },
  timestamp: { kind: "timestamp" },
  duration: { kind: "duration" },
  any: { kind: "any" },
  type: { kind: "type" },
} as const satisfies Record<string, Type>;

/** As CEL writes it: `list(map(string, int))`. */
export function showType(type: Type): string {
  switch (type.kind) {
    case "list":
      return `list(${showType(type.item)})`;
    case "map":
      return `map(${showType(type.key)}, ${showType(type.value)})`;
    case "wrapper":
      return `wrapper(${showType(type.of)})`;
    case "message":
      return type.desc.typeName;
    case "null":
      return "null";
    case "parameter":
    case "any":
      return "dyn";
    default:
      return type.kind;
  }
}

/** Whether two types are one. */
export const isSameType = (left: Type, right: Type): boolean => left.kind === right.kind && showType(left) === showType(right);
