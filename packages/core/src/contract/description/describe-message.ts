import type {
  CollectionRules,
  FieldPlan,
  MemberPlan,
  MessagePlan,
  ScalarType,
  ShapePlan,
  TypeReference,
  ValuePlan,
  ValueType,
} from "../compiler/plan.js";
import type {
  FieldDescription,
  MemberDescription,
  MessageDescription,
  RulesDescription,
  ShapeDescription,
  TypeDescription,
  ValueDescription,
} from "./description.js";

/** What the types that a plan refers to are in the description. */
export interface DescriptionTypes<Message> {
  message(reference: TypeReference): Message;
  /** The numbers that an enum declares. */
  enumValues(reference: TypeReference): readonly number[];
}

/** The description of a planned message. */
export function describeMessage<Message>(message: MessagePlan, types: DescriptionTypes<Message>): MessageDescription<Message> {
  // the rules that are evaluated are planned for the whole message, wherever they stand
  const expressions = message.expressions.length + message.evaluated.length > 0;
  return {
    members: message.members.map((member) => describeMember(member, types)),
    exclusive: message.exclusive.map(({ names, required }) => ({ properties: names, ...(required && { required }) })),
    ...(expressions && { expressions }),
  };
}

function describeMember<Message>(member: MemberPlan, types: DescriptionTypes<Message>): MemberDescription<Message> {
  if (member.kind === "field") return describeField(member, types);
  const { kind, property, required, fields } = member;
  return { kind, property, ...(required && { required }), fields: fields.map((field) => describeField(field, types)) };
}

function describeField<Message>(
  { kind, property, presence, required, ignoreZero, shape }: FieldPlan,
  types: DescriptionTypes<Message>,
): FieldDescription<Message> {
  return { kind, property, presence, ...(required && { required }), ...(ignoreZero && { ignoreZero }), shape: describeShape(shape, types) };
}

function describeShape<Message>(shape: ShapePlan, types: DescriptionTypes<Message>): ShapeDescription<Message> {
  const { kind } = shape;
  switch (kind) {
    case "single":
      return { kind, value: describeValue(shape.value, types) };
    case "list":
      return { kind, item: describeValue(shape.item, types), ...describeRules(shape) };
    case "map":
      return { kind, key: describeValue(shape.key, types), value: describeValue(shape.value, types), ...describeRules(shape) };
  }
}

const describeValue = <Message>(value: ValuePlan, types: DescriptionTypes<Message>): ValueDescription<Message> => ({
  type: describeType(value.type, types),
  ...describeRules(value),
});

const describeRules = ({ rules, expressions }: CollectionRules): RulesDescription => ({
  ...(rules.length > 0 && { rules }),
  ...(expressions.length > 0 && { expressions: true }),
});

function describeType<Message>(type: ValueType, types: DescriptionTypes<Message>): TypeDescription<Message> {
  switch (type.kind) {
    case "scalar":
      return describeScalar(type);
    case "wrapper":
      return { kind: "wrapper", scalar: describeScalar(type.scalar) };
    case "enum":
      return { kind: "enum", values: types.enumValues(type.enum) };
    case "message":
      return { kind: "message", message: types.message(type.message) };
    default:
      return { kind: type.kind };
  }
}

const describeScalar = ({ kind, scalar, type }: ScalarType) => ({ kind, scalar, type });
