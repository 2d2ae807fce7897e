import { type AnyContract, BusError, type FieldDescription } from "@org/bus-core";
import type { SinkColumn } from "./column.js";
import { shapeFormat } from "./value-format.js";

type Message = Readonly<Record<string, unknown>>;

/**
 * A column for each field of a contract's message: `placedAt` in `placed_at`. Each case of a oneof has a column of its own, NULL where it is not the one.
 * Lists are arrays where their items are single values; maps and messages are `jsonb`.
 *
 * @throws {BusError} `invalid_options` for a contract that does not describe itself
 */
export function contractColumns(contract: AnyContract): readonly SinkColumn<unknown>[] {
  const description = contract.describe?.();
  if (description === undefined) {
    throw new BusError(
      "invalid_options",
      `contract ${contract.typeName} does not describe itself, generate it again with bus gen or give the columns`,
    );
  }
  return description.members.flatMap((member) => {
    if (member.kind === "field") return [fieldColumn(member, (message) => message[member.property])];
    return member.fields.map((field) =>
      fieldColumn(field, (message) => {
        const chosen = message[member.property] as { readonly case: string; readonly value: unknown } | undefined;
        return chosen?.case === field.property ? chosen.value : undefined;
      }),
    );
  });
}

/** `placedAt` as `placed_at`. */
export const columnName = (property: string): string => property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function fieldColumn(field: FieldDescription, read: (message: Message) => unknown): SinkColumn<unknown> {
  const { type, text } = shapeFormat(field.shape);
  return {
    name: columnName(field.property),
    type,
    text(message) {
      const value = read(message as Message);
      return value === undefined ? null : text(value);
    },
  };
}
