import {
  createRegistry,
  type DescEnum,
  type DescExtension,
  type DescFile,
  type DescMessage,
  getExtension,
  getOption,
  hasOption,
  isMessage,
  type Message,
  type Registry,
  toBinary,
} from "@bufbuild/protobuf";
import { isReflectList, isReflectMessage, type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import type { PredefinedValues } from "../cel/evaluate/evaluated-rule.js";
import type { Declaration } from "./source-location.js";

/** The value of an option: what is set, by the names of the `.proto`. */
export interface OptionMessage {
  readonly typeName: string;
  readonly fields: ReadonlyMap<string, OptionValue>;
  /** Extensions that are set: predefined rules. */
  readonly extensions: readonly OptionExtension[];
  /** Numbers of fields that neither the option's own declaration knows, as imported, nor an extension of it. */
  readonly unknown: readonly number[];
  /** The message itself, as bytes. */
  bytes(): Uint8Array;
}

export interface OptionExtension {
  readonly desc: DescExtension;
  readonly value: OptionValue;
}

export type OptionValue = number | bigint | boolean | string | Uint8Array | OptionMessage | readonly OptionValue[];

export type OptionName =
  | "org.bus.v1.topic"
  | "org.bus.v1.sensitive"
  | "buf.validate.field"
  | "buf.validate.message"
  | "buf.validate.oneof"
  | "buf.validate.predefined";

/** Reads custom options by the declarations among the files themselves, so that no copy of them is compiled in. */
export class Options {
  readonly #extensions = new Map<string, DescExtension>();
  readonly #registry: Registry;

  constructor(files: Iterable<DescFile>) {
    this.#registry = createRegistry(...files);
    for (const type of this.#registry) if (type.kind === "extension") this.#extensions.set(type.typeName, type);
  }

  /** A message that one of the files declares. */
  getMessage(typeName: string): DescMessage | undefined {
    return this.#registry.getMessage(typeName);
  }

  getExtension({ rulesType, extension }: PredefinedValues): DescExtension | undefined {
    const desc = this.getMessage(rulesType);
    return desc && this.#registry.getExtensionFor(desc, extension);
  }

  getEnum(typeName: string): DescEnum | undefined {
    return this.#registry.getEnum(typeName);
  }

  /** The number of an option, 0 where no file declares it. */
  numberOf(name: OptionName): number {
    return this.#extensions.get(name)?.number ?? 0;
  }

  /** An option that is a message; undefined where it is not set. */
  message(declaration: Declaration | DescExtension, name: OptionName): OptionMessage | undefined {
    const value = this.#read(declaration, name);
    return isOptionMessage(value) ? value : undefined;
  }

  /** An option that is a bool; false where it is not set. */
  flag(declaration: Declaration, name: OptionName): boolean {
    return this.#read(declaration, name) === true;
  }

  #read(declaration: Declaration | DescExtension, name: OptionName): OptionValue | undefined {
    const extension = this.#extensions.get(name);
    // the types of these functions tie an extension to the descriptor that it extends, which a look-up by name cannot
    const option = extension as never;
    if (extension === undefined || !hasOption(declaration as never, option)) return undefined;
    const value: unknown = getOption(declaration as never, option);
    return this.#toOptionValue(extension.fieldKind === "message" ? reflect(extension.message, value as Message) : value);
  }

  #toOptionMessage(message: ReflectMessage): OptionMessage {
    const { desc } = message;
    const fields = new Map<string, OptionValue>();
    for (const field of message.fields) {
      if (message.isSet(field)) fields.set(field.name, this.#toOptionValue(message.get(field)));
    }
    const numbers = [...new Set(message.getUnknown()?.map((field) => field.no))];
    const extensions = numbers.flatMap((number) => this.#registry.getExtensionFor(desc, number) ?? []);
    return {
      typeName: desc.typeName,
      fields,
      extensions: extensions.map((extension) => ({ desc: extension, value: this.#toOptionValue(extensionValue(message, extension)) })),
      unknown: numbers.filter((number) => !extensions.some((extension) => extension.number === number)),
      bytes: () => toBinary(desc, message.message),
    };
  }

  #toOptionValue(value: unknown): OptionValue {
    if (isReflectMessage(value)) return this.#toOptionMessage(value);
    if (isReflectList(value) || Array.isArray(value)) return Array.from(value, (item) => this.#toOptionValue(item));
    return value as number | bigint | boolean | string | Uint8Array;
  }
}

/** What an extension is set to, in the form in which fields are read by reflection. */
function extensionValue({ message }: ReflectMessage, extension: DescExtension): unknown {
  // as above, the type of an extension that is looked up is not known
  const value: unknown = getExtension(message as never, extension as never);
  const { message: ofMessage } = extension;
  if (ofMessage === undefined) return value;
  // a wrapper that stands alone is its value
  const wrap = (one: unknown): unknown => (isMessage(one) ? reflect(ofMessage, one) : one);
  return Array.isArray(value) ? value.map(wrap) : wrap(value);
}

/** The fields of `message`, or of nothing. */
export const optionFields = (message: OptionMessage | undefined): ReadonlyMap<string, OptionValue> => message?.fields ?? new Map();

/** Whether the value of an option is a message. */
export const isOptionMessage = (value: OptionValue | undefined): value is OptionMessage =>
  typeof value === "object" && !(value instanceof Uint8Array) && !Array.isArray(value);
