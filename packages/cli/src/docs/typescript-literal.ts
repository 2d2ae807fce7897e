/** A message as one writes it in TypeScript; properties that are not set are left out. */
export function typescriptLiteral(value: unknown, indent = ""): string {
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Uint8Array) return `Uint8Array.of(${value.join(", ")})`;
  if (value instanceof Map) {
    const entries = [...value].map(([key, entry]) => `[${typescriptLiteral(key)}, ${typescriptLiteral(entry, indent)}]`);
    return `new Map([${entries.join(", ")}])`;
  }
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== "object" || item === null)) return `[${value.map((item) => typescriptLiteral(item)).join(", ")}]`;
    return `[\n${value.map((item) => `${inner}${typescriptLiteral(item, inner)},\n`).join("")}${indent}]`;
  }
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? "-0" : (JSON.stringify(value) ?? "undefined");
  const properties = Object.entries(value).filter(([, property]) => property !== undefined);
  if (properties.every(([, property]) => typeof property !== "object" || property === null) && properties.length < 4) {
    return `{ ${properties.map(([name, property]) => `${key(name)}: ${typescriptLiteral(property)}`).join(", ")} }`;
  }
  return `{\n${properties.map(([name, property]) => `${inner}${key(name)}: ${typescriptLiteral(property, inner)},\n`).join("")}${indent}}`;
}

const key = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));
