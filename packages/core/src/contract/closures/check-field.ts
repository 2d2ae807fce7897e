import type { ExpressionPlan, FieldPlan, RulePlan, ValuePlan } from "../compiler/plan.js";
import { isStringKey } from "../compiler/printer/print-types.js";
import { emptyList, emptyMap } from "../rules/empty.js";
import type { Faults } from "../rules/faults.js";
import { lacking, missing } from "../rules/presence.js";
import { isList, mapEntries, mapSize } from "../rules/structure.js";
import { type CheckValue, compileCheckedValue, unlessZero } from "./check-value.js";
import type { Links } from "./links.js";
import { type CheckRules, compileExpressions, compileRules } from "./rules.js";
import { implicitZero, isNotZeroValue } from "./scalars.js";

/** Checks what stands in a property of `message`, undefined where it is absent. */
export type CheckMember = (faults: Faults, value: unknown, message: object) => void;

interface Context {
  readonly typeName: string;
  readonly links: Links;
}

/** The check of a field that is in no oneof. */
export function compileField(field: FieldPlan, context: Context): CheckMember {
  switch (field.shape.kind) {
    case "single":
      return field.presence === "implicit" ? compileImplicit(field, field.shape.value, context) : compileExplicit(field, context);
    case "list":
      return compileCollection(field, emptyList, compileItems(field, context));
    case "map":
      return compileCollection(field, emptyMap, compileEntries(field, context));
  }
}

/** The check of the value of a field with presence. */
export function compileSingle(field: FieldPlan, context: Context): CheckMember {
  if (field.shape.kind !== "single") throw new TypeError("only single values stand in oneofs");
  return compileValue(field, field.shape.value, field.property, context);
}

function compileExplicit(field: FieldPlan, context: Context): CheckMember {
  const check = compileSingle(field, context);
  const { property, presence, required } = field;
  if (presence !== "required" && !required) return whenThere(check, undefined);
  return whenThere(check, (faults) => {
    if (presence === "required") lacking(faults, property);
    if (required) missing(faults, property);
  });
}

function whenThere(check: CheckMember, otherwise: ((faults: Faults) => void) | undefined): CheckMember {
  return (faults, value, message) => {
    if (value !== undefined) check(faults, value, message);
    else otherwise?.(faults);
  };
}

/** Zero and absence are one: rules hold for an absent field as for its zero value. */
function compileImplicit(field: FieldPlan, plan: ValuePlan, context: Context): CheckMember {
  const { required, ignoreZero, property } = field;
  const checked = { plan, path: property, typeName: context.typeName, fieldNumber: field.number, links: context.links };
  if (plan.rules.length + plan.expressions.length === 0 && !required) return whenThere(compileCheckedValue(checked), undefined);
  const isThere = isNotZeroValue(plan.type);
  const check = compileCheckedValue(checked, (rules) => {
    if (!required) return rules !== undefined && ignoreZero ? unlessZero(plan.type, rules) : rules;
    return (faults, value) => {
      if (isThere(value)) rules?.(faults, value);
      else missing(faults, property);
    };
  });
  const zero = implicitZero(plan.type);
  return (faults, value, message) => check(faults, value === undefined ? zero : value, message);
}

/** The check of a value of any type, at a path of its own. */
function compileValue(field: FieldPlan, plan: ValuePlan, path: string, context: Context): CheckValue {
  if (plan.type.kind !== "message") {
    return compileCheckedValue({ plan, path, typeName: context.typeName, fieldNumber: field.number, links: context.links });
  }
  const check = compileNested(plan, context);
  return (faults, value) => {
    const mark = faults.enter();
    check(faults, value, mark);
    faults.leave(mark, path);
  };
}

type CheckElement = (faults: Faults, value: unknown, message: object, path: string, index: unknown) => void;

/** The check of an item or entry, the path of which is put in front of its faults afterwards. */
function compileElement(field: FieldPlan, plan: ValuePlan, context: Context): CheckElement {
  if (plan.type.kind === "message") {
    const check = compileNested(plan, context);
    return (faults, value, _message, path, index) => {
      const mark = faults.enter();
      check(faults, value, mark);
      faults.leave(mark, path, index);
    };
  }
  const check = compileValue(field, plan, "", context);
  return (faults, value, message, path, index) => {
    const mark = faults.mark();
    check(faults, value, message);
    faults.within(mark, path, index);
  };
}

function compileNested({ type, structureOnly, expressions }: ValuePlan, { links }: Context): (faults: Faults, value: unknown, mark: number) => void {
  if (type.kind !== "message") throw new TypeError("no message");
  const linked = links.message(type.message);
  const checkExpressions = compileExpressions(expressions, "");
  return (faults, value, mark) => {
    const sound = faults.structural;
    linked.check(faults, value);
    if (structureOnly) faults.keepStructural(mark);
    if (faults.structural === sound) checkExpressions?.(faults, value);
  };
}

function compileCollection(field: FieldPlan, empty: object, check: CheckMember): CheckMember {
  const { shape, property, required, ignoreZero } = field;
  if (required) return whenThere(check, (faults) => missing(faults, property));
  // an absent collection is an empty one, for which rules hold too
  const isRuled = shape.kind !== "single" && shape.rules.length + shape.expressions.length > 0 && !ignoreZero;
  if (!isRuled) return whenThere(check, undefined);
  return (faults, value, message) => check(faults, value === undefined ? empty : value, message);
}

function compileItems(field: FieldPlan, context: Context): CheckMember {
  if (field.shape.kind !== "list") throw new TypeError("no list");
  const { property } = field;
  const isFilled = (value: unknown): boolean => (value as readonly unknown[]).length > 0;
  const checkRules = collectionRules(field, field.shape.rules, isFilled);
  const checkExpressions = collectionExpressions(field, field.shape.expressions, isFilled);
  const checkItem = compileElement(field, field.shape.item, context);
  return (faults, value, message) => {
    if (!isList(faults, property, value)) return;
    const sound = faults.structural;
    checkRules(faults, value);
    for (let index = 0; index < value.length; index++) checkItem(faults, value[index], message, property, index);
    if (faults.structural === sound) checkExpressions?.(faults, value);
  };
}

function compileEntries(field: FieldPlan, context: Context): CheckMember {
  if (field.shape.kind !== "map") throw new TypeError("no map");
  const { property, sensitive, shape } = field;
  const stringKeys = isStringKey(shape);
  const isFilled = (value: unknown): boolean => mapSize(value) > 0;
  const checkRules = collectionRules(field, shape.rules, isFilled);
  const checkExpressions = collectionExpressions(field, shape.expressions, isFilled);
  const checkKey = compileValue(field, shape.key, "", context);
  const checkEntry = compileElement(field, shape.value, context);
  return (faults, value, message) => {
    const entries = mapEntries(faults, property, value, stringKeys);
    if (entries === undefined) return;
    const sound = faults.structural;
    checkRules(faults, value);
    // an entry is a message on the wire
    faults.depth++;
    for (const [key, entry] of entries) {
      // keys are values too
      const index = sensitive ? "…" : key;
      const mark = faults.mark();
      checkKey(faults, key, message);
      faults.withinKey(mark, property, index);
      checkEntry(faults, entry, message, property, index);
    }
    faults.depth--;
    if (faults.structural === sound) checkExpressions?.(faults, value);
  };
}

/** The rules in CEL on a list or map itself, which hold where all that is in it has the right type. */
function collectionExpressions(
  field: FieldPlan,
  expressions: readonly ExpressionPlan[],
  isFilled: (value: unknown) => boolean,
): CheckRules | undefined {
  const check = compileExpressions(expressions, field.property);
  if (check === undefined || !(field.required || field.ignoreZero)) return check;
  return (faults, value) => {
    if (isFilled(value)) check(faults, value);
  };
}

/** An empty collection is missing where it is required, and breaks no other rule then. */
function collectionRules(field: FieldPlan, rules: readonly RulePlan[], isFilled: (value: unknown) => boolean): CheckRules {
  const check = compileRules(rules, field.property);
  if (!field.required && !field.ignoreZero) return check;
  return (faults, value) => {
    if (isFilled(value)) check(faults, value);
    else if (field.required) missing(faults, field.property);
  };
}
