import type { DescEnum, DescFile, DescMessage } from "@bufbuild/protobuf";
import { initName, typeReference, withNested } from "./names.js";
import { fieldsConstant, importAlias, propertiesConstant } from "./printer/scope.js";
import type { Problems } from "./problems.js";

/** Constants that rules need are called so. */
const ruleConstant = /^(?:(?:bytes|bound|pattern|values|rule|evaluators?)\d+|descriptorsOfFile)$/;

/** Types of `file` whose generated name something else in the generated file has: another type, what is made for one, or an import. */
export function refuseSameNames(file: DescFile, problems: Problems): void {
  const messages = file.messages.flatMap(withNested);
  const types = [...file.enums, ...messages.flatMap((message) => message.nestedEnums), ...messages];
  const taken = new Map<string, string>();
  for (const name of withImports(file)) taken.set(importAlias(name), `the import of ${name}`);
  for (const type of types) for (const [name, what] of helpersOf(type)) taken.set(name, `${what} of ${type.typeName}`);
  for (const type of types) {
    const { name } = typeReference(type);
    const other = ruleConstant.test(name) ? "a constant that rules need" : taken.get(name);
    if (other !== undefined) problems.add(type, `${type.typeName} would be called ${name} in TypeScript, as ${other} is; rename one`);
    else taken.set(name, type.typeName);
  }
}

/** What is generated for a type besides itself, by name. */
function helpersOf(type: DescMessage | DescEnum): readonly (readonly [string, string])[] {
  const reference = typeReference(type);
  if (type.kind === "enum") return [[`is${reference.name}`, "the test"]];
  return [
    [initName(reference), "the type to publish"],
    [`check${reference.name}`, "the check"],
    [`write${reference.name}`, "the writer"],
    [`read${reference.name}`, "the reader"],
    [propertiesConstant(reference), "the list of properties"],
    [fieldsConstant(reference), "the table of fields"],
  ];
}

/** Paths of the files that `file` may refer to. */
function withImports(file: DescFile, seen = new Set<string>()): ReadonlySet<string> {
  for (const imported of file.dependencies) {
    if (seen.has(imported.proto.name)) continue;
    seen.add(imported.proto.name);
    withImports(imported, seen);
  }
  return seen;
}
