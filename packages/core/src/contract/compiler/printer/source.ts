/** Lines of source text; nested arrays are indented by one step. */
export type Source = string | readonly Source[];

/** The text of `source`, indented by two spaces a level. */
export function renderSource(source: readonly Source[], indent = ""): string {
  return source.map((part) => (typeof part === "string" ? (part === "" ? "\n" : `${indent}${part}\n`) : renderSource(part, `${indent}  `))).join("");
}

/** A comment in the form of documentation; nothing where there is none. */
export function docComment(text: string, ...extra: readonly string[]): readonly string[] {
  const lines = [...(text === "" ? [] : text.replaceAll("*/", "* /").split("\n")), ...extra];
  if (lines.length === 0) return [];
  if (lines.length === 1) return [`/** ${lines[0]} */`];
  return ["/**", ...lines.map((line) => (line === "" ? " *" : ` * ${line}`)), " */"];
}

/** A property in an object literal or a type. */
export const propertyKey = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));

/** The reading of a property. */
export const access = (object: string, name: string): string =>
  /^[A-Za-z_$][\w$]*$/.test(name) ? `${object}.${name}` : `${object}[${JSON.stringify(name)}]`;

/** Text as a literal, also where it holds line separators. */
export const quote = (text: string): string => JSON.stringify(text).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
