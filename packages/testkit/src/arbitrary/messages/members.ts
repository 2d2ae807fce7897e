import type { AnyContract, FieldDescription, MemberDescription, RulePlan, ShapeDescription, ValueDescription } from "@org/bus-core";
import fc from "fast-check";
import { numberOf } from "../rules.js";
import { type ValueContext, values } from "../values/value.js";

/** How the member of a message is made. */
export interface MemberContext extends ValueContext {
  /** Whether a message may be put here without making the whole too large: otherwise it is left out where that is possible. */
  hasRoomFor(contract: AnyContract): boolean;
  /** Those of `items` that have no fault where `holder` makes the property of one. */
  sound<T>(items: fc.Arbitrary<T>, holder: (item: T) => unknown): fc.Arbitrary<T>;
  /** At most so many more items than there must be are made where nothing limits them. */
  readonly spareItems: number;
  /** The member stands in a group of which one at most is set, and is to be set. */
  readonly mustBeSet?: boolean;
}

/** What a property may hold, absence included, made to satisfy the rules as far as that can be done without trying. */
export function memberValues(member: MemberDescription, context: MemberContext): fc.Arbitrary<unknown> {
  const isPlain = context.taste === "plain";
  if (member.kind === "oneof") return oneofValues(member, context);
  const { shape, presence, required, ignoreZero } = member;
  const isDue = required || context.mustBeSet || presence === "required";
  // not even looked at: what is within may hold its like
  if (shape.kind === "single" && !isDue && isTooMuch(shape.value, context)) return fc.constant(undefined);
  const present = shapeValues(shape, context);
  const mayBeAbsent = ignoreZero || (shape.kind === "single" && presence === "explicit");
  return isDue || isPlain || !mayBeAbsent ? present : orAbsent(present);
}

/** A value of the field that is there. */
export const fieldValues = ({ shape }: FieldDescription, context: MemberContext): fc.Arbitrary<unknown> => shapeValues(shape, context);

function oneofValues({ required, fields }: Extract<MemberDescription, { readonly kind: "oneof" }>, context: MemberContext): fc.Arbitrary<unknown> {
  const due = fields.filter((field) => field.required);
  const open = due.length > 0 ? due : fields;
  const fitting = open.filter(({ shape }) => !(shape.kind === "single" && isTooMuch(shape.value, context)));
  const mayBeAbsent = !required && due.length === 0 && !context.mustBeSet;
  const chosen = fitting.length > 0 || mayBeAbsent ? fitting : open;
  if (chosen.length === 0) return fc.constant(undefined);
  const cases = fc.oneof(...chosen.map((field) => fieldValues(field, context).map((value) => ({ case: field.property, value }))));
  return mayBeAbsent && context.taste !== "plain" ? orAbsent(cases) : cases;
}

/** Values of a shape that are there. */
export function shapeValues(shape: ShapeDescription, context: MemberContext): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case "single":
      return values(shape.value, context);
    case "list": {
      const lengths = countsOf(shape.rules ?? [], "minItems", "maxItems", isTooMuch(shape.item, context), context);
      if (lengths.maxLength === 0) return fc.constant([]);
      const items = context.sound(values(shape.item, context), (item) => [item]);
      const isUnique = shape.rules?.some(({ check }) => check === "uniqueItems") ?? false;
      return isUnique ? fc.uniqueArray(items, { ...lengths, selector: identityOf }) : fc.array(items, lengths);
    }
    case "map": {
      const lengths = countsOf(shape.rules ?? [], "minPairs", "maxPairs", isTooMuch(shape.value, context), context);
      if (lengths.maxLength === 0) return fc.constant(new Map());
      const entries = fc.tuple(values(shape.key, context), values(shape.value, context));
      const sound = context.sound(entries, (entry) => new Map([entry]));
      return fc.uniqueArray(sound, { ...lengths, selector: ([key]) => key }).map((pairs) => new Map(pairs));
    }
  }
}

const isTooMuch = ({ type }: ValueDescription, context: MemberContext): boolean => type.kind === "message" && !context.hasRoomFor(type.message);

function countsOf(
  rules: readonly RulePlan[],
  minCheck: string,
  maxCheck: string,
  isEmptyBest: boolean,
  { taste, mustBeSet, spareItems }: MemberContext,
): { readonly minLength: number; readonly maxLength: number } {
  const least = numberOf(rules, minCheck) ?? 0;
  const most = numberOf(rules, maxCheck) ?? Number.POSITIVE_INFINITY;
  if (isEmptyBest && least === 0 && !mustBeSet) return { minLength: 0, maxLength: 0 };
  const minLength = Math.min(most, Math.max(least, taste === "plain" || mustBeSet ? 1 : 0));
  return { minLength, maxLength: Math.max(minLength, Math.min(most, taste === "plain" ? Math.max(2, least) : least + spareItems)) };
}

/** What makes items the same for the rule `repeated.unique`. */
const identityOf = (item: unknown): unknown => (item instanceof Uint8Array ? Buffer.from(item).toString("latin1") : Object.is(item, -0) ? 0 : item);

const orAbsent = (present: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> => fc.option(present, { nil: undefined, freq: 3 });
