/** The paths of a field mask in JSON: names in lowerCamelCase, with commas between them. Undefined where a path can be none. */
export function parseFieldMask(text: string): string[] | undefined {
  if (text === "") return [];
  const paths = text.split(",");
  if (paths.some((path) => path === "" || path.includes("_"))) return undefined;
  return paths.map((path) => path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}

/** `paths` in JSON; undefined where one would not come back from there: `fooBar`, `foo__bar`, `foo_3`. */
export function formatFieldMask(paths: readonly string[]): string | undefined {
  if (paths.some((path) => /[A-Z,]|_(?![a-z])/.test(path) || path === "")) return undefined;
  return paths.map((path) => path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())).join(",");
}
