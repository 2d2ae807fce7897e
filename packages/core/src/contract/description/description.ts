import type { FieldPlan, RulePlan, ScalarType, WellKnownKind } from "../compiler/plan.js";
import type { AnyContract } from "../contract.js";

/*
 * What a contract says of its messages, as data: for tools and tests that make messages rather than check them. It is the plan of the compiler without
 * what only code needs, and with contracts where the plan has names.
 */

/** Rules in CEL are not told, for `validate` knows them; only that there are some. */
interface WithExpressions {
  readonly expressions?: true;
}

/** The properties of a message and their rules. */
export interface MessageDescription<Message = AnyContract> extends WithExpressions {
  readonly members: readonly MemberDescription<Message>[];
  /** Of the properties of each group one at most may be set; exactly one where it is required. */
  readonly exclusive: readonly { readonly properties: readonly string[]; readonly required?: true }[];
}

/** A property of a message. */
export type MemberDescription<Message = AnyContract> = FieldDescription<Message> | OneofDescription<Message>;

/** A oneof: one property for all of its fields. */
export interface OneofDescription<Message = AnyContract> {
  readonly kind: "oneof";
  readonly property: string;
  readonly required?: true;
  readonly fields: readonly FieldDescription<Message>[];
}

/** A field that is a property of its own, or a case of a oneof. */
export interface FieldDescription<Message = AnyContract> {
  readonly kind: "field";
  readonly property: string;
  readonly presence: FieldPlan["presence"];
  /** The rule `required`. */
  readonly required?: true;
  /** No rule holds for the zero value. */
  readonly ignoreZero?: true;
  readonly shape: ShapeDescription<Message>;
}

/** One value, a list or a map. */
export type ShapeDescription<Message = AnyContract> =
  | { readonly kind: "single"; readonly value: ValueDescription<Message> }
  | ({ readonly kind: "list"; readonly item: ValueDescription<Message> } & RulesDescription)
  | ({ readonly kind: "map"; readonly key: ValueDescription<Message>; readonly value: ValueDescription<Message> } & RulesDescription);

/** The rules that hold for a value, list or map: calls of the checks of the runtime. */
export interface RulesDescription extends WithExpressions {
  readonly rules?: readonly RulePlan[];
}

/** A value and its rules. */
export interface ValueDescription<Message = AnyContract> extends RulesDescription {
  readonly type: TypeDescription<Message>;
}

/** The type of a value. */
export type TypeDescription<Message = AnyContract> =
  | Pick<ScalarType, "kind" | "scalar" | "type">
  | { readonly kind: "wrapper"; readonly scalar: Pick<ScalarType, "kind" | "scalar" | "type"> }
  /** The numbers that the enum declares; one may be there twice. */
  | { readonly kind: "enum"; readonly values: readonly number[] }
  | { readonly kind: "null_value" }
  | { readonly kind: "message"; readonly message: Message }
  | { readonly kind: WellKnownKind };
