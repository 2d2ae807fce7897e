import type { AnyContract } from "@org/bus-core";
import fc from "fast-check";
import { descriptionOf } from "../messages/description-of.js";
import { without } from "../messages/exclusively.js";
import type { Loose } from "../messages/faults.js";
import type { Ancestors, MessageMaker } from "../messages/messages.js";
import { breakMember } from "./break-member.js";
import type { Breakage } from "./breakage.js";

/** The ways to break a message: what its properties hold, which of them are set, and expressions, of which nothing is known here. */
export function breakMessage(maker: MessageMaker, contract: AnyContract, within: Ancestors = []): readonly Breakage<Loose>[] {
  const description = descriptionOf(contract);
  const valid = (): fc.Arbitrary<Loose> => maker.valid(contract, within);
  const ofMembers = description.members.flatMap((member) =>
    breakMember(member, { maker, contract, within, breakNested: breakMessage }).map(({ path, candidates }) => ({
      path,
      candidates: () =>
        fc.tuple(valid(), candidates()).map(([message, value]) => {
          const rivals = description.exclusive
            .filter(({ properties }) => properties.includes(member.property))
            .flatMap(({ properties }) => properties);
          return { ...without(message, rivals, description), [member.property]: value };
        }),
    })),
  );
  const ofGroups = description.exclusive.flatMap(({ properties }) => [
    { path: "", candidates: () => valid().map((message) => without(message, properties, description)) },
    { path: "", candidates: () => allOf(maker, contract, properties, within) },
  ]);
  const ofExpressions = description.expressions ? [{ path: "", candidates: () => maker.candidates(contract, within) }] : [];
  return [...ofMembers, ...ofGroups, ...ofExpressions];
}

/** A message in which all of `properties` are set. */
function allOf(maker: MessageMaker, contract: AnyContract, properties: readonly string[], within: Ancestors): fc.Arbitrary<Loose> {
  const members = descriptionOf(contract).members.filter(({ property }) => properties.includes(property));
  const all = fc.record(Object.fromEntries(members.map((member) => [member.property, maker.member(contract, member, within)])));
  return fc.tuple(maker.valid(contract, within), all).map(([message, set]) => ({ ...message, ...set }));
}
