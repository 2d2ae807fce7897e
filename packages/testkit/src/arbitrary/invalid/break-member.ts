import type { AnyContract, FieldDescription, MemberDescription, ShapeDescription, ValueDescription } from "@org/bus-core";
import fc from "fast-check";
import { faultsOfMember } from "../messages/faults.js";
import { fieldValues, type MemberContext, shapeValues } from "../messages/members.js";
import type { Ancestors, MessageMaker } from "../messages/messages.js";
import { satisfying } from "../satisfying.js";
import { breakValue } from "./break-value.js";
import type { Breakage } from "./breakage.js";
import { negate } from "./negate.js";

interface Place {
  readonly maker: MessageMaker;
  readonly contract: AnyContract;
  readonly member: MemberDescription;
  readonly context: MemberContext;
  readonly within: Ancestors;
  /** The ways to break a message within. */
  readonly breakNested: BreakMessage;
}

export type BreakMessage = (maker: MessageMaker, contract: AnyContract, within: Ancestors) => readonly Breakage<unknown>[];

/** The ways to break what a property holds. */
export function breakMember(
  member: MemberDescription,
  { maker, contract, within, breakNested }: Omit<Place, "member" | "context">,
): readonly Breakage<unknown>[] {
  const place = { maker, contract, member, context: maker.context(contract, member, within), within, breakNested };
  const fields = member.kind === "field" ? [member] : member.fields;
  const broken = fields.flatMap((field) =>
    breakShape(field, place).map(({ path, candidates }) => ({
      path: path === "" ? field.property : `${field.property}.${path}`,
      candidates: () => (member.kind === "field" ? candidates() : candidates().map((value) => ({ case: field.property, value }))),
    })),
  );
  const missing = [member, ...fields].some((one) => one.required || (one.kind === "field" && one.presence === "required"));
  return [...broken, ...(missing ? [absent(member)] : [])].map(({ path, candidates }) => ({
    path,
    // one fault, so that the whole message has it alone; an expression may see more than the property
    candidates: () => satisfying(candidates(), (value) => faultsOfMember(contract, member, value).length === 1, unbreakable, maxRejections),
  }));
}

/** A rule that is broken seldomer than this can be broken by chance only. */
const maxRejections = 300;

const unbreakable = (): Error => new RangeError("this rule was not broken alone");

const absent = (member: MemberDescription): Breakage<unknown> => ({
  path: member.kind === "field" ? member.property : (member.fields.find(({ required }) => required)?.property ?? member.property),
  candidates: () => fc.constant(undefined),
});

function breakShape({ shape }: FieldDescription, place: Place): readonly Breakage<unknown>[] {
  switch (shape.kind) {
    case "single":
      return breakSingle(shape.value, place);
    case "list":
      return [
        ...breakCounts(shape, place),
        ...breakSingle(shape.item, place).map(({ path, candidates }) => ({
          path,
          candidates: () => fc.tuple(filled(place), candidates(), fc.nat(8)).map(([items, item, at]) => inserted(items as unknown[], item, at)),
        })),
      ];
    case "map": {
      const entryOf = (key: unknown, value: unknown) => (entries: unknown) => new Map([...(entries as Map<unknown, unknown>), [key, value]]);
      const combine = (keys: () => fc.Arbitrary<unknown>, entries: () => fc.Arbitrary<unknown>) => () =>
        fc.tuple(filled(place), keys(), entries()).map(([map, key, entry]) => entryOf(key, entry)(map));
      const [keys, entries] = [single(shape.key, place), single(shape.value, place)];
      return [
        ...breakCounts(shape, place),
        ...breakSingle(shape.key, place).map(({ path, candidates }) => ({ path, candidates: combine(candidates, entries) })),
        ...breakSingle(shape.value, place).map(({ path, candidates }) => ({ path, candidates: combine(keys, candidates) })),
      ];
    }
  }
}

/** A value, item, key or entry: broken itself, or a message with something broken in it. */
function breakSingle(value: ValueDescription, { maker, contract, context, within, breakNested }: Place): readonly Breakage<unknown>[] {
  const own = breakValue(value, context);
  if (value.type.kind !== "message" || !context.hasRoomFor(value.type.message)) return own;
  return [...own, ...breakNested(maker, value.type.message, [...within, contract.typeName])];
}

/** The rules of a list or map itself: how many there are, and that none is there twice. */
function breakCounts(shape: Exclude<ShapeDescription, { readonly kind: "single" }>, { context }: Place): readonly Breakage<unknown>[] {
  const ofExpressions = shape.expressions ? [{ path: "", candidates: () => shapeValues(shape, context) }] : [];
  const ofRules = (shape.rules ?? []).map((rule) => {
    const others = shape.rules?.filter((other) => other !== rule) ?? [];
    const candidates = (): fc.Arbitrary<unknown> => {
      if (rule.check !== "uniqueItems")
        return fc.oneof(...negate(rule).map((negated) => shapeValues({ ...shape, rules: [negated, ...others] }, context)));
      return shapeValues({ ...shape, rules: others }, { ...context, mustBeSet: true }).map((items) => [
        ...(items as unknown[]),
        (items as unknown[])[0],
      ]);
    };
    return { path: "", candidates };
  });
  return [...ofRules, ...ofExpressions];
}

/** What the property may hold, with something in it where that is possible. */
const filled = ({ maker, contract, member, within }: Place): fc.Arbitrary<unknown> =>
  maker.member(contract, member, within).map((value) => value ?? []);

const single =
  ({ ...value }: ValueDescription, { context }: Place) =>
  (): fc.Arbitrary<unknown> =>
    fieldValues({ kind: "field", property: "", presence: "explicit", shape: { kind: "single", value } }, context);

/** With `item` in place of one, or as the only one. */
function inserted(items: readonly unknown[], item: unknown, at: number): readonly unknown[] {
  if (items.length === 0) return [item];
  return items.with(at % items.length, item);
}
