import type { ExclusivePlan, FieldPlan, MemberPlan, MessagePlan, OneofPlan } from "../compiler/plan.js";
import type { Faults } from "../rules/faults.js";
import { exclusiveFields, missing, missingOneof } from "../rules/presence.js";
import { checkProperties, isCase, isFilled, isMessage, isOneof, refuseCase } from "../rules/structure.js";
import { encode } from "../wire/define-contract.js";
import { type CheckMember, compileField, compileSingle } from "./check-field.js";
import type { CheckMessage, Links, Loose } from "./links.js";
import { both, type CheckRules, compileExpressions } from "./rules.js";
import { implicitZero } from "./scalars.js";

/** The function that finds every fault of a message. */
export function compileCheck(message: MessagePlan, links: Links): CheckMessage {
  const { typeName, members, exclusive } = message;
  const context = { typeName, links };
  const properties = members.map(({ property }) => property);
  const checks = members.map((member) => ({
    property: member.property,
    check: member.kind === "oneof" ? compileOneof(member, context) : concealed(member, compileField(member, context)),
  }));
  const exclusives = exclusive.map((rule) => compileExclusive(rule, members));
  const checkExpressions = both(compileExpressions(message.expressions, ""), compileEvaluated(message, links));
  return (faults, value) => {
    if (!isMessage<Loose>(faults, value)) return;
    const sound = faults.structural;
    checkProperties(faults, value, properties);
    for (const { property, check } of checks) check(faults, value[property], value);
    for (const check of exclusives) check(faults, value);
    if (faults.structural === sound) checkExpressions?.(faults, value);
  };
}

/** The rules in CEL that are evaluated on the bytes of the message. */
function compileEvaluated(message: MessagePlan, links: Links): CheckRules | undefined {
  const { descriptors, typeName, evaluated } = message;
  if (descriptors === undefined) return undefined;
  const evaluator = links.evaluators(descriptors)(typeName, evaluated);
  const linked = links.message(message);
  return (faults, value) => evaluator.check(faults, encode(linked.write, value as Loose));
}

/** Faults of a sensitive field tell nothing of its value. */
function concealed(field: FieldPlan, check: CheckMember): CheckMember {
  if (!field.sensitive) return check;
  return (faults, value, message) => {
    const before = faults.mark();
    check(faults, value, message);
    faults.conceal(before);
  };
}

function compileOneof({ property, required, fields }: OneofPlan, context: { readonly typeName: string; readonly links: Links }): CheckMember {
  const names = fields.map((field) => field.property);
  const cases = new Map<unknown, CheckMember>(fields.map((field) => [field.property, concealed(field, compileSingle(field, context))]));
  const requiredFields = fields.filter((field) => field.required).map((field) => field.property);
  return (faults, oneof, message) => {
    if (oneof === undefined) {
      if (required) missingOneof(faults, property);
    } else if (isOneof(faults, property, oneof)) {
      const check = cases.get(oneof.case);
      if (check === undefined) refuseCase(faults, property, oneof.case, names);
      else check(faults, oneof.value, message);
    }
    for (const name of requiredFields) if (!isCase(oneof, name)) missing(faults, name);
  };
}

function compileExclusive({ names, fields, required }: ExclusivePlan, members: readonly MemberPlan[]): (faults: Faults, message: Loose) => void {
  const tests = fields.map((field) => isSet(field, members));
  return (faults, message) => {
    let count = 0;
    for (const test of tests) if (test(message)) count++;
    exclusiveFields(faults, count, names, required);
  };
}

/** Tells whether a field counts as set, for the oneof rule of its message. */
function isSet(field: FieldPlan, members: readonly MemberPlan[]): (message: Loose) => boolean {
  const { property, shape, presence } = field;
  const oneof = members.find((member) => member.kind === "oneof" && member.fields.includes(field));
  if (oneof !== undefined) return (message) => isCase(message[oneof.property], property);
  if (shape.kind !== "single") return (message) => isFilled(message[property]);
  if (presence !== "implicit") return (message) => message[property] !== undefined;
  const { type } = shape.value;
  if (type.kind === "scalar" && type.type === "bytes") return (message) => isFilled(message[property]);
  const zero = implicitZero(type);
  return (message) => message[property] !== undefined && message[property] !== zero;
}
