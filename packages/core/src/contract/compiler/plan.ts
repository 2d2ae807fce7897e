import type { EvaluatedRule } from "../cel/evaluate/evaluated-rule.js";
import type { Expression, PatternPlan } from "../cel/expression.js";
import type { ExpressionRule } from "../cel/runtime/rule.js";
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
  /** `Outer_Inner`: what it is called in TypeScript. */
  readonly name: string;
  /** Full Protobuf name: `quakes.v1.Outer.Inner`. */
  readonly typeName: string;
  /** Path of the `.proto` file. */
  readonly file: string;
}

export interface EnumPlan extends TypeReference {
  readonly comment: string;
  /** Closed: a number that it does not declare is no value of it, and stays among the unknown fields where one arrives. */
  readonly open: boolean;
  /** As declared; several may have one number. The first is the default. */
  readonly values: readonly EnumValuePlan[];
}

export interface EnumValuePlan {
  /** Its name in TypeScript: `RED`. */
  readonly property: string;
  /** As in the `.proto`: `COLOR_RED`. */
  readonly name: string;
  readonly number: number;
  readonly comment: string;
}

export interface MessagePlan extends TypeReference {
  readonly comment: string;
  readonly members: readonly MemberPlan[];
  readonly topic: TopicDeclaration | undefined;
  readonly key: KeyPlan | undefined;
  readonly sensitiveFields: readonly string[];
  readonly exclusive: readonly ExclusivePlan[];
  /** Rules in CEL on the whole message. */
  readonly expressions: readonly ExpressionPlan[];
  /** Rules in CEL, also on fields, that are not compiled: they are evaluated on the bytes of the message. */
  readonly evaluated: readonly EvaluatedRule[];
  /** The `google.protobuf.FileDescriptorSet` that evaluated rules need, one for all messages of a file; undefined where there are none. */
  readonly descriptors: Uint8Array | undefined;
}

/** What a property of the generated interface stands for. */
export type MemberPlan = FieldPlan | OneofPlan;

export interface OneofPlan {
  readonly kind: "oneof";
  readonly property: string;
  /** As in the `.proto`. */
  readonly name: string;
  readonly comment: string;
  readonly required: boolean;
  readonly fields: readonly FieldPlan[];
}

export interface FieldPlan {
  readonly kind: "field";
  readonly property: string;
  /** As in the `.proto`; of a group, in lower case. */
  readonly name: string;
  /** In JSON: lowerCamelCase, or what `json_name` says. */
  readonly jsonName: string;
  readonly number: number;
  readonly comment: string;
  readonly sensitive: boolean;
  readonly shape: ShapePlan;
  /**
   * `implicit`: the zero value and absence are one (lists and maps always). `explicit`: they are told apart. `required`: bytes without the field are
   * no message (`required` of proto2, `LEGACY_REQUIRED` of editions).
   */
  readonly presence: "implicit" | "explicit" | "required";
  /** What the `.proto` says that an absent field stands for; the decoded property is absent all the same. Undefined where it says nothing. */
  readonly defaultValue: DefaultValue | undefined;
  /** Messages are between two tags instead of behind their length: a group of proto2, `DELIMITED` of editions. */
  readonly delimited: boolean;
  /** The rule `required`. */
  readonly required: boolean;
  /** No rule holds for the zero value (of a field with implicit presence). */
  readonly ignoreZero: boolean;
}

/** Of an enum its number. 64-bit integers are bigint, whatever `jstype` says. */
export type DefaultValue = number | bigint | boolean | string | Uint8Array;

export type ShapePlan =
  | { readonly kind: "single"; readonly value: ValuePlan }
  | ({ readonly kind: "list"; readonly packed: boolean; readonly item: ValuePlan } & CollectionRules)
  | ({ readonly kind: "map"; readonly key: ValuePlan; readonly value: ValuePlan } & CollectionRules);

/** The rules on a list or map itself. */
export interface CollectionRules {
  readonly rules: readonly RulePlan[];
  readonly expressions: readonly ExpressionPlan[];
}

/** A value with the rules that hold for it. */
export interface ValuePlan {
  readonly type: ValueType;
  readonly rules: readonly RulePlan[];
  /** Rules in CEL. They hold where the value has the right type, in messages also all that is in it. */
  readonly expressions: readonly ExpressionPlan[];
  /** Items, keys and entries: no rule holds for the zero value. */
  readonly ignoreZero: boolean;
  /** The rules inside a message do not hold; what would not encode is refused all the same. */
  readonly structureOnly: boolean;
}

export type ValueType = ScalarType | EnumType | MessageType;

export type EnumType =
  | { readonly kind: "enum"; readonly enum: TypeReference; readonly open: boolean; readonly zero: number }
  /** `google.protobuf.NullValue`, which is `null` in TypeScript. */
  | { readonly kind: "null_value" };

/** What is a message on the wire. */
export type MessageType =
  | { readonly kind: "message"; readonly message: TypeReference }
  | { readonly kind: WellKnownKind }
  | { readonly kind: "wrapper"; readonly scalar: ScalarType };

/** Messages of `google.protobuf` that have a form of their own in TypeScript. */
export type WellKnownKind = "timestamp" | "duration" | "any" | "empty" | "field_mask" | "struct" | "value" | "list_value";

export interface ScalarType {
  readonly kind: "scalar";
  readonly scalar: ScalarName;
  /** The TypeScript type. */
  readonly type: "string" | "boolean" | "number" | "bigint" | "bytes";
  /** Of a string: whether bytes that are no UTF-8 are refused (`utf8_validation`); where not, U+FFFD stands for them. */
  readonly strictUtf8: boolean;
}

/** A scalar type by its name in `.proto` files. */
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

/** What a check of the runtime is called with, besides the value. */
export type RuleArgument =
  | number
  | bigint
  | boolean
  | string
  | Uint8Array
  | { readonly kind: "list"; readonly items: readonly RuleArgument[] }
  | { readonly kind: "bound"; readonly value: number | bigint; readonly inclusive: boolean }
  | PatternPlan
  /** Whether the value is declared by its enum. */
  | { readonly kind: "declared" }
  /** A function of the runtime, by its name. */
  | { readonly kind: "function"; readonly name: string };

/** A rule in CEL, compiled: `this` is the value, or the message. */
export interface ExpressionPlan extends ExpressionRule {
  readonly expression: Expression;
  readonly result: "bool" | "string";
  /** Whether evaluating it may fail. */
  readonly fallible: boolean;
}

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
