import type { DescMessage } from "@bufbuild/protobuf";
import type { Options } from "./options.js";

/** Paths of the fields marked sensitive, those of nested messages too; a message within itself is not followed again. */
export function sensitivePaths(desc: DescMessage, options: Options, within: readonly DescMessage[] = []): readonly string[] {
  if (within.includes(desc)) return [];
  return desc.fields.flatMap((field) => {
    if (options.flag(field, "org.bus.v1.sensitive")) return [field.name];
    if (field.message === undefined) return [];
    return sensitivePaths(field.message, options, [...within, desc]).map((path) => `${field.name}.${path}`);
  });
}
