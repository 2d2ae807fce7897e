import type { AnyContract, MemberDescription, Violation } from "@org/bus-core";

/** A message, with properties of which nothing is known. */
export type Loose = Readonly<Record<string, unknown>>;

/** The first name of a path: `items` of `items[2].price`. */
export const rootOf = (path: string): string => /^[^.[]*/.exec(path)?.[0] ?? "";

/** The names under which violations of a member are reported: of a oneof those of its fields, too. */
export function namesOf(member: MemberDescription): readonly string[] {
  return member.kind === "field" ? [member.property] : [member.property, ...member.fields.map(({ property }) => property)];
}

/** What the contract finds wrong with a value of `member`, in a message that has nothing else. */
export function faultsOfMember(contract: AnyContract, member: MemberDescription, value: unknown): readonly Violation[] {
  const names = namesOf(member);
  return contract.validate({ [member.property]: value }).filter(({ path }) => names.includes(rootOf(path)));
}

/** `a breaks string.len (must be 3 characters, is 2)`, for an error. */
export const describeFaults = (violations: readonly Violation[]): string =>
  violations.map(({ path, rule, message }) => `${path === "" ? "the message" : path} breaks ${rule} (${message})`).join(", ");
