import type { KeyKind, TopicDeclaration } from "../contract.js";

/*
 * What the compiler found out about the messages of a file: plain data, without descriptors. A back end (the printer) makes code of it.
 */

/** One `.proto` file and all it declares. */
export interface FilePlan {
  /** `quakes/v1/quakes.proto`. */
  readonly path: string;
  readonly messages: readonly MessagePlan[];
  readonly enums: readonly EnumPlan[];
}

/** A generated type, and the file that declares it. */
export interface TypeReference {
  /** `Outer_Inner`. */
  readonly name: string;
  /** Path of the `.proto` file. */
  readonly file: string;
}

export interface EnumPlan extends TypeReference {
  readonly comment: string;
  readonly values: readonly { readonly name: string; readonly number: number; readonly comment: string }[];
}

export interface MessagePlan extends TypeReference {
  readonly typeName: string;
  readonly comment: string;
  readonly members: readonly MemberPlan[];
  readonly topic: TopicDeclaration | undefined;
  readonly key: KeyPlan | undefined;
  readonly sensitiveFields: readonly string[];
  readonly exclusive: readonly ExclusivePlan[];
}

/** What a property of the generated interface stands for. */
export type MemberPlan = FieldPlan | OneofPlan;

export interface OneofPlan {
  readonly kind: "oneof";
  readonly property: string;
  readonly comment: string;
  readonly required: boolean;
  readonly fields: readonly FieldPlan[];
}

export interface FieldPlan {
  readonly kind: "field";
  readonly property: string;
  readonly number: number;
  readonly comment: string;
  readonly sensitive: boolean;
  readonly shape: ShapePlan;
  /** Whether the zero value and absence are told apart. Lists and maps: never. */
  readonly presence: "implicit" | "explicit";
  readonly required: boolean;
  /** No rule holds for the zero value (of a field with implicit presence). */
  readonly ignoreZero: boolean;
}

export type ShapePlan =
  | { readonly kind: "single"; readonly value: ValuePlan }
  | { readonly kind: "list"; readonly packed: boolean; readonly item: ValuePlan; readonly rules: readonly RulePlan[] }
  | { readonly kind: "map"; readonly key: ValuePlan; readonly value: ValuePlan; readonly rules: readonly RulePlan[] };

/** A value with the rules that hold for it. */
export interface ValuePlan {
  readonly type: ValueType;
  readonly rules: readonly RulePlan[];
  /** Items, keys and entries: no rule holds for the zero value. */
  readonly ignoreZero: boolean;
  /** The rules inside a message do not hold; what would not encode is refused all the same. */
  readonly structureOnly: boolean;
}

export type ValueType =
  | ScalarType
  | { readonly kind: "enum"; readonly enum: TypeReference; readonly zero: number }
  | { readonly kind: "message"; readonly message: TypeReference }
  | { readonly kind: "timestamp" | "duration" }
  | { readonly kind: "wrapper"; readonly scalar: ScalarType };

export interface ScalarType {
  readonly kind: "scalar";
  readonly scalar: ScalarName;
  /** The TypeScript type. */
  readonly type: "string" | "boolean" | "number" | "bigint" | "bytes";
}

export type ScalarName =
  | "double"
  | "float"
  | "int64"
  | "uint64"
  | "int32"
  | "fixed64"
  | "fixed32"
  | "bool"
  | "string"
  | "bytes"
  | "uint32"
  | "sfixed32"
  | "sfixed64"
  | "sint32"
  | "sint64";

/** A call of one of the rule checks of `rules/`: `check(faults, path, value, ...args)`. */
export interface RulePlan {
  /** Its name in the runtime. */
  readonly check: string;
  readonly args: readonly RuleArgument[];
}

export type RuleArgument =
  | number
  | bigint
  | boolean
  | string
  | Uint8Array
  | { readonly kind: "list"; readonly items: readonly RuleArgument[] }
  | { readonly kind: "bound"; readonly value: number | bigint; readonly inclusive: boolean }
  | { readonly kind: "pattern"; readonly source: string; readonly flags: string }
  /** Whether the value is declared by its enum. */
  | { readonly kind: "declared" }
  /** A function of the runtime, by its name. */
  | { readonly kind: "function"; readonly name: string };

/** `(buf.validate.message).oneof`. */
export interface ExclusivePlan {
  /** As in the `.proto`. */
  readonly names: readonly string[];
  readonly fields: readonly FieldPlan[];
  readonly required: boolean;
}

/** Where the record key is: properties from the message down, the last one a scalar. */
export interface KeyPlan {
  readonly path: readonly { readonly property: string; readonly implicit: boolean }[];
  readonly encoding: KeyKind;
}
