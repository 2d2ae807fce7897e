import type { MessageDescription } from "@org/bus-core";
import fc from "fast-check";
import type { Loose } from "./faults.js";

/** Of each group keeps one property, chosen at random, and drops the others; sometimes all, where none is required. */
export function exclusively(messages: fc.Arbitrary<Loose>, description: MessageDescription): fc.Arbitrary<Loose> {
  const { exclusive } = description;
  const choices = fc.tuple(...exclusive.map(({ properties, required }) => fc.nat(properties.length - (required ? 1 : 0))));
  return fc.tuple(messages, choices).map(([message, chosen]) =>
    without(
      message,
      exclusive.flatMap(({ properties }, group) => properties.filter((_, index) => index !== chosen[group])),
      description,
    ),
  );
}

/** The message without these fields, also where one is the case of a oneof. */
export function without(message: Loose, fields: readonly string[], { members }: MessageDescription): Loose {
  const oneofs = new Set(members.filter(({ kind }) => kind === "oneof").map(({ property }) => property));
  return Object.fromEntries(Object.entries(message).filter(([property, value]) => !fields.includes(oneofs.has(property) ? caseOf(value) : property)));
}

const caseOf = (value: unknown): string => (typeof value === "object" && value !== null && "case" in value ? String(value.case) : "");
