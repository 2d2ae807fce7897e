import { type DescExtension, type DescFile, type DescMessage, getOption, hasOption, type Message } from "@bufbuild/protobuf";
import { isReflectList, isReflectMessage, type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import type { Declaration } from "./source-location.js";

/** The value of an option: what is set, by the names of the `.proto`. */
export interface OptionMessage {
  readonly typeName: string;
  readonly fields: ReadonlyMap<string, OptionValue>;
  /** Numbers of fields that the option's own declaration, as imported, does not know: extensions of it, or of a newer version. */
  readonly unknown: readonly number[];
}

export type OptionValue = number | bigint | boolean | string | Uint8Array | OptionMessage | readonly OptionValue[];

export type OptionName = "org.bus.v1.topic" | "org.bus.v1.sensitive" | "buf.validate.field" | "buf.validate.message" | "buf.validate.oneof";

/** Reads custom options by the declarations among the files themselves, so that no copy of them is compiled in. */
export class Options {
  readonly #extensions = new Map<string, DescExtension>();

  constructor(files: Iterable<DescFile>) {
    for (const file of files) for (const extension of file.extensions) this.#extensions.set(extension.typeName, extension);
  }

  /** The number of an option, 0 where no file declares it. */
  numberOf(name: OptionName): number {
    return this.#extensions.get(name)?.number ?? 0;
  }

  /** An option that is a message; undefined where it is not set. */
  message(declaration: Declaration, name: OptionName): OptionMessage | undefined {
    const value = this.#read(declaration, name);
    return isOptionMessage(value) ? value : undefined;
  }

  /** An option that is a bool; false where it is not set. */
  flag(declaration: Declaration, name: OptionName): boolean {
    return this.#read(declaration, name) === true;
  }

  #read(declaration: Declaration, name: OptionName): OptionValue | undefined {
    const extension = this.#extensions.get(name);
    // the types of these functions tie an extension to the descriptor that it extends, which a look-up by name cannot
    const option = extension as never;
    if (extension === undefined || !hasOption(declaration as never, option)) return undefined;
    const value: unknown = getOption(declaration as never, option);
    return extension.fieldKind === "message" ? toOptionMessage(reflect(extension.message, value as Message)) : toOptionValue(value);
  }
}

/** The fields of `message`, or of nothing. */
export const optionFields = (message: OptionMessage | undefined): ReadonlyMap<string, OptionValue> => message?.fields ?? new Map();

/** Whether the value of an option is a message. */
export const isOptionMessage = (value: OptionValue | undefined): value is OptionMessage =>
  typeof value === "object" && !(value instanceof Uint8Array) && !Array.isArray(value);

function toOptionMessage(message: ReflectMessage): OptionMessage {
  const fields = new Map<string, OptionValue>();
  for (const field of message.fields) {
    if (message.isSet(field)) fields.set(field.name, toOptionValue(message.get(field)));
  }
  const desc: DescMessage = message.desc;
  return { typeName: desc.typeName, fields, unknown: message.getUnknown()?.map((field) => field.no) ?? [] };
}

function toOptionValue(value: unknown): OptionValue {
  if (isReflectMessage(value)) return toOptionMessage(value);
  if (isReflectList(value)) return Array.from(value, toOptionValue);
  return value as number | bigint | boolean | string | Uint8Array;
}
