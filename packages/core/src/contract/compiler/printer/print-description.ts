import { describeMessage } from "../../description/describe-message.js";
import type { MessagePlan } from "../plan.js";
import { type FileScope, scalarLiteral } from "./scope.js";
import { propertyKey, type Source } from "./source.js";

/** An expression, where a description has something that only code can name. */
class Expression {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** The method that describes a message: a line for each property. */
export function printDescription(message: MessagePlan, scope: FileScope): readonly Source[] {
  const { members, exclusive, expressions } = describeMessage<Expression>(message, {
    message: (reference) => new Expression(scope.refer(reference)),
    // an array to the type, an expression to the printer
    enumValues: (reference) => new Expression(`Object.values(${scope.refer(reference)})`) as never,
  });
  return [
    "describe: () => ({",
    [
      members.length === 0 ? "members: []," : "members: [",
      ...(members.length === 0 ? [] : [members.map((member) => `${literal(member)},`), "],"]),
      `exclusive: ${literal(exclusive)},`,
      ...(expressions ? ["expressions: true,"] : []),
    ],
    "}),",
  ];
}

function literal(value: unknown): string {
  if (value instanceof Expression) return value.text;
  if (value instanceof Uint8Array) return `new Uint8Array([${value.join(", ")}])`;
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const properties = Object.entries(value).map(([name, property]) => `${propertyKey(name)}: ${literal(property)}`);
    return `{ ${properties.join(", ")} }`;
  }
  return scalarLiteral(value as number | bigint | boolean | string);
}
